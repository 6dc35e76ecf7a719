"""One answer on its way to one client: head, pieces, and a sign of life where nothing comes."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Mapping

from quorate.engine.delivery import Delivery

from .intake import HungUp, Receive, Send
from .record import AccessRecord

KEEP_ALIVE = 15.0
"""Seconds without a word after which a stream of events gets a comment, so that no proxy thinks it dead."""

_COMMENT = b": keep-alive\n\n"
_EVENTS = "text/event-stream"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Outlet:
    """Sends. `has_begun` tells whether a status is out that cannot be taken back."""

    def __init__(self, send: Send, record: AccessRecord) -> None:
        """The record's ids are told in every answer's head; its status and first byte are noted here."""
        self._send, self._record = send, record
        self.marks = {"x-request-id": record.identity, "x-quorate-decision": record.id}
        """Headers of every answer, an error too."""
        self.taps: list[Callable[[bytes], None]] = []
        """Each is told every piece of the answer's body before it is sent."""
        self.has_begun = self._is_over = False
        self._keeps_alive = self._is_sending = self._has_spoken = False

    async def whole(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """An answer in one piece."""
        told = {**headers, **self.marks, "content-length": str(len(body))}
        await self._begin(status, told)
        await self._end(body)

    async def deliver(self, delivery: Delivery) -> None:
        told = delivery.headers | account(delivery)
        if delivery.pieces is None:
            await self.whole(200, told, delivery.body)
            return
        kind = told.get("content-type", "")
        await self._begin(200, {**told, **self.marks, "cache-control": "no-cache", "x-accel-buffering": "no"})
        self._keeps_alive = kind.startswith(_EVENTS)
        async for piece in delivery.pieces:
            await self._say(piece)
        self._keeps_alive = False
        await self._end()

    async def watch(self, receive: Receive) -> None:
        """Until the client hangs up, which is raised as `HungUp`; meanwhile the signs of life."""
        while True:
            try:
                async with asyncio.timeout(KEEP_ALIVE):
                    message = await receive()
            except TimeoutError:
                if self._keeps_alive and not self._has_spoken and not self._is_sending:
                    await self._send({"type": "http.response.body", "body": _COMMENT, "more_body": True})
                self._has_spoken = False
                continue
            if message["type"] == "http.disconnect":
                if self._is_over:
                    return  # the server says so of every answer that is sent
                raise HungUp

    async def _begin(self, status: int, headers: Mapping[str, str]) -> None:
        self.has_begun = True
        self._record.status, self._record.first_byte = status, time.perf_counter()
        written = [(name.encode("latin-1"), _line(value)) for name, value in headers.items()]
        await self._send({"type": "http.response.start", "status": status, "headers": written})

    async def _end(self, body: bytes = b"") -> None:
        self._is_over = True
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
    """Who answered, after how many attempts, for how much, and what it did not take as it was."""
    told = {
        "x-quorate-provider": delivery.provider,
        "x-quorate-model": delivery.model,
        "x-quorate-attempts": str(delivery.attempts),
    }
    if delivery.cost is not None:
        told["x-quorate-cost"] = f"{delivery.cost.normalize():f}"
    if delivery.fidelity:
        told["x-quorate-fidelity"] = ", ".join(f"{each.setting}={each.kind}" for each in delivery.fidelity)
    return told


def _line(value: str) -> bytes:
    """A header's value can hold neither control characters nor letters beyond Latin; a model's name can."""
    told = value if value.isprintable() else _CONTROL.sub(" ", value)
    return told.encode("latin-1", errors="replace")
