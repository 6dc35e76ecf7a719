"""Targets, calls and bodies that the tests of this wire begin with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from quorate.types.chat import ChatReply, ChatRequest, Message
from quorate.types.events import Event, assemble
from quorate.types.parts import Part, Text
from quorate.types.target import Quirks, Target
from quorate.wire.openai_responses import OPENAI_RESPONSES
from quorate.wire.seam import Call, WireAnswer, WireRequest
from tests.wire.laws import events_of, read_stream

WIRE = OPENAI_RESPONSES
NAME = "openai_responses"

FULL = Quirks(developer_role=True, custom_tools=True, tool_media=True)
"""A target that takes all that the protocol has."""


def target(quirks: Quirks | None = None, model: str = "some-model") -> Target:
    return Target(
        provider="somewhere",
        model=model,
        wire=NAME,
        base_url="http://127.0.0.1:9/v1",
        quirks=FULL if quirks is None else quirks,
    )


def ask(*parts: Part, role: Any = "user", **settings: Any) -> ChatRequest:
    """A request with one turn."""
    return ChatRequest(
        model="any", messages=(Message(role=role, parts=parts or (Text(text="hi"),)),), **settings
    )


def turns(*messages: Message, **settings: Any) -> ChatRequest:
    """A request with these turns."""
    return ChatRequest(model="any", messages=messages, **settings)


def said(role: Any, *parts: Part, **fields: Any) -> Message:
    return Message(role=role, parts=parts, **fields)


def written(request: ChatRequest, quirks: Quirks | None = None, *, stream: bool = False) -> WireRequest:
    return WIRE.codec.write_request(request, target(quirks), stream=stream)


def body_of(request: ChatRequest, quirks: Quirks | None = None, *, stream: bool = False) -> dict[str, Any]:
    return json.loads(written(request, quirks, stream=stream).body)


def departures(request: ChatRequest, quirks: Quirks | None = None) -> list[tuple[str, str]]:
    return [(each.setting, each.kind) for each in written(request, quirks).fidelity]


def call(**fields: Any) -> Call:
    """A client's call."""
    whole = {"model": "any", "input": "hi"} | fields
    return Call(path="/v1/responses", body=json.dumps(whole).encode())


def read(**fields: Any) -> ChatRequest:
    assert WIRE.front is not None
    return WIRE.front.read_request(call(**fields))


def sent_on(quirks: Quirks | None = None, **fields: Any) -> dict[str, Any]:
    """What a target gets of a client's call, through our values."""
    return body_of(read(**fields), quirks)


def response(*items: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A provider's whole response."""
    body = {"id": "resp_1", "object": "response", "created_at": 5, "model": "m1", "status": "completed"}
    return body | {"output": list(items)} | fields


def message(*content: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """An output item with words."""
    head = {"type": "message", "id": "msg_1", "status": "completed", "role": "assistant"}
    return head | {"content": list(content)} | fields


def text(words: str, *annotations: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A piece of a message's content."""
    return {"type": "output_text", "text": words, "annotations": list(annotations), "logprobs": []} | fields


def reply(*items: dict[str, Any], **fields: Any) -> ChatReply:
    return WIRE.codec.read_reply(WireAnswer(body=json.dumps(response(*items, **fields)).encode()))


def returned(*items: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """What a client gets of a provider's response, through our values."""
    return answered(reply(*items, **fields))


def answered(value: ChatReply, **asked: Any) -> dict[str, Any]:
    """The response a client gets."""
    assert WIRE.front is not None
    return json.loads(WIRE.front.write_reply(value, call(**asked)).body)


def event(kind: str, **fields: Any) -> bytes:
    """One event of a provider's stream, framed."""
    return b"event: " + kind.encode() + b"\ndata: " + json.dumps({"type": kind} | fields).encode() + b"\n\n"


def created(**fields: Any) -> bytes:
    return event("response.created", response=response(status="in_progress", **fields))


def added(index: int, item: dict[str, Any]) -> bytes:
    return event("response.output_item.added", output_index=index, item=item)


def done(index: int, item: dict[str, Any]) -> bytes:
    return event("response.output_item.done", output_index=index, item=item)


def delta(kind: str, index: int, words: str, **fields: Any) -> bytes:
    return event(f"response.{kind}.delta", output_index=index, delta=words, **fields)


def completed(*items: dict[str, Any], **fields: Any) -> bytes:
    return event("response.completed", response=response(*items, **fields))


def events(*pieces: bytes) -> Sequence[Event]:
    return read_stream(WIRE, pieces, "sse")


def streamed(*pieces: bytes) -> ChatReply:
    return assemble(events(*pieces))


def sent(stream: bytes) -> list[dict[str, Any]]:
    """The JSON of each event that we stream to a client."""
    frames = [frame.partition(b"\ndata: ")[2] for frame in stream.split(b"\n\n") if frame]
    return [json.loads(frame) for frame in frames]


def told(value: ChatReply, **asked: Any) -> list[dict[str, Any]]:
    """The events in which a client is told of a reply."""
    assert WIRE.front is not None
    writer = WIRE.front.stream_writer(call(stream=True, **asked))
    return sent(b"".join(writer.write(each) for each in events_of(value)) + writer.close())
