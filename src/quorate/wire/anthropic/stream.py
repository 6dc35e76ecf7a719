"""Reads a streamed answer, event by event.

One block is open at a time. Citations come in the midst of the text they support and follow it as parts
when it ends; a tool called without arguments sends none and counts as called with an empty object.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Raw

from quorate.errors import UpstreamBroken
from quorate.types.events import Event, ReplyEnd, ReplyStart
from quorate.types.parts import Citation, Opaque, Part, Reasoning, Text, ToolCall
from quorate.types.value import replace
from quorate.wire.builder import PartBuilder
from quorate.wire.seam import Frame, WireAnswer

from .blocks import read_block
from .citations import read_citation
from .failure import read_failure
from .fields import NAME, Fields, Json, Misshapen, an_object, own
from .reply import finish_of
from .shapes import Delta, Item, decode_item
from .usage import later, read_usage

_NOTHING: Sequence[Event] = ()
_DONE = b"[DONE]"
"""Not of this protocol, but proxies end every stream with it."""

_IMPLIED: dict[str, Part] = {
    "text_delta": Text(text=""),
    "thinking_delta": Reasoning(vendor={NAME: {}}),
    "input_json_delta": ToolCall(id="", name=""),
}
"""What a block is that begins without saying so."""


class EventReader:
    """Reads the frames of one answer."""

    def __init__(self) -> None:
        self._builder = PartBuilder()
        self._current: int | None = None
        self._began = False
        self._arguments: str | None = None
        """Of the open call, while no piece of them came: those it began with."""
        self._citations: list[Citation] = []
        self._start: ReplyStart | None = None
        self._usage: Json = {}
        self._left: Json = {}
        self._reason = ""
        self._stop = ""
        self._stopped = False

    def read(self, frame: Frame) -> Sequence[Event]:
        if self._stopped:
            return _NOTHING
        try:
            item = decode_item(frame.data)
            if item.type == "content_block_delta" and item.delta is not None:
                return self._piece(item, item.delta, frame)
            return self._other(item, frame)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, Misshapen) as error:
            if frame.data.strip() == _DONE:
                return _NOTHING
            raise _garbled(frame, str(error)) from error

    def close(self) -> Sequence[Event]:
        if self._start is None or not (self._stopped or self._reason):
            raise UpstreamBroken("the stream stopped before the end of the answer")
        end = ReplyEnd(
            finish=finish_of(self._reason, self._stop, self._left),
            usage=read_usage(self._usage),
            vendor={NAME: self._left},
        )
        return [*self._end_block(), end]

    def _piece(self, item: Item, delta: Delta, frame: Frame) -> Sequence[Event]:
        text = delta.text or delta.thinking or delta.partial_json
        if text and item.index == self._current:
            self._arguments = None
            return self._builder.grow(text, key=item.index)
        events: list[Event] = []
        if item.index != self._current:
            part = _IMPLIED.get(delta.type)
            if part is None:
                return _NOTHING
            events += self._begin(item.index, part)
        if text:
            self._arguments = None
            events += self._builder.grow(text, key=item.index)
        elif delta.signature:
            self._builder.mark(key=item.index, signature=delta.signature)
        elif delta.type == "citations_delta":
            self._cite(frame)
        else:
            self._unmodelled(item.index, frame)
        return events

    def _cite(self, frame: Frame) -> None:
        delta = Fields(frame.data).inner("delta")
        if delta and (raw := delta.raw("citation")):
            self._citations.append(read_citation(raw, "delta.citation"))

    def _unmodelled(self, index: int, frame: Frame) -> None:
        """A piece of a block that only the protocol understands: its fields replace the block's."""
        part = self._builder.peek(index)
        if isinstance(part, Opaque):
            delta = Fields(frame.data).object("delta") or {}
            fields = {name: value for name, value in delta.items() if name != "type"}
            self._builder.mark(key=index, vendor={NAME: own(part.vendor) | fields})

    def _other(self, item: Item, frame: Frame) -> Sequence[Event]:
        match item.type or frame.event:
            case "content_block_start":
                return self._open(item.index, Fields(frame.data).raw("content_block"))
            case "content_block_stop":
                return self._end_block() if item.index == self._current else _NOTHING
            case "message_start":
                return self._begin_reply(Fields(frame.data).inner("message"))
            case "message_delta":
                self._finish(Fields(frame.data))
            case "message_stop":
                self._stopped = True
            case "error" | "":
                if b'"error"' in frame.data:
                    raise read_failure(WireAnswer(body=frame.data))
            case _:
                pass  # a ping, or an event of times to come
        return _NOTHING

    def _begin_reply(self, message: Fields | None) -> Sequence[Event]:
        if message is None:
            return _NOTHING
        if self._start is not None:
            if self._began:
                raise UpstreamBroken("a second answer began inside the first")
            return _NOTHING
        for name in ("type", "role", "content", "stop_reason", "stop_sequence"):
            message.rest.pop(name, None)
        identity, model = message.text("id"), message.text("model")
        self._usage = message.object("usage") or {}
        self._left = message.left()
        # A client of this protocol wants the first counts first.
        self._start = ReplyStart(id=identity, model=model, vendor={NAME: self._left | {"usage": self._usage}})
        return [self._start]

    def _finish(self, fields: Fields) -> None:
        fields.rest.pop("type", None)
        delta = fields.inner("delta")
        if delta:
            self._reason = delta.text("stop_reason") or self._reason
            self._stop = delta.text("stop_sequence") or self._stop
            self._left = later(self._left, delta.left())
        self._usage = later(self._usage, an_object(fields.value("usage")))
        self._left = later(self._left, fields.left())

    def _open(self, index: int, raw: Raw | None) -> Sequence[Event]:
        if raw is None:
            return _NOTHING
        part, *citations = read_block(raw, "content_block")
        events = self._begin(index, part)
        self._citations = [each for each in citations if isinstance(each, Citation)]
        return events

    def _begin(self, index: int, part: Part) -> list[Event]:
        """Open the block; what it began with counts as its first piece."""
        if self._start is None:
            raise UpstreamBroken("the stream begins in the midst of an answer")
        events = self._end_block()
        self._current, self._began = index, True
        match part:
            case ToolCall(arguments=arguments):
                self._arguments = arguments or "{}"
                events += self._builder.open(index, replace(part, arguments=""))
            case Text(text=text) | Reasoning(text=text) if text:
                events += self._builder.open(index, replace(part, text=""))
                events += self._builder.grow(text, key=index)
            case _:
                events += self._builder.open(index, part)
        return events

    def _end_block(self) -> list[Event]:
        if self._current is None:
            return []
        events: list[Event] = []
        if self._arguments is not None:
            events += self._builder.grow(self._arguments, key=self._current)
        events += self._builder.close(self._current)
        for citation in self._citations:
            events += self._builder.add(citation)
        self._current, self._arguments, self._citations = None, None, []
        return events


def _garbled(frame: Frame, words: str) -> UpstreamBroken:
    start = frame.data[:200].decode(errors="replace")
    return UpstreamBroken(f"an event of the stream makes no sense ({words}): {start}", body=frame.data)
