"""Writes whole answers as Cohere does, and the pieces that streams need too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from quorate.types.chat import ChatReply
from quorate.types.parts import Citation, Opaque, Part, Reasoning, Refusal, Text, ToolCall
from quorate.wire.cohere.citations import write_citations
from quorate.wire.cohere.fields import own
from quorate.wire.cohere.finish import write_finish
from quorate.wire.cohere.logprobs import write_logprobs
from quorate.wire.cohere.messages import write_call
from quorate.wire.cohere.plan import is_plan
from quorate.wire.cohere.usage import write_usage
from quorate.wire.json_fields import Json


def write_reply(reply: ChatReply) -> Json:
    parts = reply.message.parts
    said: dict[str, Any] = {
        "role": "assistant",
        "content": [block for part in parts if (block := write_block(part)) is not None],
        "tool_plan": "".join(part.text for part in parts if isinstance(part, Reasoning) and is_plan(part)),
        "tool_calls": [write_call(part) for part in parts if isinstance(part, ToolCall)],
        "citations": _citations(parts),
    }
    body: Json = {
        "id": reply.id,
        "message": {name: value for name, value in said.items() if value} | own(reply.message.vendor),
        "finish_reason": write_finish(reply.finish),
    }
    if usage := write_usage(reply.usage):
        body["usage"] = usage
    if logprobs := [each for part in parts if isinstance(part, Text) for each in part.logprobs]:
        body["logprobs"] = write_logprobs(logprobs)
    return body | own(reply.vendor)


def write_block(part: Part) -> Json | None:
    """A block of content; None of a part that stands elsewhere, or nowhere."""
    match part:
        case Text(text=text) | Refusal(text=text):
            return {"type": "text", "text": text} | own(part.vendor)
        case Reasoning(text=text) if not is_plan(part):
            return {"type": "thinking", "thinking": text} | own(part.vendor)
        case Opaque():
            return own(part.vendor) or None
        case _:
            return None


def _citations(parts: Sequence[Part]) -> list[Json]:
    return write_citations(part for part in parts if isinstance(part, Citation))
