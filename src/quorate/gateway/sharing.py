"""One answer, made once and read by several calls, each at its own pace and from the first byte on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from quorate.errors import QuorateError, StreamInterrupted
from quorate.types.value import Value

from .intake import Message

MOST = 4 * 1024 * 1024
"""Bytes of an answer that are held. A longer one passes, but nobody can join it late, and it is not kept."""

MOST_TOGETHER = 64 * 1024 * 1024
"""Bytes of all of them; beyond that each may hold little."""

_LITTLE = 64 * 1024
_OWN = frozenset(
    ("cache-control", "content-length", "x-accel-buffering", "x-quorate-decision", "x-request-id")
)
"""Headers that each reader's own call has anew."""


class Head(Value):
    """How the answer begins."""

    status: int
    headers: dict[str, str]
    is_whole: bool
    """It comes in one piece."""


class Held:
    """Bytes that all shared answers hold."""

    def __init__(self) -> None:
        self.bytes = 0

    @property
    def is_full(self) -> bool:
        return self.bytes > MOST_TOGETHER

    @property
    def most(self) -> int:
        """Of one answer."""
        return _LITTLE if self.is_full else MOST


class Shared:
    """Filled by `send`, as a server would be; read by `Reader`s."""

    def __init__(self, held: Held) -> None:
        self._held = held
        self.head: Head | None = None
        self.failure: QuorateError | None = None
        self.is_over = False
        self.is_complete = True
        """Nothing of it has been given up: who comes now gets all of it."""
        self.readers: set[Reader] = set()
        self._pieces: list[bytes] = []
        self._first = self._size = 0
        self._event = asyncio.Event()

    @property
    def end(self) -> int:
        """How many pieces there have been."""
        return self._first + len(self._pieces)

    @property
    def body(self) -> bytes:
        return b"".join(self._pieces)

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            told = {name.decode("latin-1"): value.decode("latin-1") for name, value in message["headers"]}
            self.head = Head(
                status=message["status"],
                headers={name: value for name, value in told.items() if name not in _OWN},
                is_whole="content-length" in told,
            )
            self.tell()
        elif body := message.get("body"):
            self.add(body)
            await self._kept_small()

    def add(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self._size += len(piece)
        self._held.bytes += len(piece)
        self.tell()

    async def _kept_small(self) -> None:
        """Wait for the fastest reader where more would be held than may be; who is slower than that is left behind."""
        while self._size > self._held.most and self.readers:
            places = [each.at for each in self.readers]
            self._give_up(min(places))
            while self._size > self._held.most and self._first < max(places):
                self._give_up(self._first + 1)
            if self._size > self._held.most:
                await self.changed()

    def _give_up(self, place: int) -> None:
        gone = self._pieces[: max(0, place - self._first)]
        if gone:
            self.is_complete = False
            del self._pieces[: len(gone)]
            self._first += len(gone)
            self._shrink(sum(map(len, gone)))

    def _shrink(self, size: int) -> None:
        self._size -= size
        self._held.bytes -= size

    def finish(self, failure: QuorateError | None = None) -> None:
        self.failure, self.is_over = failure, True
        self.tell()

    def forget(self) -> None:
        """Nobody will ask for it any more; who reads it now has what he needs."""
        self._shrink(self._size)

    def tell(self) -> None:
        event, self._event = self._event, asyncio.Event()
        event.set()

    async def changed(self) -> None:
        await self._event.wait()

    def taken_from(self, place: int) -> bytes:
        """All pieces from that one on. Raises `StreamInterrupted` where they have been given up."""
        if place < self._first:
            raise StreamInterrupted("this answer was read too slowly to be shared")
        return b"".join(self._pieces[place - self._first :])


class Reader:
    """One call that reads it."""

    def __init__(self, shared: Shared) -> None:
        self._shared, self.at = shared, 0
        shared.readers.add(self)

    def leave(self) -> None:
        self._shared.readers.discard(self)
        self._shared.tell()

    async def head(self) -> Head:
        """As soon as it is there. Raises what kept it away."""
        while self._shared.head is None and not self._shared.is_over:
            await self._shared.changed()
        if self._shared.failure is not None and self._shared.head is None:
            raise self._shared.failure
        if self._shared.head is None:
            raise StreamInterrupted("the answer that was shared was given up")
        return self._shared.head

    async def pieces(self) -> AsyncGenerator[bytes]:
        """All of it, in larger pieces where the reader is behind. Raises what broke it off."""
        shared = self._shared
        while True:
            if self.at < shared.end:
                data = shared.taken_from(self.at)
                self.at = shared.end
                shared.tell()
                yield data
            elif shared.is_over:
                break
            else:
                await shared.changed()
        if shared.failure is not None:
            raise shared.failure
