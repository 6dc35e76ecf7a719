"""What the tests of this protocol are made with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from quorate.types.chat import ChatReply, ChatRequest, Departure, Message
from quorate.types.events import Event, assemble
from quorate.types.parts import Part, Text
from quorate.types.target import Quirks, Target
from quorate.wire.anthropic import ANTHROPIC
from quorate.wire.seam import Call, WireAnswer, WireRequest
from tests.wire.laws import read_stream

CODEC = ANTHROPIC.codec
assert ANTHROPIC.front is not None
FRONT = ANTHROPIC.front


def target(quirks: Quirks | None = None, **fields: Any) -> Target:
    given: dict[str, Any] = {"max_output": 8000} | fields
    return Target(
        provider="anthropic",
        model="claude-x",
        wire="anthropic",
        base_url="https://api.example.com",
        quirks=quirks or Quirks(),
        **given,
    )


def user(*parts: Part | str) -> Message:
    return Message(
        role="user", parts=tuple(Text(text=part) if isinstance(part, str) else part for part in parts)
    )


def assistant(*parts: Part | str) -> Message:
    return Message(
        role="assistant", parts=tuple(Text(text=part) if isinstance(part, str) else part for part in parts)
    )


def request(*messages: Message, **fields: Any) -> ChatRequest:
    return ChatRequest(model="claude-x", messages=messages or (user("Hi"),), **fields)


def written(
    asked: ChatRequest, quirks: Quirks | None = None, *, stream: bool = False, **fields: Any
) -> WireRequest:
    return CODEC.write_request(asked, target(quirks, **fields), stream=stream)


def body_of(
    asked: ChatRequest, quirks: Quirks | None = None, *, stream: bool = False, **fields: Any
) -> dict[str, Any]:
    return json.loads(written(asked, quirks, stream=stream, **fields).body)


def departures(asked: ChatRequest, quirks: Quirks | None = None, **fields: Any) -> list[tuple[str, str]]:
    return [(each.setting, each.kind) for each in written(asked, quirks, **fields).fidelity]


def departed(asked: ChatRequest, quirks: Quirks | None = None, **fields: Any) -> Departure:
    """The one departure that there must be."""
    (one,) = written(asked, quirks, **fields).fidelity
    return one


def call(body: Any, path: str = "/v1/messages", **headers: str) -> Call:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Call(path=path, headers=named, body=data)


def asked_with(**fields: Any) -> ChatRequest:
    """What our front reads of a client's request with these fields."""
    base: dict[str, Any] = {
        "model": "claude-x",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": "Hi"}],
    }
    return FRONT.read_request(call(base | fields))


def message(*blocks: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """A provider's whole reply."""
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-x",
        "content": list(blocks),
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 3, "output_tokens": 5},
    } | fields


def reply_of(body: Any, status: int = 200) -> ChatReply:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return CODEC.read_reply(WireAnswer(status=status, body=data))


def parts_of(*blocks: Mapping[str, Any]) -> tuple[Part, ...]:
    return reply_of(message(*blocks)).message.parts


def frame(kind: str, **fields: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind} | fields)}\n\n".encode()


def started(**usage: Any) -> bytes:
    return frame("message_start", message=message(stop_reason=None, usage=usage or {"input_tokens": 3}))


def block_frames(index: int, block: Mapping[str, Any], *deltas: Mapping[str, Any]) -> bytes:
    pieces = [frame("content_block_delta", index=index, delta=dict(delta)) for delta in deltas]
    begun = frame("content_block_start", index=index, content_block=dict(block))
    return begun + b"".join(pieces) + frame("content_block_stop", index=index)


def ended(reason: str = "end_turn", **fields: Any) -> bytes:
    told: dict[str, Any] = {
        "delta": {"stop_reason": reason, "stop_sequence": None},
        "usage": {"output_tokens": 5},
    }
    return frame("message_delta", **(told | fields)) + frame("message_stop")


def events_in(*pieces: bytes) -> list[Event]:
    return read_stream(ANTHROPIC, list(pieces), "sse")


def streamed(*pieces: bytes) -> ChatReply:
    return assemble(events_in(*pieces))
