"""A replay of one small exchange: what it shows when all is well, and that it shows when something is lost."""

from __future__ import annotations

import json
from typing import Any

from quorate.types.chat import ChatReply, ChatRequest
from quorate.types.target import Target
from quorate.types.value import replace
from quorate.wire.seam import Wire, WireAnswer, WireRequest
from quorate.wire.wires import WIRES

from .exchange import Exchange
from .replay import Replay, replay
from .sorting import kind_of

OPENAI = WIRES["openai_chat"]
REPLY = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1,
    "model": "any",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi ä"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
}
CHUNK = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "any"}
STREAM = b"".join(
    b"data: " + json.dumps(CHUNK | piece).encode() + b"\n\n"
    for piece in (
        {"choices": [{"index": 0, "delta": {"role": "assistant", "content": "Hi "}}]},
        {"choices": [{"index": 0, "delta": {"content": "ä"}}]},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {"choices": [], "usage": REPLY["usage"]},
    )
)


def exchange(body: bytes, status: int = 200, **asked: Any) -> Exchange:
    question = {"model": "any", "messages": [{"role": "user", "content": "Hello"}], "seldom": {"a": 1}}
    return Exchange(
        file="somebody/someone/a.yaml",
        provider="someone",
        method="POST",
        url="https://api.example.com/v1/chat/completions",
        request=json.dumps(question | asked).encode(),
        status=status,
        body=body,
    )


def replayed(recorded: Exchange, wire: Wire = OPENAI) -> Replay:
    return replay(wire, recorded, kind_of(recorded))


class Forgetful:
    """A codec that loses what protocols do not share, and the last word of a reply."""

    def __getattr__(self, name: str) -> Any:
        return getattr(OPENAI.codec, name)

    def write_request(self, request: ChatRequest, target: Target, *, stream: bool) -> WireRequest:
        return OPENAI.codec.write_request(replace(request, vendor={}), target, stream=stream)

    def read_reply(self, answer: WireAnswer) -> ChatReply:
        reply = OPENAI.codec.read_reply(answer)
        return replace(reply, id=reply.id + "?")


def test_a_reply_is_read_and_both_trips_come_back():
    done = replayed(exchange(json.dumps(REPLY).encode()))

    assert done.verdict.answers is not None
    assert (done.verdict.answers[0].text, done.verdict.answers[0].finish) == ("Hi ä", "stop")
    assert (done.crash, done.chunking, done.request_trip, done.reply_trip) == ("", None, "", "")


def test_a_stream_is_read_the_same_however_it_is_cut():
    done = replayed(exchange(STREAM + b"data: [DONE]\n\n", stream=True))

    assert done.verdict.answers is not None
    assert done.verdict.answers[0].text == "Hi ä"
    assert (done.crash, done.chunking, done.request_trip, done.reply_trip) == ("", "", "", "")


def test_an_error_is_read_and_its_request_left_alone():
    done = replayed(exchange(b'{"error": {"message": "Slow down."}}', status=429))

    assert done.verdict.failure is not None
    assert (done.verdict.failure.kind, done.verdict.failure.words) == ("UpstreamBusy", ("Slow down.",))
    assert done.request_trip is None


def test_a_structured_request_is_known():
    assert replayed(exchange(b"", response_format={"type": "json_object"})).is_structured
    assert not replayed(exchange(b"")).is_structured


def test_what_is_lost_on_a_trip_is_told():
    forgetful = replace(OPENAI, codec=Forgetful())

    done = replayed(exchange(json.dumps(REPLY).encode()), forgetful)

    assert done.request_trip == ".seldom: {'a': 1} -> absent"
    assert done.reply_trip == ".id: 'chatcmpl-1?' -> 'chatcmpl-1??'"


def test_a_crash_is_a_result():
    done = replayed(exchange(json.dumps(REPLY).encode()), replace(OPENAI, codec=object()))

    assert done.crash.startswith("crash: AttributeError")
