"""A server on loopback that says exactly the bytes it is told, when it is told, and notes what it hears."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager, suppress

OK = b"HTTP/1.1 200 OK\r\n"
BOUND = 5.0
"""Seconds after which anything a test waits for has failed."""


def whole(body: bytes, *headers: bytes, status: bytes = OK) -> bytes:
    """An answer that states its length."""
    return b"".join(
        [status, b"content-length: %d\r\n" % len(body), *(h + b"\r\n" for h in headers), b"\r\n", body]
    )


def chunk(data: bytes) -> bytes:
    """One chunk of an answer in chunks; `chunk(b"")` is its end."""
    return b"%x\r\n%b\r\n" % (len(data), data)


CHUNKED = OK + b"transfer-encoding: chunked\r\n\r\n"


class Peer:
    """The server's end of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.head, self.body = b"", b""

    async def hear(self) -> None:
        """Take in one request. Raises `IncompleteReadError` when there is none."""
        self.head = await self.reader.readuntil(b"\r\n\r\n")
        lines = self.head.lower().split(b"\r\n")
        lengths = [int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length:")]
        self.body = await self.reader.readexactly(sum(lengths))

    @property
    def line(self) -> bytes:
        """The request's first line."""
        return self.head.partition(b"\r\n")[0]

    def header(self, name: bytes) -> list[bytes]:
        """The values of a header of the request."""
        lines = [line.partition(b":") for line in self.head.split(b"\r\n")[1:]]
        return [value.strip() for said, _, value in lines if said.lower() == name]

    async def say(self, data: bytes) -> None:
        if self.writer.is_closing():
            raise ConnectionResetError  # some loops say it with an error of their own
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """Break the connection off as a crashed process would."""
        self.writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        self.writer.transport.abort()

    async def hang_up(self) -> None:
        """Close in good order."""
        self.writer.close()
        with suppress(OSError):
            await self.writer.wait_closed()

    async def gone(self) -> None:
        """Return when the client has hung up; fail where it does not."""
        with suppress(ConnectionError):
            await asyncio.wait_for(self.reader.read(), BOUND)


Script = Callable[[Peer], Awaitable[None]]
"""What to do with one request that was heard."""


class Server:
    """Where a script is at work."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._tasks: set[asyncio.Task[None]] = set()
        self.scheme, self.port = "http", 0
        self.connections = 0
        self.heard: list[Peer] = []
        self.hung_up = asyncio.Event()
        """A client has closed a connection, or this end has."""

    def url(self, path: str = "/v1/chat", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A client has come."""
        self.connections += 1
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, request after request."""
        try:
            while True:
                peer = Peer(reader, writer)
                await peer.hear()
                self.heard.append(peer)
                await self._script(peer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.hung_up.set()
            writer.close()

    async def until_hung_up(self) -> None:
        """Return when a connection is over; fail where that takes too long."""
        await asyncio.wait_for(self.hung_up.wait(), BOUND)

    async def stop(self) -> None:
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def serving(script: Script, tls: ssl.SSLContext | None = None) -> AsyncGenerator[Server]:
    """A server that runs the script for every request."""
    server = Server(script)
    listening = await asyncio.start_server(server.connected, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    server.scheme = "https" if tls else "http"
    try:
        yield server
    finally:
        listening.close()
        await server.stop()


@asynccontextmanager
async def connecting(
    meet: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncGenerator[str]:
    """The host and port of a server that does as it likes with a connection."""

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.append(asyncio.get_running_loop().create_task(met(reader, writer)))

    async def met(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await meet(reader, writer)
        finally:
            writer.close()

    tasks: list[asyncio.Task[None]] = []
    listening = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield f"127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def saying(*pieces: bytes | float) -> Script:
    """A script of bytes to say and seconds to wait."""

    async def script(peer: Peer) -> None:
        for piece in pieces:
            await (peer.say(piece) if isinstance(piece, bytes) else asyncio.sleep(piece))

    return script


@contextmanager
def unanswering() -> Generator[int]:
    """A port whose queue of connections is full, so that one more is neither taken nor refused."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(listening.getsockname())
        try:
            yield listening.getsockname()[1]
        finally:
            for each in waiting:
                each.close()


def closed_port() -> int:
    """A port at which nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]
