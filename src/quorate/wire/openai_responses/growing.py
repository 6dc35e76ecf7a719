"""An output item as it grows: which piece of it is open, and the marks that its parts get (see `items`)."""

from __future__ import annotations

from quorate.types.parts import Part, Reasoning, Refusal, Text, ToolCall, Vendor
from quorate.wire.json_fields import Json, a_text, is_list, objects

from .custom import CUSTOM
from .fields import NAME, vendor
from .hosted import ITEM
from .ids import is_made
from .items import BLANK, CONTENT, CUSTOM_CALL, ENDED, FUNCTION, MESSAGE, MORE, REASONING

TEXT, REFUSAL, SUMMARY, THOUGHT, ARGUMENTS, INPUT = (
    "output_text",
    "refusal",
    "summary_text",
    "reasoning_text",
    "arguments",
    "input",
)
"""Kinds of pieces; the first four are the types that the protocol has for them."""

HOMES = {
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

_PIECE_KNOWN = {
    TEXT: ("type", "text", "annotations", "logprobs"),
    REFUSAL: ("type", "refusal"),
    SUMMARY: ("type", "text"),
    THOUGHT: ("type", "text"),
}
"""Fields of a piece with a place in our values."""


class Growing:
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


def call_of(item: Json, kind: str) -> ToolCall:
    """A call without its arguments."""
    rest = leftovers(item, kind) | ({"type": CUSTOM} if kind == CUSTOM_CALL else {})
    call_id = a_text(item.get("call_id")) or a_text(item.get("id"))
    return ToolCall(id=call_id, name=a_text(item.get("name")), vendor=vendor(rest))


def leftovers(item: Json, kind: str) -> Json:
    """What an item says beside what our values have a place for. That it is complete needs no saying."""
    known = _KNOWN[kind]
    rest = {name: value for name, value in item.items() if name not in known and value is not None}
    if rest.get("status") == "completed":
        del rest["status"]
    if is_made(rest.get("id")):
        del rest["id"]
    return rest


def _started(item: Growing) -> Json:
    """What an item says at its start."""
    start = item.start
    told = {name: start[name] for name in _AT_START if start.get(name) is not None}
    return {name: value for name, value in told.items() if not is_made(value)}


def told_late(item: Growing, final: Json) -> Json:
    """What the end of an item says that its start, which is told, did not."""
    told, final_start = _started(item), _started(Growing(final, marked=False))
    return leftovers(final, item.kind) | {
        name: value for name, value in final_start.items() if told.get(name) != value
    }


def opened(item: Growing, piece: str) -> Part:
    """The part in which a piece begins."""
    kept = marked_for(item, {}, {}, piece=piece)
    match piece:
        case "output_text":
            return Text(text="", vendor=kept)
        case "refusal":
            return Refusal(text="", vendor=kept)
        case _:
            return Reasoning(vendor=kept)


def marked_for(item: Growing, content: Json, ended: Json, *, piece: str = "", sealed: bool = False) -> Vendor:
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


def pieces_of(final: Json) -> list[tuple[str, int, Json]] | None:
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
