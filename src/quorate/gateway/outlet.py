"""One answer on its way to one client: head, pieces, and a sign of life where nothing comes."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import lru_cache

from quorate.engine.delivery import Delivery
from quorate.types.chat import Departure

from .intake import Message, Send, SendWhole
from .record import AccessRecord

KEEP_ALIVE = 15.0
"""Seconds without a word after which a stream of events gets an empty line, so that no proxy thinks it dead."""

_LONGEST = 2_000
"""Characters of a header: clients refuse heads of 8 or 16 KiB, and a long conversation departs at every turn."""

_NOTHING = b"\n"
"""Between two events an empty line means nothing to any client; over a comment Google's SDK breaks off."""

COST = "x-quorate-cost"
_EVENTS = "text/event-stream"
_FRAMED = (_EVENTS, "application/x-ndjson")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Outlet:
    """Sends. `has_begun` tells whether a status is out that cannot be taken back, `is_over` whether all is."""

    def __init__(self, send: Send, record: AccessRecord, whole: SendWhole | None = None) -> None:
        """The record's ids are told in every answer's head; its status and first byte are noted here.

        `whole` is our own server's shorter way for an answer in one piece.
        """
        self._send, self._record, self._send_whole = send, record, whole
        self.marks = {"x-request-id": record.identity, "x-quorate-decision": record.id}
        """Headers of every answer, an error too."""
        self.taps: list[Callable[[bytes], None]] = []
        """Each is told every piece of the answer's body before it is sent."""
        self.has_begun = self.is_over = False
        self._has_frames = self._is_sending = self._has_spoken = False

    async def whole(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """An answer in one piece."""
        if self._send_whole is not None and "connection" not in headers:
            self._note(status)
            if self._send_whole(status, self._lines(headers), body):
                self.is_over = True
                for tap in self.taps:
                    tap(body)
                return
        told = {**headers, **self.marks, "content-length": str(len(body))}
        await self._begin(status, told)
        await self._end(body)

    def _lines(self, headers: Mapping[str, str]) -> bytes:
        """Those of a head: what is the same for all answers of a target is written once."""
        marks = self.marks
        if headers.keys() & marks:
            headers = {name: value for name, value in headers.items() if name not in marks}
        return _block(tuple(headers.items())) + "".join(
            f"{name}: {value if value.isascii() and value.isprintable() else _said(value)}\r\n"
            for name, value in marks.items()
        ).encode("latin-1")

    async def deliver(self, delivery: Delivery) -> None:
        told = delivery.headers | account(delivery)
        if delivery.cost is not None:
            self.marks[COST] = f"{delivery.cost.normalize():f}"
        if delivery.pieces is None:
            await self.whole(200, told, delivery.body)
            return
        await self.stream(told, delivery.pieces)

    async def stream(self, headers: Mapping[str, str], pieces: AsyncIterator[bytes]) -> None:
        """An answer as it comes."""
        kind = headers.get("content-type", "")
        self._has_frames = kind.startswith(_FRAMED)
        await self._begin(
            200, {**headers, **self.marks, "cache-control": "no-cache", "x-accel-buffering": "no"}
        )
        living = asyncio.get_running_loop().create_task(self._live()) if kind.startswith(_EVENTS) else None
        try:
            async for piece in pieces:
                await self._say(piece)
        finally:
            if living is not None:
                living.cancel()
        await self._end()

    async def break_off(self, last: bytes) -> None:
        """End a stream that has begun with these bytes, if it is one of frames; another is left where it broke."""
        if self._has_frames and self.has_begun and not self.is_over:
            await self._say(last)
            await self._end()

    async def passing(self, message: Message) -> None:
        """What an application sends that answers by itself: with the marks of every answer."""
        if message["type"] == "http.response.start":
            self._note(message["status"])
            marks = [(_name(name), _line(value)) for name, value in self.marks.items()]
            message = {**message, "headers": [*message.get("headers", ()), *marks]}
        elif not message.get("more_body", False):
            self.is_over = True
        await self._send(message)

    async def _live(self) -> None:
        """The signs of life of a stream of events."""
        while True:
            self._has_spoken = False
            await asyncio.sleep(KEEP_ALIVE)
            if not self._has_spoken and not self._is_sending:
                await self._send({"type": "http.response.body", "body": _NOTHING, "more_body": True})

    def _note(self, status: int) -> None:
        self.has_begun = True
        self._record.status, self._record.first_byte = status, time.perf_counter()

    async def _begin(self, status: int, headers: Mapping[str, str]) -> None:
        self._note(status)
        written = [(_name(name), _line(value)) for name, value in headers.items()]
        await self._send({"type": "http.response.start", "status": status, "headers": written})

    async def _end(self, body: bytes = b"") -> None:
        self.is_over = True
        for tap in self.taps:
            tap(body)
        await self._send({"type": "http.response.body", "body": body})

    async def _say(self, piece: bytes) -> None:
        self._is_sending = self._has_spoken = True
        for tap in self.taps:
            tap(piece)
        await self._send({"type": "http.response.body", "body": piece, "more_body": True})
        self._is_sending = False


def account(delivery: Delivery) -> dict[str, str]:
    """Who answered, after how many attempts, and what it did not take as it was."""
    told = {
        "x-quorate-provider": delivery.provider,
        "x-quorate-model": delivery.model,
        "x-quorate-attempts": str(delivery.attempts),
    }
    if delivery.fidelity:
        told["x-quorate-fidelity"] = _departures(delivery.fidelity)
    return told


def _departures(fidelity: Sequence[Departure]) -> str:
    told = ", ".join(f"{each.setting}={each.kind}" for each in fidelity)
    if len(told) <= _LONGEST:
        return told
    kept = told[:_LONGEST].rpartition(", ")[0]
    return f"{kept}, and {len(fidelity) - kept.count(', ') - 1} more"


@lru_cache(maxsize=256)
def _name(name: str) -> bytes:
    return name.encode("latin-1")


@lru_cache(maxsize=1024)
def _line(value: str) -> bytes:
    return _said(value).encode("latin-1")


@lru_cache(maxsize=512)
def _block(headers: tuple[tuple[str, str], ...]) -> bytes:
    return "".join(f"{name}: {_said(value)}\r\n" for name, value in headers).encode("latin-1")


def _said(value: str) -> str:
    """A header's value can hold neither control characters nor letters beyond Latin; a model's name can."""
    told = value if value.isprintable() else _CONTROL.sub(" ", value)
    return told.encode("latin-1", errors="replace").decode("latin-1")
