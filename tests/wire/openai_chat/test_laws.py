"""The laws of every wire, for this one."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.types.chat import ChatReply, ChatRequest, Finish
from quorate.types.target import Quirks
from quorate.types.value import replace
from quorate.wire.openai_chat import OPENAI_CHAT
from tests.wire.laws import (
    any_chunking,
    nothing_is_silent,
    reply_returns,
    request_returns,
    stream_is_whole,
    usage_adds_up,
)
from tests.wire.openai_chat.given import FULL, call, target
from tests.wire.values import Carries, replies, requests

CARRIES = Carries(
    protocol="openai_chat",
    media=("image/png", "audio/wav", "application/pdf", "video/mp4"),
    media_names=True,
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
        "top_logprobs",
        "n",
        "user",
        "service_tier",
    ),
    efforts=("none", "minimal", "low", "medium", "high", "xhigh"),
    strict_tools=True,
    cache_marks=True,
    result_media=True,
    result_names=True,
    names=True,
    request_reasoning=True,
    refusals=True,
    citations=True,
    logprobs=True,
    finishes=("stop", "length", "blocked", "error"),
    usage=(
        "input",
        "cache_read",
        "cache_write",
        "cache_write_1h",
        "input_audio",
        "input_image",
        "output",
        "reasoning",
        "output_audio",
        "output_image",
        "searches",
    ),
)

BUDGETS = replace(CARRIES, efforts=(), budgets=True)

POOR = Quirks(
    drop=frozenset(("seed", "user", "parallel_tool_calls")),
    clamp={"temperature": (0.25, 0.5)},
    rename={"max_tokens": "max_completion_tokens"},
    reasoning="none",
    schema="prompt",
    json_mode=False,
    system_role="user",
    media={"audio": "none", "file": "none"},
)
"""A target that can do little. That a form is asked for in the prompt is told of the form: see the settings."""

USAGE_WANTED = call(stream_options={"include_usage": True})


def _told(reply: ChatReply) -> ChatReply:
    """A refusal that ends by itself is told by the protocol as a refusal."""
    declined = bool(reply.refusal) and not reply.text and reply.finish.reason == "stop"
    return replace(reply, finish=Finish(reason="refusal")) if declined else reply


REPLIES = replies(CARRIES).map(_told)


@settings(max_examples=60)
@given(requests(CARRIES), st.booleans())
def test_a_written_request_is_read_back_equal(request: ChatRequest, stream: bool):
    request_returns(OPENAI_CHAT, request, target(FULL), stream=stream)


@settings(max_examples=30)
@given(requests(BUDGETS))
def test_a_budget_of_thoughts_is_read_back_equal_in_the_dialect_that_has_one(request: ChatRequest):
    request_returns(OPENAI_CHAT, request, target(replace(FULL, reasoning="object")))


@settings(max_examples=60)
@given(REPLIES)
def test_a_written_reply_is_read_back_equal(reply: ChatReply):
    reply_returns(OPENAI_CHAT, reply, call())


@settings(max_examples=60)
@given(REPLIES)
def test_a_stream_is_its_whole_reply(reply: ChatReply):
    stream_is_whole(OPENAI_CHAT, reply, USAGE_WANTED, "sse")


@settings(max_examples=40)
@given(REPLIES, st.lists(st.integers(0, 10_000), max_size=6))
def test_a_stream_may_be_cut_anywhere(reply: ChatReply, cuts: list[int]):
    stream = stream_is_whole(OPENAI_CHAT, reply, USAGE_WANTED, "sse")
    any_chunking(OPENAI_CHAT, stream, cuts, "sse")


@settings(max_examples=40)
@given(requests(CARRIES))
def test_nothing_is_dropped_in_silence(request: ChatRequest):
    nothing_is_silent(OPENAI_CHAT, request, target(Quirks()))


@settings(max_examples=40)
@given(requests(replace(CARRIES, json_mode=False, json_schema=False)))
def test_a_poor_target_drops_nothing_in_silence(request: ChatRequest):
    nothing_is_silent(OPENAI_CHAT, request, target(POOR))


@settings(max_examples=60)
@given(REPLIES)
def test_usage_adds_up_after_a_round_trip(reply: ChatReply):
    assert OPENAI_CHAT.front is not None
    answer = OPENAI_CHAT.front.write_reply(reply, call())
    usage = OPENAI_CHAT.codec.read_reply(answer).usage
    usage_adds_up(usage, reply.usage.input_total, reply.usage.output_total)
