"""Targets, calls and bodies that the tests of this wire begin with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from quorate.types.chat import ChatReply, ChatRequest, Message
from quorate.types.events import Event, assemble
from quorate.types.parts import Part, Text
from quorate.types.target import Quirks, Target
from quorate.wire.openai_chat import OPENAI_CHAT
from quorate.wire.seam import Call, WireAnswer, WireRequest
from tests.wire.laws import read_stream

FULL = Quirks(
    developer_role=True,
    cache_marks=True,
    custom_tools=True,
    tool_media=True,
    replay_reasoning="reasoning_content",
)
"""A target that takes all that the protocol and its dialects have."""


def target(quirks: Quirks | None = None, model: str = "some-model") -> Target:
    return Target(
        provider="somewhere",
        model=model,
        wire="openai_chat",
        base_url="http://127.0.0.1:9/v1",
        quirks=quirks or Quirks(),
    )


def ask(*parts: Part, role: Any = "user", **settings: Any) -> ChatRequest:
    """A request with one turn."""
    return ChatRequest(
        model="any", messages=(Message(role=role, parts=parts or (Text(text="hi"),)),), **settings
    )


def written(request: ChatRequest, quirks: Quirks | None = None, *, stream: bool = False) -> WireRequest:
    return OPENAI_CHAT.codec.write_request(request, target(quirks), stream=stream)


def body_of(request: ChatRequest, quirks: Quirks | None = None, *, stream: bool = False) -> dict[str, Any]:
    return json.loads(written(request, quirks, stream=stream).body)


def departures(request: ChatRequest, quirks: Quirks | None = None) -> list[tuple[str, str]]:
    return [(each.setting, each.kind) for each in written(request, quirks).fidelity]


def call(body: dict[str, Any] | None = None, **fields: Any) -> Call:
    """A client's call of the chat route."""
    whole = {"model": "any", "messages": [{"role": "user", "content": "hi"}]} | (body or {}) | fields
    return Call(path="/v1/chat/completions", body=json.dumps(whole).encode())


def read(**fields: Any) -> ChatRequest:
    assert OPENAI_CHAT.front is not None
    return OPENAI_CHAT.front.read_request(call(fields))


def whole(message: dict[str, Any], finish: str | None = "stop", **fields: Any) -> bytes:
    """A provider's whole reply with one answer."""
    choice = {"index": 0, "message": {"role": "assistant"} | message, "finish_reason": finish}
    choice |= fields.pop("choice", {})
    body = {"id": "r1", "object": "chat.completion", "created": 5, "model": "m1", "choices": [choice]}
    return json.dumps(body | fields).encode()


def reply(message: dict[str, Any], finish: str | None = "stop", **fields: Any) -> ChatReply:
    return OPENAI_CHAT.codec.read_reply(WireAnswer(body=whole(message, finish, **fields)))


def piece(delta: dict[str, Any] | None = None, finish: str | None = None, **fields: Any) -> bytes:
    """One piece of a provider's stream, framed; without a delta it has no choices."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish} | fields.pop("choice", {})
    chunk: dict[str, Any] = {"id": "r1", "object": "chat.completion.chunk", "created": 5, "model": "m1"}
    chunk["choices"] = [] if delta is None else [choice]
    return b"data: " + json.dumps(chunk | fields).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


def events(*pieces: bytes) -> Sequence[Event]:
    return read_stream(OPENAI_CHAT, pieces, "sse")


def streamed(*pieces: bytes) -> ChatReply:
    return assemble(events(*pieces))


def sent(stream: bytes) -> list[Any]:
    """The JSON of each piece that we stream to a client, without the last line's mark."""
    frames = [frame.removeprefix(b"data: ") for frame in stream.split(b"\n\n") if frame]
    return [json.loads(frame) for frame in frames if frame != b"[DONE]"]
