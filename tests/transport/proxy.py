"""A small proxy on loopback: tunnels by CONNECT, forwards requests with a whole address, and may want a password."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from .server import Peer, Server, serving, whole

REFUSAL = whole(b"who are you?", status=b"HTTP/1.1 407 Proxy Authentication Required\r\n")


@asynccontextmanager
async def proxying(*, credential: bytes = b"") -> AsyncGenerator[Server]:
    """A proxy that leads everybody on, or whoever shows the credential."""

    async def script(peer: Peer) -> None:
        if credential and peer.header(b"proxy-authorization") != [credential]:
            await peer.say(REFUSAL)
            return
        method, address, _ = peer.line.decode().split(" ")
        await (_tunnel(peer, address) if method == "CONNECT" else _forward(peer, address))

    async with serving(script) as server:
        yield server


async def _tunnel(peer: Peer, address: str) -> None:
    host, _, port = address.rpartition(":")
    try:
        reader, writer = await asyncio.open_connection(host, int(port))
    except OSError:
        await peer.say(whole(b"", status=b"HTTP/1.1 502 Bad Gateway\r\n"))
        return
    await peer.say(b"HTTP/1.1 200 Connection established\r\n\r\n")
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(_carry(peer.reader, writer))
            group.create_task(_carry(reader, peer.writer))
    finally:
        writer.close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    raise ConnectionAbortedError


async def _forward(peer: Peer, address: str) -> None:
    parts = urlsplit(address)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        head = peer.head.replace(address.encode(), (parts.path or "/").encode(), 1)
        writer.write(head.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") + peer.body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = [
            int(line[15:]) for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:")
        ]
        await peer.say(answer + await reader.readexactly(sum(length)))
    finally:
        writer.close()
