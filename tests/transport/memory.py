"""A connection without a network: what is said on it arrives cut exactly where a test cuts it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Literal

from quorate.errors import QuorateError
from quorate.transport.h1.address import address_of
from quorate.transport.h1.connection import Connection
from quorate.transport.h1.connections import Connections
from quorate.transport.h1.pool import Host
from quorate.transport.pooling import Pool
from quorate.types.target import Timeouts
from quorate.types.value import Value

from .asking import asking

URL = "http://127.0.0.1:9/v1"
NO_TIMEOUTS = Timeouts(connect=None, first_byte=None, gap=None, total=None)
Ending = Literal["close", "reset"]


class Line(asyncio.Transport):
    """The loop's side of a connection."""

    def __init__(self) -> None:
        super().__init__()
        self.protocol: Connection | None = None
        self.written: list[bytes] = []
        self.is_over = self.is_paused = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def abort(self) -> None:
        self.lose(None)

    def lose(self, error: Exception | None) -> None:
        if not self.is_over:
            self.is_over = True
            assert self.protocol
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, error)

    def is_closing(self) -> bool:
        return self.is_over

    def pause_reading(self) -> None:
        self.is_paused = True

    def resume_reading(self) -> None:
        self.is_paused = False

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    async def bring(self, pieces: Sequence[bytes]) -> None:
        """Hand the pieces over, each in a read of its own, while somebody listens."""
        assert self.protocol
        for piece in pieces:
            for _ in range(1000):
                if not self.is_paused:
                    break
                await asyncio.sleep(0)
            if not self.is_over:
                self.protocol.data_received(piece)
            await asyncio.sleep(0)

    def end(self, ending: Ending) -> None:
        """The other end goes."""
        if self.is_over:
            return
        assert self.protocol
        if ending == "close":
            self.protocol.eof_received()
        self.lose(ConnectionResetError() if ending == "reset" else None)


class Came(Value):
    """What became of a call."""

    status: int = 0
    body: bytes = b""
    """All pieces that were handed out, be it before an error."""
    error: QuorateError | None = None
    is_kept: bool = False
    """Whether the connection may serve the next call."""


async def _take(connections: Connections, method: str) -> Came:
    status, had = 0, b""
    try:
        async with connections.call(asking(URL, method=method, timeouts=NO_TIMEOUTS)) as arrival:
            status = arrival.status
            async for piece in arrival.chunks():
                had += piece
    except QuorateError as error:
        return Came(status=status, body=had, error=error)
    return Came(status=status, body=had)


async def _call(pieces: Sequence[bytes], ending: Ending, method: str) -> Came:
    connections = Connections(asyncio.get_running_loop(), tls=None, pool=Pool())
    address = address_of(URL)
    host = Host(address, Pool(), lambda _: None)
    connections._hosts[address.scheme, address.host, address.port] = host
    line = Line()
    line.protocol = Connection(host, "", Pool())
    line.protocol.connection_made(line)
    host._open.add(line.protocol)
    line.protocol._home.take_back(line.protocol)
    task = asyncio.get_running_loop().create_task(_take(connections, method))
    await asyncio.sleep(0)
    await line.bring(pieces)
    is_kept = line.protocol in host._idle[""]
    line.end(ending)
    came = await asyncio.wait_for(task, 5)
    await connections.close()
    return Came(status=came.status, body=came.body, error=came.error, is_kept=is_kept)


def answered(pieces: Sequence[bytes], ending: Ending = "close", *, method: str = "POST") -> Came:
    """One call on a fresh connection that brings these pieces and then ends."""
    return asyncio.run(_call(pieces, ending, method))
