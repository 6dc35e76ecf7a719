"""One answer as it grows: takes pieces of output items, or whole ones, and tells the part events.

At most one part of an item is open at a time, under the item's number. A whole item that was never begun goes
the same way as the end of one that was, so a streamed answer and a whole one agree.
"""

from __future__ import annotations

from typing import Any

from quorate.types.events import Event
from quorate.types.parts import Opaque, Part, Reasoning, Refusal, Text, ToolCall, Vendor
from quorate.wire.builder import PartBuilder

from .citations import read_annotations
from .custom import INPUT_END, INPUT_START, escaped
from .fields import NAME, Json, a_text, an_object, is_list, objects, vendor
from .hosted import ITEM, read_item
from .ids import is_made
from .items import BLANK, CONTENT, CUSTOM, CUSTOM_CALL, ENDED, FUNCTION, MESSAGE, MORE, REASONING
from .logprobs import read_logprob

TEXT, REFUSAL, SUMMARY, THOUGHT, ARGUMENTS, INPUT = (
    "output_text",
    "refusal",
    "summary_text",
    "reasoning_text",
    "arguments",
    "input",
)
"""Kinds of pieces; the first four are the types that the protocol has for them."""

_HOMES = {
    TEXT: MESSAGE,
    REFUSAL: MESSAGE,
    SUMMARY: REASONING,
    THOUGHT: REASONING,
    ARGUMENTS: FUNCTION,
    INPUT: CUSTOM_CALL,
}
"""Kind of piece → type of the item it stands in."""

_AT_START = ("id", "phase")
_KNOWN = {
    MESSAGE: ("type", "role", "content", *_AT_START),
    REASONING: ("type", "summary", "content", "encrypted_content", *_AT_START),
    FUNCTION: ("type", "call_id", "name", "arguments"),
    CUSTOM_CALL: ("type", "call_id", "name", "input"),
}
"""Fields with a place in our values, or told at an item's start."""

_NOTHING: Json = {}
_PIECE_KNOWN = {
    TEXT: ("type", "text", "annotations", "logprobs"),
    REFUSAL: ("type", "refusal"),
    SUMMARY: ("type", "text"),
    THOUGHT: ("type", "text"),
}
"""Fields of a piece with a place in our values."""



class _Item:
    """An output item on its way: which piece of it is open, and how much of that came."""

    __slots__ = ("first", "kind", "marked", "number", "piece", "size", "start", "tail", "told")

    def __init__(self, start: Json, *, marked: bool) -> None:
        self.kind, self.start = a_text(start.get("type")), start
        self.marked = marked
        """It must be told from the message before it."""
        self.piece, self.number, self.size = "", -1, 0
        self.tail = ""
        """The last of it that came."""
        self.first = True
        """No part of it is at its end."""
        self.told: dict[int, Json] = {}
        """Pieces of content that the stream said are whole, by their number."""

    def lacking(self, text: str) -> str:
        """What had not come of the open piece's whole text; nothing where that is another text than came."""
        if text[self.size - len(self.tail) : self.size] != self.tail:
            return ""
        rest = text[self.size :]
        self.size += len(rest)
        return rest


class Answer:
    """The parts of one answer. `called` and `declined` and `said` tell what it came to."""

    def __init__(self) -> None:
        self._parts = PartBuilder()
        self._items: dict[int, _Item] = {}
        self._after_message = False
        self.called = self.declined = self.said = False

    @property
    def empty(self) -> bool:
        """No item has begun."""
        return not self._items

    def begin(self, index: int, start: Json) -> list[Event]:
        """An item begins. Its parts begin with their first pieces, but a call is known by its name at once."""
        item = _Item(start, marked=self._after_message)
        self._items[index] = item
        self._after_message = item.kind == MESSAGE
        if item.kind not in (FUNCTION, CUSTOM_CALL):
            return []
        self.called = True
        begun = {name: value for name, value in start.items() if name != "status"}
        events = self._parts.open(index, _call(begun, item.kind), keep=True)
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
            events += self.begin(index, {"type": _HOMES[piece]})
        item = self._items[index]
        if item.kind != _HOMES[piece]:
            return []  # an item of that kind has no such pieces
        events += self._turn(index, item, piece, number)
        return [*events, *self.grow(index, piece, number, text)] if text else events

    def _turn(self, index: int, item: _Item, piece: str, number: int) -> list[Event]:
        """End the item's open part, begin its next one."""
        if piece in (ARGUMENTS, INPUT):
            item.piece, item.number = piece, number
            return []
        events = self._close_piece(index, item)
        item.piece, item.number, item.size, item.tail = piece, number, 0, ""
        self.said |= piece == TEXT
        self.declined |= piece == REFUSAL
        return [*events, *self._parts.open(index, _opened(item, piece), keep=True)]

    def piece_told(self, index: int, number: int, content: Json) -> None:
        """A piece of content is whole; it stays open until something else of its item begins."""
        if item := self._items.get(index):
            item.told[number] = content

    def _close_piece(self, index: int, item: _Item) -> list[Event]:
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
        pieces = _pieces(final) if kind in (MESSAGE, REASONING) else None
        if pieces is None:
            return [*events, *self._add_whole(final)]
        ended = _leftovers(final, kind) if item.first else _late(item, final)
        if item.first:
            item.start = final
        if kind == REASONING and not pieces:
            pieces = [(SUMMARY, 0, _NOTHING)]
        for place, (piece, number, content) in enumerate(pieces):
            last = place == len(pieces) - 1
            events += self._end_piece(index, item, piece, number, content)
            if self._parts.is_open(index) and last:
                events += self._finish(index, item, content, ended=ended, seal=_seal(final))
        return [*events, *self._parts.close(index)]

    def _end_piece(self, index: int, item: _Item, piece: str, number: int, content: Json) -> list[Event]:
        """What had not come of a piece; nothing where it is at its end."""
        if piece not in _HOMES:
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

    def _finish(self, index: int, item: _Item, content: Json, *, ended: Json, seal: str = "") -> list[Event]:
        """End the open part with its marks; the sources of a text follow it."""
        marks: dict[str, Any] = {"vendor": _marked(item, content, ended, sealed=bool(seal))}
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

    def _end_call(self, index: int, item: _Item, final: Json) -> list[Event]:
        if not self._parts.is_open(index):
            return []
        custom = item.kind == CUSTOM_CALL
        rest = item.lacking(a_text(final.get(INPUT if custom else ARGUMENTS)))
        events = self._parts.grow(escaped(rest) + INPUT_END if custom else rest, key=index)
        whole = _call(final, item.kind)
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


def _call(item: Json, kind: str) -> ToolCall:
    """A call without its arguments."""
    rest = _leftovers(item, kind) | ({"type": CUSTOM} if kind == CUSTOM_CALL else {})
    call_id = a_text(item.get("call_id")) or a_text(item.get("id"))
    return ToolCall(id=call_id, name=a_text(item.get("name")), vendor=vendor(rest))


def _leftovers(item: Json, kind: str) -> Json:
    """What an item says beside what our values have a place for. That it is complete needs no saying."""
    known = _KNOWN[kind]
    rest = {name: value for name, value in item.items() if name not in known and value is not None}
    if rest.get("status") == "completed":
        del rest["status"]
    if is_made(rest.get("id")):
        del rest["id"]
    return rest


def _started(item: _Item) -> Json:
    """What an item says at its start."""
    start = item.start
    told = {name: start[name] for name in _AT_START if start.get(name) is not None}
    return {name: value for name, value in told.items() if not is_made(value)}


def _late(item: _Item, final: Json) -> Json:
    """What the end of an item says that its start, which is told, did not."""
    told, final_start = _started(item), _started(_Item(final, marked=False))
    return _leftovers(final, item.kind) | {
        name: value for name, value in final_start.items() if told.get(name) != value
    }


def _opened(item: _Item, piece: str) -> Part:
    """The part in which a piece begins."""
    kept = _marked(item, {}, {}, piece=piece)
    match piece:
        case "output_text":
            return Text(text="", vendor=kept)
        case "refusal":
            return Refusal(text="", vendor=kept)
        case _:
            return Reasoning(vendor=kept)


def _marked(item: _Item, content: Json, ended: Json, *, piece: str = "", sealed: bool = False) -> Vendor:
    """The marks of a part (see `items`), and what its piece says that our values have no place for."""
    kind = piece or item.piece
    rest = {name: value for name, value in content.items() if name not in _PIECE_KNOWN[kind]}
    if item.first:
        start = _started(item)
        if start or (item.marked and item.kind == MESSAGE):
            rest[ITEM] = start
    elif item.kind == REASONING:
        rest[MORE] = True
    if kind == THOUGHT:
        rest[CONTENT] = True
    elif item.kind == REASONING and content.get("text") == "":
        rest[BLANK] = True
    if ended:
        rest[ENDED] = ended
    return {NAME: rest} if rest or sealed else {}


def _pieces(final: Json) -> list[tuple[str, int, Json]] | None:
    """The pieces of a message or reasoning item, in order; None of a message that has none."""
    if final.get("type") == MESSAGE:
        content = final.get("content")
        if isinstance(content, str):
            return [(TEXT, 0, {"text": content})]
        listed = objects(content)
        return [
            (a_text(each.get("type")) or TEXT, number, each) for number, each in enumerate(listed)
        ] or None
    pieces = [(SUMMARY, number, each) for number, each in enumerate(objects(final.get("summary")))]
    content = final.get("content")
    plain = objects(content) if is_list(content) else [{"text": content}] if isinstance(content, str) else []
    return pieces + [(THOUGHT, number, each) for number, each in enumerate(plain)]


def _seal(final: Json) -> str:
    return a_text(final.get("encrypted_content"))


def read_items(answer: Answer, items: Any) -> list[Event]:
    """Whole output items, one after another."""
    events: list[Event] = []
    for index, item in enumerate(objects(items)):
        events += answer.end(index, an_object(item))
    return events
