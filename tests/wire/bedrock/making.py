"""Targets, questions and answers that the tests of this protocol share."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from quorate.sim.bedrock import SIMULATED_BEDROCK
from quorate.types.chat import ChatReply, ChatRequest, Departure, Message
from quorate.types.events import assemble
from quorate.types.parts import Part, Text
from quorate.types.target import Quirks, Target
from quorate.types.value import replace
from quorate.wire.eventstream import write_message
from quorate.wire.seam import WireAnswer
from tests.wire import laws

WIRE = SIMULATED_BEDROCK
CLAUDE = Quirks(schema="native", reasoning="thinking", cache_marks=True)
"""A family that takes all there is."""


def target(quirks: Quirks = CLAUDE, model: str = "any.model-v1:0") -> Target:
    return Target(
        provider="bedrock",
        model=model,
        wire="bedrock",
        base_url="https://bedrock-runtime.us-east-1.amazonaws.com",
        quirks=quirks,
    )


def said(role: Any, *parts: Part) -> Message:
    return Message(role=role, parts=parts)


def ask(*messages: Message, **settings: Any) -> ChatRequest:
    return ChatRequest(model="m", messages=messages or (said("user", Text(text="Hello")),), **settings)


def written(request: ChatRequest, quirks: Quirks = CLAUDE, *, stream: bool = False) -> dict[str, Any]:
    """The body that is sent."""
    return json.loads(WIRE.codec.write_request(request, target(quirks), stream=stream).body)


def departures(request: ChatRequest, quirks: Quirks = CLAUDE) -> dict[str, str]:
    """What was reported: setting → kind."""
    found: Iterable[Departure] = WIRE.codec.write_request(request, target(quirks), stream=False).fidelity
    return {each.setting: each.kind for each in found}


def answer(*content: Mapping[str, Any], stop: str = "end_turn", **fields: Any) -> WireAnswer:
    """A whole answer."""
    body: dict[str, Any] = {
        "output": {"message": {"role": "assistant", "content": list(content)}},
        "stopReason": stop,
        "usage": {"inputTokens": 5, "outputTokens": 7, "totalTokens": 12},
        "metrics": {"latencyMs": 3},
    }
    return laws.answer_of(json.dumps(body | fields).encode())


def read(*content: Mapping[str, Any], **fields: Any) -> ChatReply:
    return WIRE.codec.read_reply(answer(*content, **fields))


def message(kind: str, fields: Mapping[str, Any]) -> bytes:
    """One message of a stream, padded as the provider pads them."""
    headers = {":event-type": kind, ":content-type": "application/json", ":message-type": "event"}
    return write_message(json.dumps({**fields, "p": "abcdef"}).encode(), headers)


def delta(index: int, **fields: Any) -> bytes:
    return message("contentBlockDelta", {"contentBlockIndex": index, "delta": fields})


def stop(index: int) -> bytes:
    return message("contentBlockStop", {"contentBlockIndex": index})


START = message("messageStart", {"role": "assistant"})
USAGE = {"inputTokens": 5, "outputTokens": 7, "totalTokens": 12}


def ending(reason: str = "end_turn", **metadata: Any) -> bytes:
    told = {"usage": USAGE, "metrics": {"latencyMs": 3}} | metadata
    return message("messageStop", {"stopReason": reason}) + message("metadata", told)


def streamed(*messages: bytes) -> ChatReply:
    return assemble(laws.read_stream(WIRE, [b"".join(messages)], "event_stream"))


def without_id(reply: ChatReply) -> ChatReply:
    """A stream's body tells no id and no model."""
    return replace(reply, id="", model="")
