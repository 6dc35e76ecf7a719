"""Ollama's protocol keeps the laws of every wire (DESIGN §2)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.types.chat import ChatReply, ChatRequest, Finish, Message
from quorate.types.parts import Media, Text, TokenLogprob, ToolResult
from quorate.types.target import Target
from quorate.types.usage import Usage
from quorate.types.value import replace
from quorate.wire.ollama import OLLAMA
from quorate.wire.seam import Call
from tests.wire.laws import (
    any_chunking,
    nothing_is_silent,
    reply_returns,
    request_returns,
    stream_is_whole,
)
from tests.wire.values import Carries, replies, requests

TARGET = Target(provider="local", model="llama3.2", wire="ollama", base_url="http://localhost:11434")
CHAT = Call(path="/api/chat", body=b'{"model":"llama3.2"}')
GENERATE = Call(path="/api/generate", body=b'{"model":"llama3.2"}')
PNG = b"\x89PNG\r\n\x1a\n"
FINISH = Finish(reason="stop")
USAGE = Usage(input=3, output=1)

CARRIES = Carries(
    protocol="ollama",
    media_urls=False,
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
    ),
    efforts=("low", "medium", "high"),
    tool_choices=(),
    parallel_tools=False,
    result_media=True,
    result_names=True,
    text_parts=1,
    request_reasoning=True,
    logprobs=True,
)
MORE = replace(
    CARRIES,
    media=("image/png", "audio/wav", "application/pdf", "text/plain"),
    media_urls=True,
    media_names=True,
    settings=(*CARRIES.settings, "n", "user", "service_tier"),
    budgets=True,
    tool_choices=("none", "required", "named"),
    strict_tools=True,
    cache_marks=True,
    failed_results=True,
    names=True,
)


def sniffable(part: Any) -> Any:
    """The protocol sends pictures without their type, so the bytes must tell it."""
    match part:
        case Media(kind="image", data=data) if data:
            return replace(part, data=PNG + data)
        case ToolResult(content=content):
            return replace(part, content=tuple(sniffable(each) for each in content))
        case _:
            return part


def with_real_pictures(request: ChatRequest) -> ChatRequest:
    messages: list[Message] = [
        replace(message, parts=tuple(sniffable(part) for part in message.parts))
        for message in request.messages
    ]
    return replace(request, messages=tuple(messages))


def without_id(reply: ChatReply) -> ChatReply:
    """The protocol names no replies."""
    return replace(reply, id="")


@given(requests(CARRIES).map(with_real_pictures), st.booleans())
def test_what_the_codec_writes_the_front_reads_back_equal(request: ChatRequest, stream: bool):
    request_returns(OLLAMA, request, TARGET, stream=stream)


@given(replies(CARRIES).map(without_id))
def test_what_the_front_writes_the_codec_reads_back_equal(reply: ChatReply):
    reply_returns(OLLAMA, reply, CHAT)


@given(replies(CARRIES).map(without_id), st.lists(st.integers(0, 5000), max_size=6))
def test_a_stream_assembles_to_the_whole_reply_however_it_is_cut(reply: ChatReply, cuts: list[int]):
    stream = stream_is_whole(OLLAMA, reply, CHAT, "ndjson")

    any_chunking(OLLAMA, stream, cuts, "ndjson")


@given(replies(CARRIES).map(without_id))
def test_generate_carries_the_same_replies(reply: ChatReply):
    reply_returns(OLLAMA, reply, GENERATE)
    stream_is_whole(OLLAMA, reply, GENERATE, "ndjson")


@given(requests(MORE).map(with_real_pictures))
def test_no_setting_is_lost_in_silence(request: ChatRequest):
    nothing_is_silent(OLLAMA, request, TARGET)


@pytest.mark.parametrize("call", [CHAT, GENERATE], ids=["chat", "generate"])
def test_logprobs_with_alternatives_and_bytes_come_back(call: Call):
    likely = TokenLogprob(token="h", logprob=-0.5, vendor={"ollama": {"bytes": [104]}})
    text = Text(text="h", logprobs=(replace(likely, top=(likely,)),))
    reply = ChatReply(
        id="", model="m", message=Message(role="assistant", parts=(text,)), finish=FINISH, usage=USAGE
    )

    reply_returns(OLLAMA, reply, call)
    stream_is_whole(OLLAMA, reply, call, "ndjson")
