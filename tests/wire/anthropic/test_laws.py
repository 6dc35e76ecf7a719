"""The laws over generated requests and replies, within what the protocol can carry."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from quorate.types.chat import ChatReply, ChatRequest
from quorate.types.value import replace
from quorate.wire.anthropic import ANTHROPIC
from quorate.wire.seam import Call
from tests.wire import laws
from tests.wire.anthropic.making import target
from tests.wire.values import Carries, replies, requests

PLAIN = Carries(
    protocol="anthropic",
    media=("image/png", "application/pdf"),
    media_names=True,
    settings=("temperature", "top_p", "top_k", "stop", "user"),
    tool_choices=("required", "named"),
    strict_tools=True,
    json_mode=False,
    cache_marks=True,
    failed_results=True,
    result_media=True,
    request_reasoning=True,
    signatures=True,
    signed_by_vendor=True,
    citations=True,
    finishes=("stop", "length", "refusal", "paused"),
    usage=("input", "output", "reasoning", "cache_read", "cache_write", "cache_write_1h", "searches"),
)
THINKING = Carries(
    protocol="anthropic",
    settings=("stop",),
    efforts=("low", "medium", "high", "xhigh", "max"),
    budgets=True,
    tool_choices=("auto", "none"),
    parallel_tools=False,
    json_mode=False,
)
EVERYTHING = Carries(
    protocol="anthropic",
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
CALL = Call(path="/v1/messages")


def limited(asked: ChatRequest) -> ChatRequest:
    """The protocol demands a limit; this one leaves room for every budget."""
    return replace(asked, max_output=asked.max_output or 9000)


@given(requests(PLAIN).map(limited), st.booleans())
def test_a_request_comes_back_equal(asked: ChatRequest, stream: bool) -> None:
    laws.request_returns(ANTHROPIC, asked, target(), stream=stream)


@given(requests(THINKING).map(limited))
def test_a_request_to_think_comes_back_equal(asked: ChatRequest) -> None:
    laws.request_returns(ANTHROPIC, asked, target())


@given(requests(EVERYTHING).map(limited))
def test_no_setting_is_lost_in_silence(asked: ChatRequest) -> None:
    laws.nothing_is_silent(ANTHROPIC, asked, target())


@given(replies(PLAIN))
def test_a_reply_comes_back_equal(reply: ChatReply) -> None:
    laws.reply_returns(ANTHROPIC, reply, CALL)


@given(replies(PLAIN), st.lists(st.integers(0, 10_000), max_size=8))
def test_a_stream_is_the_whole_however_it_is_cut(reply: ChatReply, cuts: list[int]) -> None:
    stream = laws.stream_is_whole(ANTHROPIC, reply, CALL, "sse")
    laws.any_chunking(ANTHROPIC, stream, cuts, "sse")


@given(replies(PLAIN))
def test_the_counts_add_up(reply: ChatReply) -> None:
    assert ANTHROPIC.front is not None
    returned = ANTHROPIC.codec.read_reply(ANTHROPIC.front.write_reply(reply, CALL))
    laws.usage_adds_up(returned.usage, reply.usage.input_total, reply.usage.output_total)
