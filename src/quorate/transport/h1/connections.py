"""The connections of one event loop, and the calls that are under way."""

from __future__ import annotations

import asyncio
import ssl

from quorate.transport.pooling import Pool
from quorate.transport.seam import Send
from quorate.transport.watch import Rounds
from quorate.transport.wording import broken

from .address import Address
from .call import Call
from .connecting import Names
from .connection import Connection
from .pool import Host


class Connections:
    """Hands out connections, and closes what idles for too long."""

    def __init__(self, loop: asyncio.AbstractEventLoop, *, tls: ssl.SSLContext | None, pool: Pool) -> None:
        self.loop = loop
        self.under_way: set[Call] = set()
        self.rounds = Rounds(loop)
        self._tls, self._pool = tls, pool
        self._names = Names()
        self._hosts: dict[tuple[str, str, int], Host] = {}
        self._idling: set[Host] = set()
        self._sweep_at: asyncio.TimerHandle | None = None
        self._connecting: set[asyncio.Timeout] = set()

    def call(self, request: Send) -> Call:
        return Call(self, request)

    def take(self, address: Address, lane: str) -> Connection | None:
        """A connection that is there already."""
        host = self._hosts.get((address.scheme, address.host, address.port))
        return host.take(lane) if host else None

    async def open(self, address: Address, lane: str, within: float | None) -> Connection:
        """Raises `TimeoutError` after that many seconds, `Unreachable` where it cannot be done."""
        key = (address.scheme, address.host, address.port)
        host = self._hosts.get(key) or self._hosts.setdefault(
            key, Host(address, self._pool, self._sweep_later)
        )
        async with asyncio.timeout(within) as limit:
            self._connecting.add(limit)
            try:
                return await host.open(lane, self._names, self._tls)
            finally:
                self._connecting.discard(limit)

    async def close(self) -> None:
        """Calls under way end in `UpstreamBroken`."""
        for call in tuple(self.under_way):
            call.stop(broken("the connections were closed during the call", "closed"))
        for limit in tuple(self._connecting):
            if not limit.expired():
                limit.reschedule(self.loop.time())
        for host in self._hosts.values():
            host.close()
        self.rounds.close()
        if self._sweep_at is not None:
            self._sweep_at.cancel()
            self._sweep_at = None
        # Loops close a socket at their next turn, and tell of it at the one after.
        for _ in range(2):
            await asyncio.sleep(0)

    def abandon(self) -> None:
        """The loop is closed, and its connections with it: there is nothing left to wait for."""
        self.under_way.clear()
        self._hosts.clear()

    def _sweep_later(self, host: Host) -> None:
        self._idling.add(host)
        if self._sweep_at is None:
            self._sweep_at = self.loop.call_later(self._pool.keep_alive, self._sweep)

    def _sweep(self) -> None:
        self._sweep_at = None
        idling, self._idling = self._idling, set()
        for host in idling:
            if host.sweep():
                self._sweep_later(host)
