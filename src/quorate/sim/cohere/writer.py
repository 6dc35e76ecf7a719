"""Writes a streamed answer as Cohere's events.

A block is told to be over when the next part begins, so that the citations of a text still find it open.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from quorate.errors import QuorateError
from quorate.types.events import Event, PartDelta, PartEnd, PartStart, ReplyEnd, ReplyStart
from quorate.types.parts import Citation, Opaque, Part, Reasoning, Refusal, Text, ToolCall
from quorate.wire.cohere.citations import write_citations
from quorate.wire.cohere.fields import own
from quorate.wire.cohere.finish import write_finish
from quorate.wire.cohere.logprobs import write_logprobs
from quorate.wire.cohere.messages import write_call
from quorate.wire.cohere.plan import is_plan
from quorate.wire.cohere.usage import write_usage
from quorate.wire.json_fields import Json

from .answer import write_block

_WORDS = ("text", "thinking")
"""Kinds of blocks whose words stand under the kind's own name."""


class EventWriter:
    """Writes the events of one answer."""

    content_type = "text/event-stream"

    def __init__(self) -> None:
        self._blocks = self._calls = self._citations = -1
        self._is_open = False
        self._parts: dict[int, Part] = {}

    def write(self, event: Event) -> bytes:
        return b"".join(self._events(event))

    def _events(self, event: Event) -> Iterator[bytes]:
        match event:
            case ReplyStart():
                empty: Json = {
                    "role": "assistant",
                    "content": [],
                    "tool_plan": "",
                    "tool_calls": [],
                    "citations": [],
                }
                yield _event("message-start", empty, id=event.id, **own(event.vendor))
            case PartStart(part=part, index=index):
                self._parts[index] = part
                yield from self._begin(part)
            case PartDelta(text=text, index=index) if text:
                yield from self._grow(self._parts[index], text)
            case PartEnd(part=part):
                yield from self._end(part)
            case ReplyEnd():
                yield from self._close()
                yield self._ending(event)
            case _:
                pass

    def _begin(self, part: Part) -> Iterator[bytes]:
        match part:
            case Text() | Refusal() | Opaque():
                yield from self._open(part)
            case Reasoning() if not is_plan(part):
                yield from self._open(part)
            case ToolCall():
                yield from self._close()
                self._calls += 1
                call = write_call(part)
                call["function"]["arguments"] = ""
                yield _event("tool-call-start", {"tool_calls": call}, index=self._calls)
            case _:
                pass
        if text := _words_of(part):
            yield from self._grow(part, text)

    def _open(self, part: Part) -> Iterator[bytes]:
        yield from self._close()
        self._blocks, self._is_open = self._blocks + 1, True
        block = write_block(part) or {"type": "text"}
        empty = block | {name: "" for name in _WORDS if name == block.get("type")}
        yield _event("content-start", {"content": empty}, index=self._blocks)

    def _grow(self, part: Part, text: str) -> Iterator[bytes]:
        match part:
            case Reasoning() if is_plan(part):
                yield _event("tool-plan-delta", {"tool_plan": text})
            case Reasoning():
                yield _event("content-delta", {"content": {"thinking": text}}, index=self._blocks)
            case ToolCall():
                pieces = {"tool_calls": {"function": {"arguments": text}}}
                yield _event("tool-call-delta", pieces, index=self._calls)
            case _:
                yield _event("content-delta", {"content": {"text": text}}, index=self._blocks)

    def _end(self, part: Part) -> Iterator[bytes]:
        match part:
            case Text(logprobs=logprobs):
                for told in write_logprobs(logprobs):
                    yield _event(
                        "content-delta", {"content": {"text": ""}}, index=self._blocks, logprobs=told
                    )
            case ToolCall():
                yield _event("tool-call-end", index=self._calls)
            case Citation():
                self._citations += 1
                for told in write_citations([part]):
                    yield _event("citation-start", {"citations": told}, index=self._citations)
                yield _event("citation-end", index=self._citations)
            case _:
                pass

    def _close(self) -> Iterator[bytes]:
        if self._is_open:
            self._is_open = False
            yield _event("content-end", index=self._blocks)

    def _ending(self, event: ReplyEnd) -> bytes:
        delta: Json = {"finish_reason": write_finish(event.finish)}
        if usage := write_usage(event.usage):
            delta["usage"] = usage
        return _framed("message-end", {"type": "message-end", "delta": delta | own(event.vendor)})

    def fail(self, error: QuorateError) -> bytes:
        delta = {"finish_reason": "ERROR", "error": str(error)}
        return _framed("message-end", {"type": "message-end", "delta": delta})

    def close(self) -> bytes:
        return b""


def _words_of(part: Part) -> str:
    match part:
        case Text(text=text) | Refusal(text=text) | Reasoning(text=text) | ToolCall(arguments=text):
            return text
        case _:
            return ""


def _event(kind: str, message: Json | None = None, **fields: object) -> bytes:
    delta = {} if message is None else {"delta": {"message": message}}
    return _framed(kind, {"type": kind} | fields | delta)


def _framed(kind: str, fields: Json) -> bytes:
    return f"event: {kind}\ndata: ".encode() + msgspec.json.encode(fields) + b"\n\n"
