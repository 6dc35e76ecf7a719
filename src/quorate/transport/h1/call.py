"""One call from its connection to its last byte: what `send` returns and, once entered, the arrival."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from time import monotonic
from types import TracebackType
from typing import Protocol
from urllib.parse import urljoin

from quorate.errors import Unreachable, UpstreamError
from quorate.transport.inflate import Inflate
from quorate.transport.seam import Send
from quorate.transport.watch import NEVER, Rounds, Watch
from quorate.transport.wording import broken, timed_out, too_large, unreachable

from .address import Address, address_of
from .connecting import no_tls
from .connection import Connection
from .request import head_of

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PROXY_WANTS_A_PASSWORD = 407
_ENOUGH = 256 * 1024
"""Bytes that wait for a slow reader; with more, the upstream waits."""


class Source(Protocol):
    """Where calls get their connections."""

    loop: asyncio.AbstractEventLoop
    under_way: set[Call]
    rounds: Rounds

    def take(self, address: Address, lane: str) -> Connection | None:
        """A connection that is there already."""
        ...

    async def open(self, address: Address, lane: str, within: float | None) -> Connection:
        """Raises `TimeoutError` after that many seconds, `Unreachable` where it cannot be done."""
        ...


class Call:
    """Its own iterator over the body: each piece as soon as it is there, and all that came before a failure."""

    __slots__ = (
        "_address",
        "_begun_by",
        "_connection",
        "_connections",
        "_error",
        "_has_begun",
        "_held",
        "_inflate",
        "_is_whole",
        "_pieces",
        "_request",
        "_waiter",
        "_watch",
        "headers",
        "status",
    )

    def __init__(self, connections: Source, request: Send) -> None:
        self._connections, self._request = connections, request
        self._address = address_of(request.url)
        self._connection: Connection | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._pieces: list[bytes] = []
        self._held = 0
        self._begun_by = NEVER
        self._has_begun = self._is_whole = False
        self._error: UpstreamError | None = None
        self._inflate: Inflate | None = None
        self.status = 0
        self.headers: Mapping[str, str] = {}
        self._watch = Watch(connections.loop, _over_by(request), self._too_late, connections.rounds)

    async def __aenter__(self) -> Call:
        request, connections = self._request, self._connections
        head = head_of(request)
        connections.under_way.add(self)
        try:
            if self._watch.left() <= 0:
                raise timed_out(self._address.place, "total")
            connection = connections.take(self._address, request.lane) or await self._connect()
            self._connection = connection
            if self._error is not None:
                raise self._error
            connection.send(self, head, request.body, head_only=request.method == "HEAD")
            self.sending()
            while not self.status:
                if self._error is not None:
                    raise self._error
                await self._news()
            self._judge()
        except BaseException:
            self._leave()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    async def read(self) -> bytes:
        limit = self._request.max_body
        length = self.headers.get("content-length", "")
        if length.isdigit() and int(length) > limit:
            raise too_large(limit)
        if self._is_whole and self._inflate is None and self._held <= limit:
            return self._here()  # all of it came with the head
        pieces: list[bytes] = []
        size = 0
        async for piece in self:
            size += len(piece)
            if size > limit:
                raise too_large(limit)
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def chunks(self) -> Call:
        return self

    def __aiter__(self) -> Call:
        return self

    async def __anext__(self) -> bytes:
        if self._inflate is None:
            piece = self._here() or await self._next()
        else:
            piece = await self._decoded(self._inflate)
        if not piece:
            raise StopAsyncIteration
        return piece

    def begun(self, status: int, headers: dict[str, str]) -> None:
        self.status, self.headers = status, headers
        self._wake()

    def came(self, piece: bytes) -> None:
        self._has_begun = True
        self._pieces.append(piece)
        self._held += len(piece)
        if self._held > _ENOUGH and self._connection is not None:
            self._connection.pause()
        self._wake()

    def ended(self) -> None:
        self._connection = None
        self._is_whole = True
        self._wake()

    def broke(self, reason: str, cause: BaseException | None) -> None:
        self._connection = None
        self._error = self._fault(reason, cause)
        self._wake()

    def sending(self) -> None:
        """The request goes out, or more of it: the upstream's time to think begins after it."""
        first_byte = self._request.timeouts.first_byte
        if first_byte is not None and not self.status:
            self._begun_by = monotonic() + first_byte
            self._watch.wait("first_byte", self._begun_by)

    def stop(self, error: UpstreamError) -> None:
        """End the call: whoever waits for the answer, or reads on, gets this error."""
        if self._is_whole or self._error is not None:
            return
        self._error = error
        self._hang_up()
        self._wake()

    async def _connect(self) -> Connection:
        connect, waits_for = self._request.timeouts.connect, "connect"
        left = self._watch.left()
        if left < (NEVER if connect is None else connect):
            connect, waits_for = left, "total"
        try:
            return await self._connections.open(self._address, self._request.lane, connect)
        except TimeoutError:
            late = timed_out(self._address.place, waits_for, connect or 0.0)
        raise self._error or late

    def _judge(self) -> None:
        """The head is there: an answer like any other, or none that can be used?"""
        headers, status = self.headers, self.status
        if status in _REDIRECTS and "location" in headers:
            there = _place_of(urljoin(self._request.url, headers["location"]))
            raise broken(f"'{self._address.place}' redirects to '{there}'", "redirect", status=status)
        if status == _PROXY_WANTS_A_PASSWORD:
            raise unreachable(f"the proxy does not lead to '{self._address.place}'", "proxy", status=status)
        encoding = headers.get("content-encoding", "").strip().lower()
        if encoding and encoding != "identity":
            self._inflate = Inflate(encoding)

    async def _decoded(self, inflate: Inflate) -> bytes:
        while not (piece := inflate.take()):
            if not (encoded := self._here() or await self._next()):
                inflate.close()
                return b""
            inflate.feed(encoded)
        return piece

    def _here(self) -> bytes:
        """What has come already; b'' where that is nothing."""
        if not self._is_whole and self._error is None and self._watch.left() <= 0:
            self.stop(timed_out(self._address.place, "total"))  # there may always be something to read
        pieces = self._pieces
        if not pieces:
            return b""
        piece = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        self._held = 0
        if self._connection is not None:
            self._connection.resume()
        return piece

    async def _next(self) -> bytes:
        """Wait for the next piece; b'' at the end."""
        while not (piece := self._here()):
            if self._error is not None:
                raise self._error
            if self._is_whole:
                return b""
            if self._has_begun:
                gap = self._request.timeouts.gap
                self._watch.wait("gap", NEVER if gap is None else monotonic() + gap)
            else:
                self._watch.wait("first_byte", self._begun_by)
            await self._news()
        return piece

    async def _news(self) -> None:
        """Wait until something has come or gone."""
        if self._waiter is not None:
            raise broken("the answer has two readers", "closed", status=self.status)
        self._waiter = self._connections.loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None
            self._watch.rest()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _too_late(self, waited_for: str) -> None:
        if self._waiter is None or self._waiter.done():
            return  # it came at the last moment, and its reader has not had a turn yet
        timeouts = self._request.timeouts
        seconds = timeouts.gap if waited_for == "gap" else timeouts.first_byte
        self.stop(timed_out(self._address.place, waited_for, seconds or 0.0))

    def _fault(self, reason: str, cause: BaseException | None) -> UpstreamError:
        place, status = self._address.place, self.status
        if isinstance(cause, ssl.SSLError) and not status:
            return no_tls(cause, place)
        told = {
            "reset": f"'{place}' closed the connection before it answered",
            "truncated": f"the answer of '{place}' breaks off before its end",
            "not_http": f"'{place}' answers with something that is not HTTP",
            "too_large": f"'{place}' sends more headers, or longer ones, than allowed",
        }[reason]
        if reason == "reset" and (cause or status):
            told = f"the connection to '{place}' broke off"
        return broken(told, reason, status=status)

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.abort()
            self._connection = None

    def _leave(self) -> None:
        """Hang up where the answer has not come to its end; otherwise the connection is back in the pool already."""
        self._watch.end()
        self._connections.under_way.discard(self)
        self._hang_up()
        if not self._is_whole and self._error is None:
            self._error = broken("the answer was left before its end", "closed", status=self.status)
            self._wake()  # somebody may be reading still


def _over_by(request: Send) -> float:
    """The moment of `time.monotonic` at which the call is over, whatever it does."""
    total = NEVER if request.timeouts.total is None else monotonic() + request.timeouts.total
    return total if request.deadline is None else min(total, request.deadline)


def _place_of(url: str) -> str:
    try:
        return address_of(url).place
    except Unreachable:
        return "?"
