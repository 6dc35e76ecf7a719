"""The events that tell a client of the parts of one output item: before, during and after their words."""

from __future__ import annotations

import msgspec

from quorate.types.parts import Citation, Media, Opaque, Part, Reasoning, Refusal, Text, ToolCall
from quorate.types.value import replace
from quorate.wire.json_fields import Json, a_text

from .citations import write_annotation
from .custom import input_of
from .items import CUSTOM_CALL, FUNCTION, content_of, contents, item_of, thought_of
from .namespaces import own_name

Told = tuple[str, Json]
"""An event to send: its type, and its fields but for the type and the sequence number."""

_dumps = msgspec.json.encode


class Item:
    """An output item on its way."""

    __slots__ = ("id", "index", "kind", "last", "open", "parts")

    def __init__(self, kind: str) -> None:
        self.kind, self.index, self.id = kind, -1, ""
        self.parts: list[Part] = []
        self.open = 0
        """Parts of it that are not at their end."""
        self.last: Place | None = None
        """The piece of a message's content whose sources may still come."""


class Place:
    """A part on its way: where it stands, and the bytes around each piece of its words."""

    __slots__ = ("at", "head", "item", "number", "sent", "tail")

    def __init__(self, item: Item, part: Part) -> None:
        self.item, self.at = item, len(item.parts)
        self.number = _number(item, part)
        """Of the piece within its list: content, or summary."""
        item.parts.append(part)
        item.open += 1
        self.head = self.tail = b""
        self.sent = False
        self._expect(part)

    @property
    def part(self) -> Part:
        return self.item.parts[self.at]

    def put(self, part: Part) -> None:
        """The part as it is at its end."""
        self.item.parts[self.at] = part
        self.item.open -= 1

    def words(self) -> str:
        """What the part would have grown by."""
        match self.part:
            case Text(text=text) | Refusal(text=text) | Reasoning(text=text) | Media(transcript=text):
                return text
            case ToolCall(arguments=text):
                return text
            case _:
                return ""

    def before(self) -> list[Told]:
        """A thought begins with its first word: a sealed one has none, and is no piece of its item."""
        return [_thought(self, "added", emptied(self.part))] if isinstance(self.part, Reasoning) else []

    def where(self, **fields: object) -> Json:
        name = "summary_index" if _is_summary(self.part) else "content_index"
        return {"item_id": self.item.id, "output_index": self.item.index, name: self.number, **fields}

    def _expect(self, part: Part) -> None:
        """Make ready for pieces: all but the words and the sequence number stays the same."""
        match part:
            case Text() | Media(kind="audio"):
                name, place, tail = "output_text", "content_index", b',"logprobs":[]'
            case Refusal():
                name, place, tail = "refusal", "content_index", b""
            case Reasoning() if _is_summary(part):
                name, place, tail = "reasoning_summary_text", "summary_index", b""
            case Reasoning():
                name, place, tail = "reasoning_text", "content_index", b""
            case ToolCall() if self.item.kind == FUNCTION:
                name, place, tail = "function_call_arguments", "", b""
            case _:
                return
        kind = f"response.{name}.delta".encode()
        number = b'"%b":%d,' % (place.encode(), self.number) if place else b""
        where = b'"item_id":%b,"output_index":%d,%b' % (_dumps(self.item.id), self.item.index, number)
        self.head = b'event: %b\ndata: {"type":"%b",%b"delta":' % (kind, kind, where)
        self.tail = tail + b',"sequence_number":'


def emptied(part: Part) -> Part:
    """The part before its words."""
    match part:
        case Text():
            return replace(part, text="", logprobs=())
        case Refusal() | Reasoning():
            return replace(part, text="")
        case Media():
            return replace(part, transcript="")
        case _:
            return part


def _is_summary(part: Part) -> bool:
    return isinstance(part, Reasoning) and thought_of(part)[0] == "summary"


def _number(item: Item, part: Part) -> int:
    if isinstance(part, Reasoning):
        field = thought_of(part)[0]
        return sum(thought_of(each)[0] == field for each in item.parts if isinstance(each, Reasoning))
    return sum(not isinstance(each, Citation) for each in item.parts)


def begun_item(item: Item, part: Part, fallback_id: str) -> Json:
    """The item before anything of it was said; its id is kept."""
    told = item_of(item.kind, [emptied(part)], fallback_id)
    item.id = a_text(told.get("id")) or fallback_id
    match item.kind:
        case "message":
            return told | {"status": "in_progress", "content": []}
        case "reasoning":
            return {
                name: value for name, value in told.items() if name not in ("content", "encrypted_content")
            }
        case "custom_tool_call":
            return told | {"status": "in_progress", "input": ""}
        case _:
            return told | {"status": "in_progress", "arguments": ""}


def opening(place: Place) -> list[Told]:
    """What comes before the words of a message's piece."""
    part = place.part
    if isinstance(part, Text | Refusal | Media) and place.head:
        empty = content_of(emptied(part), full=True)
        return [("response.content_part.added", place.where(part=empty))]
    return []


def ending(place: Place) -> list[Told]:
    """What follows the words of a part. A text's own end waits: its sources come after it."""
    item, part = place.item, place.part
    match part:
        case Text() | Refusal() | Media():
            item.last = place
            return []
        case Opaque():
            item.last = place
            return [("response.content_part.added", place.where(part=content_of(part, full=True)))]
        case Reasoning() if place.sent:
            return _end_thought(place, part)
        case ToolCall() if item.kind == FUNCTION:
            where: Json = {"item_id": item.id, "output_index": item.index}
            words: Json = {"name": own_name(part), "arguments": part.arguments}
            return [("response.function_call_arguments.done", where | words)]
        case ToolCall() if item.kind == CUSTOM_CALL:
            where = {"item_id": item.id, "output_index": item.index}
            text = input_of(part.arguments)
            return [
                ("response.custom_tool_call_input.delta", where | {"delta": text}),
                ("response.custom_tool_call_input.done", where | {"input": text}),
            ]
        case _:
            return []


def _end_thought(place: Place, part: Reasoning) -> list[Told]:
    name = "reasoning_summary_text" if _is_summary(part) else "reasoning_text"
    return [(f"response.{name}.done", place.where(text=part.text)), _thought(place, "done", part)]


def _thought(place: Place, what: str, part: Part) -> Told:
    field, told = thought_of(part) if isinstance(part, Reasoning) else ("", {})
    name = "reasoning_summary_part" if field == "summary" else "content_part"
    return f"response.{name}.{what}", place.where(part=told)


def source_told(item: Item, part: Part) -> list[Told]:
    """A source of the text before it."""
    place = item.last
    if not isinstance(part, Citation) or place is None:
        return []
    sources = sum(isinstance(each, Citation) for each in item.parts[place.at :])
    annotation = write_annotation(part, len(place.words()))
    told = place.where(annotation_index=sources - 1, annotation=annotation)
    return [("response.output_text.annotation.added", told)]


def end_of(item: Item, following: Part | None) -> list[Told]:
    """The end of a message's piece of content, unless what follows is one more source of it."""
    place = item.last
    if place is None or isinstance(following, Citation):
        return []
    item.last = None
    sources = [each for each in item.parts[place.at + 1 :] if isinstance(each, Citation)]
    told = contents([place.part, *sources], full=True)[0]
    done: list[Told] = []
    match place.part:
        case Text() | Media():
            words: Json = {"text": told["text"], "logprobs": told.get("logprobs", [])}
            done = [("response.output_text.done", place.where(**words))]
        case Refusal(text=text):
            done = [("response.refusal.done", place.where(refusal=text))]
        case _:
            pass
    return [*done, ("response.content_part.done", place.where(part=told))]
