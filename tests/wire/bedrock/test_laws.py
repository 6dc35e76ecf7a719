"""The laws over generated requests and replies, within what the protocol can carry."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from quorate.types.chat import ChatReply, ChatRequest
from quorate.types.value import replace
from quorate.wire.seam import Call
from tests.wire import laws
from tests.wire.values import Carries, replies, requests

from .making import WIRE, target, without_id

PLAIN = Carries(
    protocol="bedrock",
    media=("image/png", "video/mp4", "audio/wav"),
    media_urls=False,
    settings=("max_output", "temperature", "top_p", "top_k", "stop", "service_tier"),
    tool_choices=("auto", "required", "named"),
    parallel_tools=False,
    strict_tools=True,
    json_mode=False,
    cache_marks=True,
    failed_results=True,
    result_media=True,
    request_reasoning=True,
    signatures=True,
    signed_by_vendor=True,
    citations=True,
    finishes=("stop", "length", "refusal", "blocked"),
    usage=("input", "output", "cache_read", "cache_write", "cache_write_1h"),
)
THINKING = Carries(
    protocol="bedrock",
    media_urls=False,
    settings=("stop",),
    efforts=("low", "medium", "high", "xhigh", "max"),
    budgets=True,
    tool_choices=("auto",),
    parallel_tools=False,
    json_mode=False,
)
EVERYTHING = Carries(
    protocol="bedrock",
    media=("image/png", "audio/wav", "video/mp4", "text/csv"),
    settings=(
        "max_output",
        "temperature",
        "top_p",
        "top_k",
        "stop",
        "seed",
        "presence_penalty",
        "frequency_penalty",
        "top_logprobs",
        "logprobs",
        "n",
        "user",
        "service_tier",
    ),
    efforts=("minimal", "high"),
    budgets=True,
    tool_choices=("auto", "none", "required", "named"),
    parallel_tools=False,
    json_mode=False,
    names=True,
    request_reasoning=True,
)
CALL = Call(path="/model/m/converse")
STREAM = Call(path="/model/m/converse-stream")


@given(requests(PLAIN), st.booleans())
def test_a_request_comes_back_equal(asked: ChatRequest, stream: bool) -> None:
    laws.request_returns(WIRE, asked, target(model="any"), stream=stream)


@given(requests(THINKING))
def test_a_request_to_think_comes_back_equal(asked: ChatRequest) -> None:
    laws.request_returns(WIRE, asked, target(model="any"))


@given(requests(EVERYTHING))
def test_no_setting_is_lost_in_silence(asked: ChatRequest) -> None:
    laws.nothing_is_silent(WIRE, asked, target(model="any"))


def told(reply: ChatReply) -> ChatReply:
    """The protocol tells no model, and of what it wrote citations bear its mark."""
    parts = tuple(
        replace(part, vendor={"bedrock": {}}) if part.__class__.__name__ == "Citation" else part
        for part in reply.message.parts
    )
    return replace(reply, model="", message=replace(reply.message, parts=parts))


@given(replies(PLAIN).map(told))
def test_a_reply_comes_back_equal(reply: ChatReply) -> None:
    laws.reply_returns(WIRE, reply, CALL)


@given(replies(PLAIN).map(told).map(without_id), st.lists(st.integers(0, 10_000), max_size=8))
def test_a_stream_is_the_whole_however_it_is_cut(reply: ChatReply, cuts: list[int]) -> None:
    stream = laws.stream_is_whole(WIRE, reply, STREAM, "event_stream")
    laws.any_chunking(WIRE, stream, cuts, "event_stream")


@given(replies(PLAIN).map(told))
def test_the_counts_add_up(reply: ChatReply) -> None:
    assert WIRE.front is not None
    returned = WIRE.codec.read_reply(WIRE.front.write_reply(reply, CALL))
    laws.usage_adds_up(returned.usage, reply.usage.input_total, reply.usage.output_total)
