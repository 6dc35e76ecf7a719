"""A server on loopback in this process, with whatever application, and clients that write single bytes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from quorate.gateway.intake import App, Receive, Scope, Send
from quorate.gateway.listening import close, listen
from quorate.gateway.server import serve
from quorate.gateway.stopping import Stop
from quorate.gateway.tls import Certificate
from quorate.settings.settings import ServerSettings

GET = b"GET /seen HTTP/1.1\r\nHost: localhost\r\n\r\n"
HELLO = b"hello"


@dataclass
class Echo:
    """Answers each call with its body, and remembers what it was called with."""

    seen: list[dict[str, Any]] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.seen.append({"method": scope["method"], "path": scope["path"], "headers": scope["headers"]})
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.ends.append("left")
                return
            body, more = body + message["body"], message["more_body"]
        self.ends.append("whole")
        await answer(send, body or HELLO)


async def answer(send: Send, body: bytes, status: int = 200) -> None:
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@dataclass
class Running:
    port: int
    stop: Stop
    done: asyncio.Task[None]


@asynccontextmanager
async def running(
    app: App, *, certificate: Certificate | None = None, grace: float = 0.1, **limits: Any
) -> AsyncGenerator[Running]:
    """Looks at its connections twenty times a second, so that tests need not wait for long."""
    sockets, stop = listen("127.0.0.1", 0), Stop()
    settings = ServerSettings(grace=grace, **limits)
    port = sockets[0].getsockname()[1]
    async with asyncio.TaskGroup() as group:
        done = group.create_task(serve(app, sockets, stop, settings, certificate=certificate, tick=0.05))
        try:
            yield Running(port, stop, done)
        finally:
            stop.tell()
            await done
            close(sockets, "127.0.0.1")


class Client:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def say(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def rest(self) -> bytes:
        """All that comes until the server closes."""
        async with asyncio.timeout(10):
            return await self.reader.read()

    async def reply(self) -> tuple[int, bytes]:
        """The next answer; one with a length."""
        async with asyncio.timeout(10):
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            return int(head.split(b" ")[1]), await self.reader.readexactly(length)


@asynccontextmanager
async def connected(port: int, **more: Any) -> AsyncGenerator[Client]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, **more)
    try:
        yield Client(reader, writer)
    finally:
        writer.transport.abort()


async def told(port: int, data: bytes) -> bytes:
    """All that the server says to these bytes."""
    async with connected(port) as client:
        await client.say(data)
        return await client.rest()


def refusal(raw: bytes) -> tuple[int, str]:
    """Status and code of an answer that is the connection's last, and proper JSON."""
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    assert b"connection: close" in lines
    assert b"content-length: %d" % len(body) in lines
    return int(head.split(b" ")[1]), json.loads(body)["error"]["code"]
