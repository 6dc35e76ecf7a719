"""Connections of clients that are slow, silent, greedy or gone: each has its limits, before any call is known."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from quorate.gateway import connection
from quorate.gateway.intake import Receive, Scope, Send

from .house import seen
from .wire_level import GET, HELLO, Client, Echo, answer, connected, refusal, running, told

POST = b"POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"


@pytest.fixture(
    params=[
        pytest.param(("asyncio", {"use_uvloop": True}), id="uvloop"),
        pytest.param(("asyncio", {"use_uvloop": False}), id="asyncio", marks=pytest.mark.long),
    ]
)
def anyio_backend(request: pytest.FixtureRequest) -> Any:
    """On the loop that serves, and in the long tier on Python's own."""
    return request.param


async def wait_for(receive: Receive) -> None:
    """Until the client is gone."""
    message = await receive()
    while message["type"] != "http.disconnect":
        message = await receive()


async def test_a_head_that_drips_is_ended():
    echo = Echo()
    async with running(echo, head_timeout=0.2) as server, connected(server.port) as client:
        dripping = asyncio.create_task(drip(client, b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 50))
        raw = await client.rest()
        dripping.cancel()

    assert refusal(raw) == (408, "timeout")
    assert echo.seen == []


async def drip(client: Client, data: bytes) -> None:
    for byte in data:
        client.writer.write(bytes((byte,)))
        await asyncio.sleep(0.02)


async def test_who_says_nothing_at_all_is_closed():
    async with running(Echo(), head_timeout=0.1) as server:
        assert await told(server.port, b"") == b""


@pytest.mark.long
async def test_a_connection_on_which_nothing_happens_any_more_is_closed():
    async with (
        running(Echo(), head_timeout=0.1, idle_timeout=0.25) as server,
        connected(server.port) as client,
    ):
        await client.say(GET)
        first = await client.reply()
        await asyncio.sleep(0.15)
        await client.say(GET)
        second = await client.reply()
        assert await client.rest() == b""

    assert first == second == (200, HELLO)


async def test_a_head_that_never_ends_is_not_kept():
    echo = Echo()
    async with running(echo) as server, connected(server.port) as client:
        await client.say(b"GET / HTTP/1.1\r\nHost: a\r\nX: ")
        for _ in range(40):
            await client.say(b"x" * 8_192)
            await asyncio.sleep(0.001)
        raw = await client.rest()

    assert refusal(raw) == (431, "headers_too_large")
    assert echo.seen == []


@pytest.mark.parametrize(
    "dress",
    [b"5;" + b"x" * 200_000, b"5\r\nhello\r\n0\r\nX: " + b"x" * 200_000],
    ids=["extension", "trailer"],
)
async def test_what_is_around_a_body_is_not_kept_either(dress: bytes):
    head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    echo = Echo()
    async with running(echo) as server, connected(server.port) as client:
        await client.say(head)
        for start in range(0, len(dress), 8192):
            await client.say(dress[start : start + 8192])
            await asyncio.sleep(0.001)
        raw = await client.rest()

    assert refusal(raw) == (400, "bad_request")
    assert echo.ends == ["left"]


async def test_a_body_of_which_nothing_comes_wakes_its_reader():
    woken: list[bytes] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        woken.append((await receive())["body"])
        await answer(send, b"late", 408)

    async with running(app) as server, connected(server.port) as client:
        await client.say(POST + b"\r\n")
        raw = await client.rest()

    assert woken == [b""]
    assert raw.endswith(b"late")
    assert b"connection: close" in raw


async def test_an_early_answer_is_read_although_the_body_is_not():
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, b"no", 413)

    head = b"POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000\r\n\r\n"
    async with running(app) as server, connected(server.port) as client:
        await client.say(head)
        for _ in range(30):
            await client.say(b"x" * 100_000)
        raw = await client.rest()

    assert raw.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in raw


async def test_calls_in_a_row_are_answered_in_their_order():
    echo = Echo()
    calls = b"".join(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % number for number in range(10))
    async with running(echo) as server, connected(server.port) as client:
        await client.say(calls + POST + b"\r\nworld")
        answers = [await client.reply() for _ in range(11)]

    assert answers[-1] == (200, b"world")
    assert [each["path"] for each in echo.seen] == [f"/{number}" for number in range(10)] + ["/x"]


async def test_too_many_calls_in_a_row_end_the_connection_after_those_that_were_taken():
    echo = Echo()
    async with running(echo) as server:
        raw = await told(server.port, GET * 5000)

    assert raw.count(b"HTTP/1.1 200") == len(echo.seen) == connection._MOST_AHEAD + 1


@pytest.mark.parametrize("fault", [b"nonsense\r\n\r\n", POST + b"Content-Length: 6\r\n\r\n"])
async def test_nonsense_after_calls_that_were_sound_does_not_spoil_their_answers(fault: bytes):
    async with running(Echo()) as server:
        raw = await told(server.port, GET + GET + fault)

    assert raw.count(b"HTTP/1.1 200 OK") == 2
    assert raw.endswith(HELLO)


async def test_a_body_that_turns_to_nonsense_ends_its_call():
    echo = Echo()
    async with running(echo) as server, connected(server.port) as client:
        await client.say(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        await seen(lambda: len(echo.seen) == 1)
        await client.say(b"nonsense\r\n")
        raw = await client.rest()

    assert refusal(raw) == (400, "bad_request")
    assert echo.ends == ["left"]


async def test_a_hang_up_is_told_to_the_call_that_runs_although_others_wait():
    left: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await wait_for(receive)
        left.append(scope["path"])

    async with running(app) as server:
        async with connected(server.port) as client:
            await client.say(GET + b"GET /waiting HTTP/1.1\r\nHost: a\r\n\r\n")
            await asyncio.sleep(0.1)
        await seen(lambda: left == ["/seen"])

    assert left == ["/seen"]


async def test_one_connection_too_many_is_told_so():
    async with running(Echo(), connections=2) as server:
        async with connected(server.port) as one, connected(server.port) as two:
            for client in (one, two):
                await client.say(GET)
                assert await client.reply() == (200, HELLO)
            assert refusal(await told(server.port, GET)) == (503, "overloaded")
        await asyncio.sleep(0.05)
        async with connected(server.port) as client:
            await client.say(GET)
            assert await client.reply() == (200, HELLO)


async def test_a_client_that_reads_nothing_holds_the_application_and_is_dropped():
    written: list[int] = []
    ends: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        watching = asyncio.create_task(wait_for(receive))
        while not watching.done():
            await send({"type": "http.response.body", "body": b"x" * 10_000, "more_body": True})
            written.append(10_000)
            await asyncio.sleep(0)
        ends.append("dropped")

    async with running(app, write_timeout=0.15) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as silent:
            silent.sendall(GET)
            await seen(lambda: ends == ["dropped"])

    assert sum(written) < 20_000_000


@pytest.mark.long
async def test_a_large_answer_that_nobody_reads_is_thrown_away():
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, b"x" * 30_000_000)

    async with running(app, write_timeout=0.15) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as silent:
            silent.sendall(GET)
            await asyncio.sleep(0.35)
            silent.settimeout(5)
            received = size = len(await asyncio.to_thread(silent.recv, 1 << 20))
            while received:
                received = len(await asyncio.to_thread(silent.recv, 1 << 20))
                size += received

    assert size < 20_000_000


@pytest.mark.long
async def test_a_slow_reader_who_reads_on_is_not_dropped():
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, b"x" * 12_000_000)

    async with (
        running(app, write_timeout=0.15, grace=5.0) as server,
        connected(server.port, limit=1000) as client,
    ):
        await client.say(GET)
        head = await client.reader.readuntil(b"\r\n\r\n")
        size = 0
        for _ in range(12):
            size += len(await client.reader.readexactly(1_000_000))
            await asyncio.sleep(0.04)

    assert head.startswith(b"HTTP/1.1 200")
    assert size == 12_000_000
