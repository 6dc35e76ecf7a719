"""Writes a streamed response for a client, event by event, in the order the official client expects.

A message or a thought stays open while parts may still join it: its last events are sent when another item
begins, or the reply ends. What an item is at its end is made as in a whole response, so the two agree.
"""

from __future__ import annotations

import msgspec

from quorate.errors import QuorateError
from quorate.types.events import Event, PartDelta, PartEnd, PartStart, ReplyEnd, ReplyStart
from quorate.types.parts import Part, Vendor
from quorate.wire.framing import write_sse
from quorate.wire.json_fields import Json
from quorate.wire.openai_faults import error_object
from quorate.wire.seam import Call

from .ids import made_id
from .items import MESSAGE, REASONING, WHOLE, item_of, joins, kind_of
from .namespaces import brought_home
from .pieces import Item, Place, Told, begun_item, end_of, ending, opening, source_told
from .reply import Envelope, ask_of, declines
from .steps import steps

_dumps = msgspec.json.encode


class ResponseWriter:
    """Writes one streamed answer."""

    content_type = "text/event-stream"

    def __init__(self, call: Call) -> None:
        ask = ask_of(call)
        self._call, self._custom, self._homes = call, ask.custom, ask.homes
        self._envelope = Envelope(call, "", "", 0, {})
        self._vendor: Vendor = {}
        self._reply_id = ""
        self._sequence = self._items = 0
        self._current: Item | None = None
        self._left: list[Item] = []
        self._open: dict[int, Place] = {}
        self._said: list[Part] = []
        self._output: dict[int, Json] = {}

    def write(self, event: Event) -> bytes:
        match event:
            case PartDelta():
                return self._grow(event)
            case PartStart():
                return self._begin(event)
            case PartEnd():
                return self._end_part(event)
            case ReplyStart():
                return self._start(event)
            case ReplyEnd():
                return self._finish(event)

    def fail(self, error: QuorateError) -> bytes:
        told = error_object(error)
        words: Json = {name: told[name] for name in ("code", "message", "param")}
        if (
            not self._sequence
        ):  # a failed response of another id than a relayed one's is what clients stumble over
            return self._tell([("error", words)])
        state = self._envelope.failed(
            self._vendor, self._written(), {"code": told["code"], "message": told["message"]}
        )
        return self._tell([("error", words), ("response.failed", {"response": state})])

    def close(self) -> bytes:
        return b""

    def _tell(self, events: list[Told]) -> bytes:
        out: list[bytes] = []
        for kind, fields in events:
            data = _dumps({"type": kind, "sequence_number": self._sequence, **fields})
            out.append(write_sse(data, kind))
            self._sequence += 1
        return b"".join(out)

    def _start(self, event: ReplyStart) -> bytes:
        self._reply_id, self._vendor = event.id, event.vendor
        self._envelope = Envelope(self._call, event.id, event.model, event.created, event.vendor)
        state: Json = {"response": self._envelope.running(event.vendor)}
        return self._tell([("response.created", state), ("response.in_progress", state)])

    def _begin(self, event: PartStart) -> bytes:
        """The protocol has one answer: the others of a question asked with `n` have no place in it."""
        part = brought_home(event.part, self._homes) if self._homes else event.part
        kind = kind_of(part, self._custom) if event.choice == 0 else ""
        if not kind:
            return b""
        out = b""
        item = self._current
        if item is None or not joins(part, item.kind):
            out = self._leave()
            item = self._current = Item(kind)
            if kind != WHOLE:
                out += self._tell([self._added(item, begun_item(item, part, self._new_id(item)))])
        elif item.last is not None and kind_of(part) == MESSAGE:
            out = self._tell(end_of(item, part))
        place = self._open[event.index] = Place(item, part)
        return out + self._tell(opening(place))

    def _new_id(self, item: Item) -> str:
        """Give the item its number, and an id for the case that it has none."""
        item.index = self._items
        self._items += 1
        return made_id(
            "image_generation_call" if item.kind == WHOLE else item.kind, self._reply_id, item.index
        )

    def _added(self, item: Item, told: Json) -> Told:
        return "response.output_item.added", {"output_index": item.index, "item": told}

    def _grow(self, event: PartDelta) -> bytes:
        place = self._open.get(event.index)
        if place is None or not place.head or not event.text:
            return b""
        before = b"" if place.sent else self._tell(place.before())
        return before + self._piece(place, event.text)

    def _piece(self, place: Place, text: str) -> bytes:
        """Words of a part: the hot path."""
        place.sent = True
        self._sequence += 1
        return b"".join((place.head, _dumps(text), place.tail, b"%d}\n\n" % (self._sequence - 1)))

    def _end_part(self, event: PartEnd) -> bytes:
        place = self._open.pop(event.index, None)
        if place is None:
            return b""
        item = place.item
        part = brought_home(event.part, self._homes) if self._homes else event.part
        place.put(part)
        self._said.append(part)
        if item.kind == WHOLE:
            if item is self._current:
                self._current = None
            return self._end_whole(item)
        out = b""
        if place.head and not place.sent and (words := place.words()):
            out = self._tell(place.before()) + self._piece(place, words)
        out += self._tell(ending(place)) + self._tell(source_told(item, part))
        if item.open == 0 and (item in self._left or item.kind not in (MESSAGE, REASONING)):
            out += self._end_item(item)
        return out

    def _end_whole(self, item: Item) -> bytes:
        """An item that is one part by itself is told at its end, all its steps at once."""
        final = item_of(WHOLE, item.parts, made_id("image_generation_call", self._reply_id, self._items))
        if not final:
            return b""
        self._new_id(item)
        self._output[item.index] = final
        before, after = steps(item.index, final)
        return self._tell(before) + self._tell([*after, self._done(item, final)])

    def _done(self, item: Item, final: Json) -> Told:
        return "response.output_item.done", {"output_index": item.index, "item": final}

    def _leave(self) -> bytes:
        """Nothing more joins the item of late; where parts of it are open, it ends with the last of them."""
        item, self._current = self._current, None
        if item is None or item.index in self._output or item.kind == WHOLE:
            return b""
        if item.open:
            self._left.append(item)
            return b""
        return self._end_item(item)

    def _end_item(self, item: Item) -> bytes:
        events = end_of(item, None)
        final = item_of(item.kind, item.parts, item.id)
        self._output[item.index] = final
        if item is self._current:
            self._current = None
        return self._tell([*events, self._done(item, final)])

    def _written(self) -> list[Json]:
        return [self._output[index] for index in sorted(self._output)]

    def _finish(self, event: ReplyEnd) -> bytes:
        out = self._leave()
        for item in self._left:
            if item.index not in self._output:
                out += self._end_item(item)
        vendor = event.vendor or self._vendor
        state = self._envelope.done(
            vendor, self._written(), event.finish, event.usage, declined=declines(self._said)
        )
        status = "completed" if state["status"] == "complete" else state["status"]
        return out + self._tell([(f"response.{status}", {"response": state})])
