"""Reads a streamed answer, event by event: https://docs.cohere.com/docs/streaming."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from quorate.errors import UpstreamBroken
from quorate.types.events import Event, ReplyEnd, ReplyStart
from quorate.types.parts import Opaque, Reasoning, Text
from quorate.wire.builder import PartBuilder
from quorate.wire.json_fields import Json, a_count, a_text, an_object, is_object
from quorate.wire.seam import Frame, WireAnswer

from .citations import follows, read_citation
from .failure import broken, failure_of
from .fields import left, vendor
from .finish import read_finish
from .logprobs import read_logprobs
from .plan import plan
from .reply import NO_ARGUMENTS, message_vendor, read_call
from .usage import read_usage

_TEXT, _REASONING, _PLAN = Text(text=""), Reasoning(), plan("")
_END = b"[DONE]"
"""Sent after the last event since 2026; it tells nothing more."""


class _Piece(msgspec.Struct):
    text: str | None = None
    thinking: str | None = None


class _Said(msgspec.Struct):
    content: _Piece


class _Delta(msgspec.Struct):
    message: _Said


class _ContentDelta(msgspec.Struct):
    """The usual event, read without a dictionary."""

    delta: _Delta
    index: int = 0
    logprobs: Any = None


_CONTENT_DELTA = msgspec.json.Decoder(_ContentDelta)


class EventReader:
    """A stream ends with `message-end`; what comes after it is passed over."""

    def __init__(self) -> None:
        self._parts = PartBuilder()
        self._done = False
        self._text: int | None = None
        """The block of text that is open, or was last."""
        self._cited: dict[int | str, list[Json]] = {}
        self._logprobs: list[Any] = []
        self._unknown: dict[int, Json] = {}
        self._held: dict[int, str] = {}
        """Arguments that may turn out to be none."""
        self._vendor: Json = {}
        self._message: Json = {}

    def read(self, frame: Frame) -> Iterable[Event]:
        if self._done or frame.data == _END:
            return ()
        try:
            if frame.event == "content-delta" and not self._unknown:
                told = _CONTENT_DELTA.decode(frame.data)
                if told.logprobs is not None:
                    self._logprobs.append(told.logprobs)
                piece = told.delta.message.content
                return self._grow(told.index, piece.text, piece.thinking)
            event = msgspec.json.decode(frame.data)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise broken(WireAnswer(body=frame.data), "an event of the stream makes no sense") from error
        if not is_object(event):
            raise broken(WireAnswer(body=frame.data), "an event of the stream makes no sense")
        return self._event(event, frame)

    def _event(self, event: Json, frame: Frame) -> Iterable[Event]:
        message = an_object(an_object(event.get("delta")).get("message"))
        index = a_count(event.get("index"))
        match event.get("type"):
            case "content-start" | "content-delta":
                return self._content(event, index, an_object(message.get("content")))
            case "content-end":
                return self._end_content(index)
            case "tool-plan-delta":
                return self._plan(a_text(message.get("tool_plan")))
            case "tool-call-start":
                return self._begin_call(index, an_object(message.get("tool_calls")))
            case "tool-call-delta":
                function = an_object(an_object(message.get("tool_calls")).get("function"))
                return self._grow_call(index, a_text(function.get("arguments")))
            case "tool-call-end":
                return self._end_call(index)
            case "citation-start":
                return self._cite(an_object(message.get("citations")))
            case "message-start":
                return self._begin(event, message)
            case "message-end":
                return self._end(event, frame)
            case None:
                raise failure_of(event, WireAnswer(body=frame.data))
            case _:
                return ()

    def _begin(self, event: Json, message: Json) -> Iterable[Event]:
        self._vendor = left(event, ("id", "type", "delta"))
        self._message = message_vendor(message)
        return [ReplyStart(id=a_text(event.get("id")), model="", vendor=vendor(self._vendor))]

    def _content(self, event: Json, index: int, block: Json) -> Iterable[Event]:
        """A block as it begins, or a piece of one."""
        if logprobs := event.get("logprobs"):
            self._logprobs.append(logprobs)
        kind = block.get("type")
        if index in self._unknown:
            _join(self._unknown[index], block)
            return ()
        if kind is not None and kind not in ("text", "thinking"):
            events = self._close_words()
            self._unknown[index] = dict(block)
            return [*events, *self._parts.open(("content", index), Opaque(kind=a_text(kind)))]
        text, thinking = a_text(block.get("text")), a_text(block.get("thinking"))
        return self._grow(index, text, thinking)

    def _grow(self, index: int, text: str | None, thinking: str | None) -> Iterable[Event]:
        words = text or thinking
        if not words:
            return ()
        key = ("content", index)
        if self._parts.is_open(key):
            return self._parts.grow(words, key=key)
        events = [*self._close_words(), *self._parts.open(key, _TEXT if text else _REASONING)]
        if text:
            self._text = index
        return [*events, *self._parts.grow(words, key=key)]

    def _end_content(self, index: int) -> list[Event]:
        key = ("content", index)
        if index == self._text and self._logprobs and self._parts.is_open(key):
            self._parts.mark(key=key, logprobs=read_logprobs(self._logprobs))
            self._logprobs = []
        if block := self._unknown.pop(index, None):
            self._parts.mark(key=key, vendor=vendor(block))
        return [*self._parts.close(key), *self._told(index)]

    def _plan(self, words: str) -> Iterable[Event]:
        return [*self._parts.open("plan", _PLAN), *self._parts.grow(words)] if words else ()

    def _begin_call(self, index: int, raw: Json) -> list[Event]:
        events = self._close_words()
        call = read_call(raw)
        events += self._parts.open(("call", index), msgspec.structs.replace(call, arguments=""), keep=True)
        self._held[index] = ""
        return [*events, *self._grow_call(index, a_text(an_object(raw.get("function")).get("arguments")))]

    def _grow_call(self, index: int, words: str) -> list[Event]:
        """Nothing is told while it could still be the word for no arguments."""
        held = self._held.get(index)
        if held is None:
            return self._parts.grow(words, key=("call", index))
        words = held + words
        if NO_ARGUMENTS.startswith(words):
            self._held[index] = words
            return []
        del self._held[index]
        return self._parts.grow(words, key=("call", index))

    def _end_call(self, index: int) -> list[Event]:
        key, held = ("call", index), self._held.pop(index, "")
        told = self._parts.grow("{}" if held == NO_ARGUMENTS else held, key=key)
        return [*told, *self._parts.close(key)]

    def _cite(self, raw: Json) -> list[Event]:
        """A citation waits for the end of what it stands behind."""
        place = self._text if (told := follows(raw)) is None else told
        if place is not None and self._parts.is_open(place if place == "plan" else ("content", place)):
            self._cited.setdefault(place, []).append(raw)
            return []
        return [event for each in read_citation(raw) for event in self._parts.add(each)]

    def _told(self, place: int | str) -> list[Event]:
        waiting = self._cited.pop(place, ())
        return [event for raw in waiting for each in read_citation(raw) for event in self._parts.add(each)]

    def _close_words(self) -> list[Event]:
        """What is not told to be over is over when calls begin, or the reply ends."""
        events = [*self._parts.close("plan"), *self._told("plan")]
        places = [self._text, *self._unknown, *[each for each in self._cited if isinstance(each, int)]]
        for index in dict.fromkeys(place for place in places if place is not None):
            events += self._end_content(index)
        return events

    def _end(self, event: Json, frame: Frame) -> list[Event]:
        self._done = True
        delta = an_object(event.get("delta"))
        if words := a_text(delta.get("error")):
            code = a_text(delta.get("finish_reason"))
            raise failure_of({"message": words, "error_type": code}, WireAnswer(body=frame.data))
        events = self._close_words()
        for index in tuple(self._held):
            events += self._end_call(index)
        rest = left(event, ("id", "type", "delta")) | left(delta, ("finish_reason", "usage"))
        end = ReplyEnd(
            finish=read_finish(a_text(delta.get("finish_reason"))),
            usage=read_usage(an_object(delta.get("usage"))),
            vendor=vendor(self._vendor | rest),
            messages=(self._message,) if self._message else (),
        )
        return [*events, *self._parts.close(), end]

    def close(self) -> Iterable[Event]:
        if not self._done:
            raise UpstreamBroken("the stream stopped before the event that ends it")
        return ()


def _join(block: Json, piece: Json) -> None:
    """Add a piece of a block that we do not know: words grow, anything else is set."""
    for name, value in piece.items():
        known = block.get(name)
        both = isinstance(known, str) and isinstance(value, str)
        block[name] = f"{known}{value}" if both else value
