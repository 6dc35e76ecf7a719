"""What these tests write requests and read answers with."""

from __future__ import annotations

import json
from typing import Any

from quorate.types.chat import ChatReply, ChatRequest, Message
from quorate.types.events import Event, assemble
from quorate.types.parts import Part, Text
from quorate.types.target import Quirks, Target
from quorate.types.value import replace
from quorate.wire.framing import write_sse
from quorate.wire.gemini import GEMINI
from quorate.wire.seam import Call, WireAnswer, WireRequest
from tests.wire.laws import answer_of, read_stream

TARGET = Target(
    provider="google",
    model="gemini-2.5-flash",
    wire="gemini",
    base_url="https://generativelanguage.googleapis.com/v1beta",
)
PATH = "/v1beta/models/gemini-2.5-flash:generateContent"
STREAM_PATH = "/v1beta/models/gemini-2.5-flash:streamGenerateContent"
WHOLE = Call(path=PATH)
SSE = Call(path=STREAM_PATH, query={"alt": "sse"})
LIST = Call(path=STREAM_PATH)


def user(*parts: Part | str) -> Message:
    return Message(
        role="user", parts=tuple(Text(text=part) if isinstance(part, str) else part for part in parts)
    )


def ask(*messages: Message, **settings: Any) -> ChatRequest:
    return ChatRequest(model="asked", messages=messages or (user("Hi"),), **settings)


def written(request: ChatRequest, *, stream: bool = False, **quirks: Any) -> WireRequest:
    return GEMINI.codec.write_request(request, replace(TARGET, quirks=Quirks(**quirks)), stream=stream)


def body_of(request: ChatRequest, **quirks: Any) -> dict[str, Any]:
    return json.loads(written(request, **quirks).body)


def departures(request: ChatRequest, **quirks: Any) -> list[tuple[str, str]]:
    return [(each.setting, each.kind) for each in written(request, **quirks).fidelity]


def asked(body: Any, path: str = PATH) -> ChatRequest:
    assert GEMINI.front is not None
    return GEMINI.front.read_request(Call(path=path, body=json.dumps(body).encode()))


def candidate(*parts: Any, finish: Any = "STOP", **more: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {"content": {"parts": list(parts), "role": "model"}, "index": 0}
    return fields | ({"finishReason": finish} if finish else {}) | more


def answered(*candidates: Any, **more: Any) -> dict[str, Any]:
    return {"candidates": list(candidates), "modelVersion": "gemini-2.5-flash", "responseId": "r1"} | more


def read(body: Any) -> ChatReply:
    return GEMINI.codec.read_reply(answer_of(json.dumps(body).encode()))


def events_in(*pieces: Any) -> list[Event]:
    stream = b"".join(write_sse(json.dumps(piece).encode()) for piece in pieces)
    return read_stream(GEMINI, [stream], "sse")


def streamed(*pieces: Any) -> ChatReply:
    return assemble(events_in(*pieces))


def reply_body(reply: ChatReply) -> dict[str, Any]:
    assert GEMINI.front is not None
    answer: WireAnswer = GEMINI.front.write_reply(reply, WHOLE)
    return json.loads(answer.body)
