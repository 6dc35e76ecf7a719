"""Answers on their way to a client, read or told otherwise: the response in them, its id, the numbers of its events."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import msgspec

from quorate.types.value import Value
from quorate.wire.framing import SseFramer, write_sse
from quorate.wire.seam import Frame

ENDS = frozenset(("response.completed", "response.incomplete", "response.failed"))
"""Events with the response as it is at its end."""

_MARK = b'"response"'
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_dumps = msgspec.json.encode


class ResponseHead(Value):
    """As much of a response as is kept beside it."""

    object: str = ""
    id: str = ""
    status: str = "completed"


class _Event(msgspec.Struct):
    type: str = ""
    response: msgspec.Raw = msgspec.Raw(b"")


_read_head = msgspec.json.Decoder(ResponseHead).decode
_read_event = msgspec.json.Decoder(_Event).decode
_read_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def read_head(body: bytes) -> ResponseHead | None:
    """None for bytes that are no response."""
    try:
        head = _read_head(body)
    except _UNREADABLE:
        return None
    return head if head.object == "response" and head.id else None


def ended_response(piece: bytes) -> bytes | None:
    """The response at its end, where these whole frames of a stream tell it. Cheap where they do not."""
    if _MARK not in piece:
        return None
    framer = SseFramer()
    for frame in (*framer.feed(piece), *framer.close()):
        try:
            event = _read_event(frame.data)
        except _UNREADABLE:
            continue
        if event.type in ENDS:
            return bytes(event.response)
    return None


def retold(body: bytes, changes: Mapping[str, Any]) -> bytes:
    """A response with other values of some fields."""
    try:
        fields: dict[str, Any] = dict(_read_fields(body))
    except _UNREADABLE:
        return body
    return _dumps({**fields, **changes})


class Event(Value):
    """One event of a stream."""

    type: str
    sequence: int
    data: bytes
    """JSON."""
    response: bytes = b""
    """JSON: the response as this event tells it, where it does."""


class Retelling:
    """A stream whose responses have other values of some fields, and, where wanted, other numbers."""

    def __init__(
        self, changes: Mapping[str, Any], *, first: int | None = None, without: Collection[str] = ()
    ) -> None:
        """`first` is the number of the first event; None leaves the numbers as they are.

        Events of the types `without` are left out.
        """
        self._changes, self._next, self._without = changes, first, without
        self._framer = SseFramer()

    def bytes_of(self, piece: bytes) -> bytes:
        """Whole frames, told otherwise."""
        return b"".join(self._written(frame) for frame in self._framer.feed(piece))

    def events_of(self, piece: bytes) -> Iterator[Event]:
        """Its events, told otherwise; what is no event of this protocol is passed over."""
        for frame in self._framer.feed(piece):
            if (event := self._told(frame)) is not None and event.type:
                yield event

    def _written(self, frame: Frame) -> bytes:
        event = self._told(frame)
        if event is None:
            return b""
        return write_sse(event.data, frame.event)

    def _told(self, frame: Frame) -> Event | None:
        try:
            fields: dict[str, Any] = dict(_read_fields(frame.data))
            kind = msgspec.json.decode(fields["type"], type=str)
            number = int(msgspec.json.decode(fields.get("sequence_number", b"-1")))
        except (*_UNREADABLE, KeyError, TypeError, ValueError):
            return Event(type="", sequence=-1, data=frame.data)
        if kind in self._without:
            return None
        if self._next is not None:
            number, self._next = self._next, self._next + 1
            fields["sequence_number"] = number
        response = b""
        if "response" in fields:
            response = retold(bytes(fields["response"]), self._changes)
            fields["response"] = msgspec.Raw(response)
        return Event(type=kind, sequence=number, data=_dumps(fields), response=response)
