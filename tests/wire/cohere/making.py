"""Questions, targets and bodies for the tests of Cohere's protocol."""

from __future__ import annotations

import json
from typing import Any

from quorate.types.chat import ChatRequest, Message
from quorate.types.events import assemble
from quorate.types.parts import Part, Text
from quorate.types.target import Quirks, Target
from quorate.wire.cohere import COHERE
from quorate.wire.seam import WireAnswer, WireRequest
from tests.wire.laws import answer_of, read_stream

THINKS = Quirks(reasoning="budget", replay_reasoning="thinking")


def target(quirks: Quirks = THINKS, model: str = "command-a-reasoning-08-2025") -> Target:
    return Target(
        provider="cohere", model=model, wire="cohere", base_url="https://api.cohere.com", quirks=quirks
    )


def user(*parts: Part | str) -> Message:
    return Message(
        role="user", parts=tuple(Text(text=part) if isinstance(part, str) else part for part in parts)
    )


def asked(*messages: Message, **settings: Any) -> ChatRequest:
    return ChatRequest(model="any", messages=messages or (user("Hello"),), **settings)


def sent(request: ChatRequest, quirks: Quirks = THINKS, *, stream: bool = False) -> WireRequest:
    return COHERE.codec.write_request(request, target(quirks), stream=stream)


def body(request: ChatRequest, quirks: Quirks = THINKS) -> dict[str, Any]:
    """The body of a request that is written without any departure."""
    written = sent(request, quirks)
    assert written.fidelity == ()
    return json.loads(written.body)


def departures(request: ChatRequest, quirks: Quirks = THINKS) -> list[tuple[str, str]]:
    """What was not written as it was: setting and kind."""
    return [(each.setting, each.kind) for each in sent(request, quirks).fidelity]


def answer(document: Any, status: int = 200) -> WireAnswer:
    return answer_of(json.dumps(document).encode(), status)


def reply_of(message: dict[str, Any], **fields: Any) -> Any:
    told = {"id": "r1", "finish_reason": "COMPLETE"} | fields | {"message": {"role": "assistant"} | message}
    return COHERE.codec.read_reply(answer(told))


def event(kind: str, message: Any = None, **fields: Any) -> bytes:
    """One event; `message` is what its delta holds."""
    told = {"type": kind} | fields | ({} if message is None else {"delta": {"message": message}})
    return f"event: {kind}\ndata: {json.dumps(told)}\n\n".encode()


def end(finish: str = "COMPLETE", **delta: Any) -> bytes:
    return event("message-end", delta={"finish_reason": finish} | delta)


START = event(
    "message-start",
    {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []},
    id="r1",
)


def streamed(*events: bytes) -> Any:
    return assemble(read_stream(COHERE, [b"".join((START, *events))], "sse"))
