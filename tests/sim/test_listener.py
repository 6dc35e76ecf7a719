"""The simulator's own HTTP server keeps HTTP/1.1, when it is not told to break it."""

from __future__ import annotations

import asyncio
import json

import pytest

from quorate.sim import Simulator

BODY = json.dumps({"model": "m", "stream": False, "messages": [{"role": "user", "content": "hi"}]}).encode()


def post(body: bytes = BODY, version: str = "1.1", *headers: str) -> bytes:
    lines = [f"POST /api/chat HTTP/{version}", "host: sim", f"content-length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def exchange(sim: Simulator, *pieces: bytes) -> bytes:
    """All that comes back until the server closes or nothing comes for a moment."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(sim.url.rpartition(":")[2]))
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0)
    told = b""
    try:
        async with asyncio.timeout(0.5):
            while data := await reader.read(65536):
                told += data
    except TimeoutError:
        pass
    writer.close()
    await writer.wait_closed()
    return told


async def test_calls_on_one_connection_are_answered_in_turn():
    async with Simulator(speed=0) as sim:
        told = await exchange(sim, post() + post(), post(BODY, "1.1", "connection: close"))

    assert told.count(b"HTTP/1.1 200 OK") == 3
    assert told.count(b"connection: close") == 1
    assert sim.stats.connections == 1


async def test_a_call_cut_anywhere_is_the_same_call():
    whole = post(BODY, "1.1", "connection: close")
    async with Simulator(speed=0) as sim:
        told = await exchange(sim, *(whole[place : place + 1] for place in range(len(whole))))

    assert told.startswith(b"HTTP/1.1 200 OK")


async def test_a_body_may_come_in_chunks():
    chunked = b"POST /api/chat HTTP/1.1\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
    chunked += b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
    async with Simulator(speed=0) as sim:
        assert b"200 OK" in await exchange(sim, chunked)


async def test_a_client_that_waits_for_leave_to_send_gets_it():
    head, _, _ = post(BODY, "1.1", "connection: close", "expect: 100-continue").partition(BODY)
    async with Simulator(speed=0) as sim:
        told = await exchange(sim, head, BODY)

    assert told.startswith((b"HTTP/1.1 100 Continue", b"HTTP/1.1 200 OK"))
    assert b"200 OK" in told


async def test_an_old_client_gets_a_stream_until_the_connection_ends():
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "hi"}]}).encode()
    async with Simulator(speed=0) as sim:
        told = await exchange(sim, post(body, "1.0"))

    assert b"transfer-encoding" not in told
    assert b'"done":true' in told


@pytest.mark.parametrize(
    ("bytes_", "status"),
    [
        (b"\x16\x03\x01 not HTTP\r\n\r\n", b"400"),
        (
            b"GET / HTTP/1.1\r\n" + b"".join(b"x-%d: y\r\n" % number for number in range(300)) + b"\r\n",
            b"431",
        ),
    ],
    ids=["no HTTP", "too many headers"],
)
async def test_what_is_no_call_is_refused_and_the_connection_closed(bytes_: bytes, status: bytes):
    async with Simulator() as sim:
        told = await exchange(sim, bytes_)

    assert told.startswith(b"HTTP/1.1 " + status)


async def test_a_simulator_that_stops_ends_what_is_open():
    body = json.dumps({"model": "m+stall-first:60", "messages": []}).encode()
    async with asyncio.timeout(5):
        async with Simulator(speed=0) as sim:
            _, writer = await asyncio.open_connection("127.0.0.1", int(sim.url.rpartition(":")[2]))
            writer.write(post(body))
            await asyncio.sleep(0.05)
            opened = sim.stats.open
        writer.close()

    assert opened == 1
    assert sim.stats.cancelled == 1
