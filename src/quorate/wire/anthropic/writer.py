"""Writes a streamed answer to a client: message_start, the blocks one after the other, message_delta, message_stop.

The protocol has one block open at a time and puts citations inside the text they support. So the end of a
text waits for what follows it, and a part that begins while another is open waits until that one ends.
"""

from __future__ import annotations

from typing import Any

import msgspec

from quorate.errors import QuorateError
from quorate.types.events import Event, PartDelta, PartEnd, PartStart, ReplyEnd, ReplyStart
from quorate.types.parts import Citation, Opaque, Part, Reasoning, Refusal, Text, ToolCall
from quorate.types.usage import Usage
from quorate.wire.framing import write_sse

from .blocks import write_block
from .citations import write_citation
from .failure import write_failure
from .fields import NAME, Json, own
from .reply import head
from .shapes import write_finish
from .usage import write_usage

_NO_INPUT: Json = {}

_INSIDE_DELTA = ("container", "stop_details")
"""Leftovers of a reply that the last event has inside its `delta`."""


class EventWriter:
    """Writes one answer; of several to one question, the first."""

    content_type = "text/event-stream; charset=utf-8"

    def __init__(self, model: str = "") -> None:
        self._model = model
        self._block = -1
        self._live: int | None = None
        """The part whose block is open and grows."""
        self._kind = ""
        self._unended = False
        """A text's block is open although its part has ended."""
        self._waiting: dict[int, list[PartStart | PartDelta | PartEnd]] = {}
        self._begun = False
        self._head: Json = {}

    def write(self, event: Event) -> bytes:
        match event:
            case ReplyStart():
                return self._start(event)
            case PartDelta():
                return self._delta(event)
            case PartStart() | PartEnd():
                return self._part(event) if event.choice == 0 else b""
            case ReplyEnd():
                return self._finish(event)

    def fail(self, error: QuorateError) -> bytes:
        return write_sse(msgspec.json.encode(write_failure(error)), "error")

    def close(self) -> bytes:
        return _item("message_stop")

    def _start(self, event: ReplyStart) -> bytes:
        if self._begun:
            return b""
        self._begun = True
        left = dict(own(event.vendor))
        counts = left.pop("usage", None) or write_usage(Usage())
        self._head = left
        message: Json = head(event.id, event.model or self._model)
        message |= {"content": [], "stop_reason": None, "stop_sequence": None, "usage": counts}
        return _item("message_start", message=message | left)

    def _delta(self, event: PartDelta) -> bytes:
        if event.index == self._live:
            return self._piece(event.text)
        if event.index in self._waiting:
            self._waiting[event.index].append(event)
        return b""

    def _part(self, event: PartStart | PartEnd) -> bytes:
        index = event.index
        if self._live is not None and index != self._live:
            self._waiting.setdefault(index, []).append(event)
            return b""
        if isinstance(event, PartEnd):
            return self._end(event.part) + self._next() if index == self._live else self._whole(event.part)
        return self._begin(event)

    def _begin(self, event: PartStart) -> bytes:
        """Open a block that grows; a part that comes whole is written when it ends."""
        part = event.part
        empty: Json
        match part:
            case Text() | Refusal():
                self._kind, empty = "text", {"text": ""}
            case Reasoning(redacted=False):
                self._kind, empty = "thinking", {"thinking": "", "signature": ""}
            case ToolCall():
                self._kind, empty = "input", {"input": _NO_INPUT}
            case _:
                return b""
        block = write_block(part)
        if block is None:
            return b""
        self._live = event.index
        return self._stop_text() + self._open(block | empty) + self._piece(_text_of(part))

    def _piece(self, text: str) -> bytes:
        if not text:
            return b""
        match self._kind:
            case "text":
                delta = {"type": "text_delta", "text": text}
            case "thinking":
                delta = {"type": "thinking_delta", "thinking": text}
            case _:
                delta = {"type": "input_json_delta", "partial_json": text}
        return _item("content_block_delta", index=self._block, delta=delta)

    def _end(self, part: Part) -> bytes:
        self._live = None
        if self._kind == "text":
            self._unended = True
            return b""
        signed = b""
        if isinstance(part, Reasoning) and part.signature:
            signed = self._mark({"type": "signature_delta", "signature": part.signature})
        return signed + _item("content_block_stop", index=self._block)

    def _next(self) -> bytes:
        """Write what waited for the block that ended, until another is open."""
        written: list[bytes] = []
        while self._waiting and self._live is None:
            written += [self.write(event) for event in self._waiting.pop(next(iter(self._waiting)))]
        return b"".join(written)

    def _whole(self, part: Part) -> bytes:
        """A part without pieces: its block at once; a citation, into the text before it."""
        if isinstance(part, Citation):
            opened = b"" if self._unended else self._open({"type": "text", "text": ""})
            self._unended = True
            return opened + self._mark({"type": "citations_delta", "citation": write_citation(part)})
        if isinstance(part, Text | Refusal | ToolCall):
            return b""
        block = write_block(part)
        if block is None:
            return b""
        delta = b""
        opened = self._stop_text()
        if isinstance(part, Opaque) and part.kind == "compaction":
            # The one block of its own kind that the protocol sends as a piece.
            fields = {name: value for name, value in block.items() if name != "type"}
            opened += self._open({"type": part.kind} | dict.fromkeys(fields))
            delta = self._mark({"type": "compaction_delta"} | fields)
        else:
            opened += self._open(block)
        return opened + delta + _item("content_block_stop", index=self._block)

    def _open(self, block: Json) -> bytes:
        self._block += 1
        return _item("content_block_start", index=self._block, content_block=block)

    def _mark(self, delta: Json) -> bytes:
        return _item("content_block_delta", index=self._block, delta=delta)

    def _stop_text(self) -> bytes:
        if not self._unended:
            return b""
        self._unended = False
        return _item("content_block_stop", index=self._block)

    def _stop_all(self) -> bytes:
        """What is open at the end, also of a part whose end was never told."""
        written: list[bytes] = []
        while self._live is not None:
            self._live = None
            written += [_item("content_block_stop", index=self._block), self._next()]
        return b"".join(written) + self._stop_text()

    def _finish(self, event: ReplyEnd) -> bytes:
        left = {name: value for name, value in own(event.vendor).items() if self._differs(name, value)}
        delta: Json = {
            "stop_reason": write_finish(event.finish, own=NAME in event.vendor),
            "stop_sequence": event.finish.stop or None,
        }
        delta |= {name: left.pop(name) for name in _INSIDE_DELTA if name in left}
        counts = write_usage(event.usage)
        return self._stop_all() + _item("message_delta", delta=delta, usage=counts, **left)

    def _differs(self, name: str, value: Any) -> bool:
        return name not in self._head or self._head[name] != value


def _text_of(part: Part) -> str:
    match part:
        case Text(text=text) | Refusal(text=text) | Reasoning(text=text) | ToolCall(arguments=text):
            return text
        case _:
            return ""


def _item(kind: str, **fields: Any) -> bytes:
    return write_sse(msgspec.json.encode({"type": kind} | fields), kind)
