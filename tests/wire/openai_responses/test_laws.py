"""The laws of every wire, for this one."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.types.chat import ChatReply, ChatRequest, Finish
from quorate.types.target import Quirks
from quorate.types.value import replace
from tests.wire.laws import (
    any_chunking,
    nothing_is_silent,
    reply_returns,
    request_returns,
    stream_is_whole,
    usage_adds_up,
)
from tests.wire.openai_responses.given import NAME, WIRE, call, target
from tests.wire.values import Carries, replies, requests

CARRIES = Carries(
    protocol=NAME,
    media=("image/png", "audio/wav", "application/pdf"),
    media_names=True,
    settings=(
        "max_output",
        "temperature",
        "top_p",
        "logprobs",
        "top_logprobs",
        "user",
        "service_tier",
    ),
    efforts=("none", "minimal", "low", "medium", "high", "xhigh"),
    strict_tools=True,
    result_media=True,
    request_reasoning=True,
    signatures=True,
    signed_by_vendor=True,
    refusals=True,
    citations=True,
    logprobs=True,
    finishes=("stop", "length", "blocked"),
    usage=(
        "input",
        "cache_read",
        "cache_write",
        "input_audio",
        "input_image",
        "output",
        "reasoning",
        "output_audio",
        "output_image",
        "searches",
    ),
)

EVERYTHING = replace(
    CARRIES,
    settings=(*CARRIES.settings, "top_k", "stop", "seed", "presence_penalty", "frequency_penalty", "n"),
    budgets=True,
    cache_marks=True,
    names=True,
    failed_results=True,
)
"""More than the protocol has words for."""

POOR = Quirks(
    drop=frozenset(("user", "parallel_tool_calls", "logprobs")),
    clamp={"temperature": (0.25, 0.5)},
    reasoning="none",
    schema="prompt",
    json_mode=False,
    system_role="user",
    media={"audio": "none", "file": "none"},
)
"""A target that can do little."""


def _told(reply: ChatReply) -> ChatReply:
    """A refusal that ends by itself is told by the protocol as a refusal."""
    declined = bool(reply.refusal) and not reply.text and reply.finish.reason == "stop"
    return replace(reply, finish=Finish(reason="refusal")) if declined else reply


REPLIES = replies(CARRIES).map(_told)


@settings(max_examples=60)
@given(requests(CARRIES), st.booleans())
def test_a_written_request_is_read_back_equal(request: ChatRequest, stream: bool):
    request_returns(WIRE, request, target(), stream=stream)


@settings(max_examples=60)
@given(REPLIES)
def test_a_written_reply_is_read_back_equal(reply: ChatReply):
    reply_returns(WIRE, reply, call())


@settings(max_examples=60)
@given(REPLIES)
def test_a_stream_is_its_whole_reply(reply: ChatReply):
    stream_is_whole(WIRE, reply, call(stream=True), "sse")


@settings(max_examples=40)
@given(REPLIES, st.lists(st.integers(0, 10_000), max_size=6))
def test_a_stream_may_be_cut_anywhere(reply: ChatReply, cuts: list[int]):
    stream = stream_is_whole(WIRE, reply, call(stream=True), "sse")
    any_chunking(WIRE, stream, cuts, "sse")


@settings(max_examples=60)
@given(requests(EVERYTHING))
def test_nothing_is_dropped_in_silence(request: ChatRequest):
    nothing_is_silent(WIRE, request, target(Quirks()))


@settings(max_examples=40)
@given(requests(replace(EVERYTHING, json_mode=False, json_schema=False)))
def test_a_poor_target_drops_nothing_in_silence(request: ChatRequest):
    nothing_is_silent(WIRE, request, target(POOR))


@settings(max_examples=60)
@given(REPLIES)
def test_usage_adds_up_after_a_round_trip(reply: ChatReply):
    assert WIRE.front is not None
    answer = WIRE.front.write_reply(reply, call())
    usage = WIRE.codec.read_reply(answer).usage
    usage_adds_up(usage, reply.usage.input_total, reply.usage.output_total)
