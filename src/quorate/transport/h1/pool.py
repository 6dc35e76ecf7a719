"""Connections kept for the next request: by host and lane, the one used last goes out first."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from time import monotonic

from quorate.transport.pooling import Pool

from .address import Address
from .connecting import Names, connect
from .connection import Connection

_MOST_IDLE = 1024
"""Connections of one lane to one host that idle at the same time."""


class Host:
    """All connections to one host and port."""

    def __init__(self, address: Address, limits: Pool, keep: Callable[[Host], None]) -> None:
        """`keep` is told when a connection begins to idle."""
        self._address, self._limits, self._keep = address, limits, keep
        self._idle: dict[str, list[Connection]] = {}
        self._open: set[Connection] = set()
        self._waiting: deque[asyncio.Future[None]] = deque()

    def take(self, lane: str) -> Connection | None:
        """One that idles and is fit for use."""
        idle = self._idle.get(lane)
        while idle:
            connection = idle.pop()
            if self._is_young(connection) and connection.is_fit():
                return connection
            connection.abort()
        return None

    async def open(self, lane: str, names: Names, tls: ssl.SSLContext | None) -> Connection:
        """A connection for the lane, once there is room for one more."""
        while self._limits.per_host and len(self._open) >= self._limits.per_host:
            self._make_room()
            await self._turn()
            if connection := self.take(lane):
                return connection
        connection = Connection(self, lane, self._limits)
        self._open.add(connection)
        try:
            await connect(connection, self._address, names, tls)
        except BaseException:
            # Not every loop tells a connection that was given up while it opened of its end.
            connection.abort()
            self._gone(connection)
            raise
        return connection

    def take_back(self, connection: Connection) -> None:
        idle = self._idle.setdefault(connection.lane, [])
        if len(idle) >= _MOST_IDLE:
            idle.pop(0).abort()
        connection.idle_since = monotonic()
        idle.append(connection)
        self._keep(self)
        self._next()

    def lost(self, connection: Connection) -> None:
        idle = self._idle.get(connection.lane, [])
        if connection in idle:
            idle.remove(connection)
        self._gone(connection)

    def sweep(self) -> bool:
        """Close what has idled for too long; whether anything idles still."""
        for lane, idle in tuple(self._idle.items()):
            while idle and not self._is_young(idle[0]):
                idle.pop(0).abort()
            if not idle:
                del self._idle[lane]
        return bool(self._idle)

    def close(self) -> None:
        """Close everything that idles."""
        for idle in tuple(self._idle.values()):
            while idle:
                idle.pop().abort()

    def _is_young(self, connection: Connection) -> bool:
        return monotonic() - connection.idle_since < self._limits.keep_alive

    def _make_room(self) -> None:
        """What idles in another lane gives way."""
        for idle in self._idle.values():
            if idle:
                idle.pop(0).abort()
                return

    async def _turn(self) -> None:
        """Wait until a connection comes back or goes; whoever is told and cannot use it tells the next."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                self._next()
            elif turn in self._waiting:
                self._waiting.remove(turn)
            raise

    def _gone(self, connection: Connection) -> None:
        self._open.discard(connection)
        self._next()

    def _next(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
