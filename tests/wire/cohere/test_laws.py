"""Cohere's protocol keeps the laws of every wire (DESIGN §2); the simulator's side is the mirror."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from quorate.sim.cohere import SIMULATED_COHERE
from quorate.types.chat import ChatReply, ChatRequest
from quorate.types.parts import Citation, Part
from quorate.types.value import replace
from quorate.wire.cohere.citations import read_citation, write_citations
from quorate.wire.seam import Call
from tests.wire.laws import (
    any_chunking,
    nothing_is_silent,
    reply_returns,
    request_returns,
    stream_is_whole,
)
from tests.wire.values import Carries, replies, requests

from .making import target

CHAT = Call(path="/v2/chat", body=b'{"model":"command-a"}')
CARRIES = Carries(
    protocol="cohere",
    settings=(
        "max_output",
        "temperature",
        "top_p",
        "top_k",
        "stop",
        "seed",
        "presence_penalty",
        "frequency_penalty",
        "logprobs",
    ),
    budgets=True,
    tool_choices=("none", "required"),
    parallel_tools=False,
    request_reasoning=True,
    citations=True,
    logprobs=True,
    finishes=("stop", "length", "blocked", "error"),
    usage=("input", "output", "reasoning"),
)
MORE = replace(
    CARRIES,
    media=("image/png", "audio/wav", "application/pdf", "text/plain"),
    media_names=True,
    settings=(*CARRIES.settings, "top_logprobs", "n", "user", "service_tier"),
    efforts=("minimal", "low", "high"),
    tool_choices=("none", "required", "named"),
    json_mode=False,
    json_schema=False,
    strict_tools=True,
    cache_marks=True,
    failed_results=True,
    result_media=True,
    names=True,
)


def sayable(request: ChatRequest) -> ChatRequest:
    """No form is held beside tools."""
    return replace(request, output=None) if request.tools else request


def told(part: Part) -> Any:
    """A citation as one of this protocol: with its source."""
    return read_citation(write_citations([part])[0])[0] if isinstance(part, Citation) else part


def nameless(reply: ChatReply) -> ChatReply:
    """Cohere's answers do not name their model."""
    parts = tuple(told(part) for part in reply.message.parts)
    return replace(reply, model="", message=replace(reply.message, parts=parts))


cuts = st.lists(st.integers(0, 5000), max_size=3)


@given(requests(CARRIES).map(sayable), st.booleans())
def test_a_request_comes_back_as_it_was(request: ChatRequest, stream: bool):
    request_returns(SIMULATED_COHERE, request, target(), stream=stream)


@given(requests(MORE))
def test_no_setting_is_lost_in_silence(request: ChatRequest):
    nothing_is_silent(SIMULATED_COHERE, request, target())


@given(replies(CARRIES).map(nameless))
def test_a_reply_comes_back_as_it_was(reply: ChatReply):
    reply_returns(SIMULATED_COHERE, reply, CHAT)


@given(replies(CARRIES).map(nameless), cuts)
def test_a_stream_is_the_whole_reply_however_it_is_cut(reply: ChatReply, places: list[int]):
    stream = stream_is_whole(SIMULATED_COHERE, reply, CHAT, "sse")

    any_chunking(SIMULATED_COHERE, stream, places, "sse")
