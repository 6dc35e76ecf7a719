"""Reads a streamed answer of an Ollama server, line by line."""

from __future__ import annotations

from typing import Any

import msgspec

from quorate.errors import UpstreamBroken
from quorate.types.events import Event, ReplyEnd, ReplyStart
from quorate.types.parts import Reasoning, Text
from quorate.wire.builder import PartBuilder
from quorate.wire.seam import Frame, WireAnswer

from .failure import broken, read_failure
from .reply import (
    calls_of,
    piece_of,
    read_finish,
    read_logprobs,
    read_pictures,
    read_usage,
    reply_vendor,
)
from .shapes import MessageShape, ReplyShape, kept, leftovers, seconds_of, vendor_of

_LINE = msgspec.json.Decoder(ReplyShape)
_TEXT = Text(text="")
_REASONING = Reasoning()


class LineReader:
    """A stream ends with a line whose `done` is true; lines after it are passed over."""

    def __init__(self) -> None:
        self._parts = PartBuilder()
        self._started = self._done = False
        self._calls = 0
        self._start: dict[str, Any] = {}
        self._logprobs: list[Any] = []
        self._marked = 0

    def read(self, frame: Frame) -> list[Event]:
        if self._done:
            return []
        try:
            return self._read(frame)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise broken(WireAnswer(body=frame.data), "a line of the stream makes no sense") from error

    def _read(self, frame: Frame) -> list[Event]:
        line = _LINE.decode(frame.data)
        if line.error:
            raise read_failure(WireAnswer(body=frame.data))
        events: list[Event] = [] if self._started else self._open(line, frame)
        piece = piece_of(line)
        if line.logprobs:
            self._logprobs += msgspec.json.decode(frame.data)["logprobs"]
        if piece.thinking:
            self._mark()
            events += self._parts.open("thinking", _REASONING)
            events += self._parts.grow(piece.thinking)
        if piece.content:
            events += self._parts.open("text", _TEXT)
            events += self._parts.grow(piece.content)
        if piece.images or piece.tool_calls:
            self._mark()
            events += self._whole_parts(piece, line, frame)
        if line.done:
            events += self._end(line, frame)
        return events

    def _open(self, line: ReplyShape, frame: Frame) -> list[Event]:
        self._started = True
        loose: dict[str, Any] = msgspec.json.decode(frame.data)
        vendor = reply_vendor(loose)
        self._start = kept(vendor)
        return [ReplyStart(id="", model=line.model, created=seconds_of(line.created_at), vendor=vendor)]

    def _mark(self) -> None:
        """Before the text may end: give it the logprobs that came so far."""
        if self._logprobs and self._parts.is_open("text"):
            self._parts.mark(key="text", logprobs=read_logprobs(self._logprobs))
            self._marked = len(self._logprobs)

    def _whole_parts(self, piece: MessageShape, line: ReplyShape, frame: Frame) -> list[Event]:
        events: list[Event] = []
        for picture in read_pictures(piece.images or ()):
            events += self._parts.add(picture)
        if piece.tool_calls:
            loose: dict[str, Any] = msgspec.json.decode(frame.data)
            calls = calls_of(piece.tool_calls, loose, line.created_at, self._calls)
            self._calls += len(calls)
            for call in calls:
                events += self._parts.add(call)
        return events

    def _end(self, line: ReplyShape, frame: Frame) -> list[Event]:
        self._done = True
        self._mark()
        loose: dict[str, Any] = msgspec.json.decode(frame.data)
        spare = self._logprobs[self._marked :]
        left = leftovers(kept(reply_vendor(loose, spare)), ("created_at",))
        end = ReplyEnd(
            finish=read_finish(line, calls=self._calls > 0),
            usage=read_usage(line, loose),
            vendor=vendor_of(self._start | left),
        )
        return [*self._parts.close(), end]

    def close(self) -> list[Event]:
        if not self._done:
            raise UpstreamBroken("the stream stopped before the line that ends it")
        return []
