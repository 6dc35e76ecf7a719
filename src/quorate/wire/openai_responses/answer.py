"""One answer as it grows: takes pieces of output items, or whole ones, and tells the part events.

At most one part of an item is open at a time, under the item's number. A whole item that was never begun goes
the same way as the end of one that was, so a streamed answer and a whole one agree.
"""

from __future__ import annotations

from typing import Any

from quorate.types.events import Event
from quorate.types.parts import Opaque, ToolCall
from quorate.wire.builder import PartBuilder
from quorate.wire.json_fields import Json, a_text, an_object, objects

from .citations import read_annotations
from .custom import INPUT_END, INPUT_START, escaped
from .fields import vendor
from .growing import (
    ARGUMENTS,
    HOMES,
    INPUT,
    REFUSAL,
    SUMMARY,
    TEXT,
    THOUGHT,
    Growing,
    call_of,
    leftovers,
    marked_for,
    opened,
    pieces_of,
    told_late,
)
from .hosted import read_item
from .items import CUSTOM_CALL, FUNCTION, MESSAGE, REASONING
from .logprobs import read_logprob

_NOTHING: Json = {}


class Answer:
    """The parts of one answer. `called` and `declined` and `said` tell what it came to."""

    def __init__(self) -> None:
        self._parts = PartBuilder()
        self._items: dict[int, Growing] = {}
        self._after_message = False
        self.called = self.declined = self.said = False

    @property
    def empty(self) -> bool:
        """No item has begun."""
        return not self._items

    def begin(self, index: int, start: Json) -> list[Event]:
        """An item begins. Its parts begin with their first pieces, but a call is known by its name at once."""
        item = Growing(start, marked=self._after_message)
        self._items[index] = item
        self._after_message = item.kind == MESSAGE
        if item.kind not in (FUNCTION, CUSTOM_CALL):
            return []
        self.called = True
        begun = {name: value for name, value in start.items() if name != "status"}
        events = self._parts.open(index, call_of(begun, item.kind), keep=True)
        if item.kind == CUSTOM_CALL:
            events += self._parts.grow(INPUT_START, key=index)
        return events

    def grow(self, index: int, piece: str, number: int, text: str) -> list[Event]:
        """A piece of text for one of an item's parts: the hot path."""
        item = self._items.get(index)
        if item is not None and item.piece == piece and item.number == number:
            item.size += len(text)
            item.tail = text
            return self._parts.grow(escaped(text) if piece is INPUT else text, key=index)
        return self._grow_other(index, piece, number, text)

    def _grow_other(self, index: int, piece: str, number: int, text: str) -> list[Event]:
        """A piece of another part than the one before."""
        events: list[Event] = []
        if index not in self._items:  # of an item whose start was not told
            events += self.begin(index, {"type": HOMES[piece]})
        item = self._items[index]
        if item.kind != HOMES[piece]:
            return []  # an item of that kind has no such pieces
        events += self._turn(index, item, piece, number)
        return [*events, *self.grow(index, piece, number, text)] if text else events

    def _turn(self, index: int, item: Growing, piece: str, number: int) -> list[Event]:
        """End the item's open part, begin its next one."""
        if piece in (ARGUMENTS, INPUT):
            item.piece, item.number = piece, number
            return []
        events = self._close_piece(index, item)
        item.piece, item.number, item.size, item.tail = piece, number, 0, ""
        self.said |= piece == TEXT
        self.declined |= piece == REFUSAL
        return [*events, *self._parts.open(index, opened(item, piece), keep=True)]

    def piece_told(self, index: int, number: int, content: Json) -> None:
        """A piece of content is whole; it stays open until something else of its item begins."""
        if item := self._items.get(index):
            item.told[number] = content

    def _close_piece(self, index: int, item: Growing) -> list[Event]:
        """End the open part by what the stream told of it, where the item goes on."""
        if not self._parts.is_open(index):
            return []
        told = item.told.get(item.number, {})
        return self._finish(index, item, told, ended={})

    def end(self, index: int, final: Json) -> list[Event]:
        """An item is whole: the rest of its parts, and what was known only at its end."""
        events: list[Event] = []
        kind = a_text(final.get("type"))
        if index not in self._items or self._items[index].kind != kind:
            events += [*self._parts.close(index), *self.begin(index, final)]
        item = self._items[index]
        if kind in (FUNCTION, CUSTOM_CALL):
            return [*events, *self._end_call(index, item, final)]
        pieces = pieces_of(final) if kind in (MESSAGE, REASONING) else None
        if pieces is None:
            return [*events, *self._add_whole(final)]
        ended = leftovers(final, kind) if item.first else told_late(item, final)
        if item.first:
            item.start = final
        if kind == REASONING and not pieces:
            pieces = [(SUMMARY, 0, _NOTHING)]
        for place, (piece, number, content) in enumerate(pieces):
            last = place == len(pieces) - 1
            events += self._end_piece(index, item, piece, number, content)
            if self._parts.is_open(index) and last:
                events += self._finish(
                    index, item, content, ended=ended, seal=a_text(final.get("encrypted_content"))
                )
        return [*events, *self._parts.close(index)]

    def _end_piece(self, index: int, item: Growing, piece: str, number: int, content: Json) -> list[Event]:
        """What had not come of a piece; nothing where it is at its end."""
        if piece not in HOMES:
            events = self._close_piece(index, item)
            item.piece, item.number = piece, number
            return [*events, *self._parts.add(Opaque(kind=piece, vendor=vendor(content)))]
        if (item.piece == THOUGHT, item.number) > (piece == THOUGHT, number):
            return []  # it is at its end
        events: list[Event] = []
        if item.piece != piece or item.number != number:
            events += self._turn(index, item, piece, number)
        item.told[number] = content
        rest = item.lacking(a_text(content.get("text")) or a_text(content.get("refusal")))
        return [*events, *self._parts.grow(rest, key=index)]

    def _finish(
        self, index: int, item: Growing, content: Json, *, ended: Json, seal: str = ""
    ) -> list[Event]:
        """End the open part with its marks; the sources of a text follow it."""
        marks: dict[str, Any] = {"vendor": marked_for(item, content, ended, sealed=bool(seal))}
        if item.kind == REASONING and seal:
            marks |= {"signature": seal, "redacted": item.size == 0 and item.first}
        logprobs = objects(content.get("logprobs")) if item.piece == TEXT else []
        if logprobs:
            marks["logprobs"] = tuple(read_logprob(each) for each in logprobs)
        self._parts.mark(key=index, **marks)
        events = self._parts.close(index)
        item.first = False
        if item.piece == TEXT:
            for source in read_annotations(content.get("annotations"), a_text(content.get("text"))):
                events += self._parts.add(source)
        return events

    def _end_call(self, index: int, item: Growing, final: Json) -> list[Event]:
        if not self._parts.is_open(index):
            return []
        custom = item.kind == CUSTOM_CALL
        rest = item.lacking(a_text(final.get(INPUT if custom else ARGUMENTS)))
        events = self._parts.grow(escaped(rest) + INPUT_END if custom else rest, key=index)
        whole = call_of(final, item.kind)
        self._parts.mark(key=index, id=whole.id, name=whole.name, vendor=whole.vendor)
        return [*events, *self._parts.close(index)]

    def _add_whole(self, final: Json) -> list[Event]:
        events: list[Event] = []
        for part in read_item(final):
            self.called |= isinstance(part, ToolCall) and not part.hosted
            events += self._parts.add(part)
        return events

    def close(self) -> list[Event]:
        """End all that is open: items whose end never came."""
        events: list[Event] = []
        for index, item in self._items.items():
            if item.kind in (MESSAGE, REASONING):
                events += self._close_piece(index, item)
            elif item.kind == CUSTOM_CALL and self._parts.is_open(index):
                events += self._parts.grow(INPUT_END, key=index)
        return [*events, *self._parts.close()]


def read_items(answer: Answer, items: Any) -> list[Event]:
    """Whole output items, one after another."""
    events: list[Event] = []
    for index, item in enumerate(objects(items)):
        events += answer.end(index, an_object(item))
    return events
