"""Bytes that two servers in a row might read in two ways are refused, and the connection with them."""

from __future__ import annotations

import asyncio
import random

import pytest

from quorate.errors import RequestError
from quorate.gateway import intake
from quorate.gateway.intake import HungUp, Receive, Scope, Send

from .wire_level import GET, HELLO, Echo, answer, connected, refusal, running, told

POST = b"POST /x HTTP/1.1\r\nHost: localhost\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"

REFUSED: dict[str, bytes] = {
    "length and chunks": POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "two lengths": POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhelloo",
    "one length twice": POST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "a list of lengths": POST + b"Content-Length: 5, 5\r\n\r\nhello",
    "a length with a sign": POST + b"Content-Length: +5\r\n\r\nhello",
    "a length below zero": POST + b"Content-Length: -5\r\n\r\nhello",
    "a hexadecimal length": POST + b"Content-Length: 0x5\r\n\r\nhello",
    "an empty length": POST + b"Content-Length:\r\n\r\nhello",
    "a length beyond all numbers": POST + b"Content-Length: 99999999999999999999999\r\n\r\nhello",
    "a space before the colon": b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
    "a tab before the colon": b"GET / HTTP/1.1\r\nHost\t: a\r\n\r\n",
    "a bare CR in a value": b"GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n",
    "a bare CR between headers": b"GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n",
    "bare LF": b"GET / HTTP/1.1\nHost: a\n\n",
    "a bare LF between headers": b"GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n",
    "a bare LF at the end": b"GET / HTTP/1.1\r\nHost: a\r\n\n",
    "NUL in a value": b"GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n",
    "NUL in a name": b"GET / HTTP/1.1\r\nHost: a\r\nX\0: b\r\n\r\n",
    "NUL in the path": b"GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n",
    "a control character": b"GET / HTTP/1.1\r\nHost: a\r\nX: \x0b\r\n\r\n",
    "a folded line": b"GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n",
    "a folded first line": b"GET / HTTP/1.1\r\n X: b\r\nHost: a\r\n\r\n",
    "folded chunks": POST + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "chunked not last": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "chunked twice": POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "two encodings": POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "a vertical tab and chunked": POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "a chunk below zero": CHUNKED + b"-1\r\nx\r\n0\r\n\r\n",
    "a chunk with 0x": CHUNKED + b"0x1\r\nx\r\n0\r\n\r\n",
    "a chunk beyond all numbers": CHUNKED + b"fffffffffffffffff\r\nx\r\n0\r\n\r\n",
    "a chunk with a space": CHUNKED + b"1 \r\nx\r\n0\r\n\r\n",
    "chunks with bare LF": CHUNKED + b"1\nx\n0\n\n",
    "a chunk longer than told": CHUNKED + b"1\r\nxx\r\n0\r\n\r\n",
    "a bare CR in an extension": CHUNKED + b"1;a\rb\r\nx\r\n0\r\n\r\n",
    "a header without a name": b"GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n",
    "a header without a colon": b"GET / HTTP/1.1\r\nHost: a\r\nfoo\r\n\r\n",
    "a path with a space": b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
    "a path with a byte beyond ASCII": b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
    "a path without a slash": b"GET a HTTP/1.1\r\nHost: a\r\n\r\n",
    "a path with a fragment": b"GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n",
    "a star": b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "a URL of another host": b"GET http://evil.example/x HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a URL with a user": b"GET http://localhost@evil.example/x HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "HTTP/2 at once": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "the start of TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 32,
    "noise": b"\xff" * 64,
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_may_be_read_in_two_ways_is_refused(case: str):
    echo = Echo()
    async with running(echo) as server:
        raw = await told(server.port, REFUSED[case] + GET)

    assert refusal(raw) == (400, "bad_request")
    assert raw.count(b"date: ") == 1
    assert "whole" not in echo.ends


OTHERWISE: dict[str, tuple[int, bytes]] = {
    "HTTP/0.9": (505, b"GET /\r\n\r\n"),
    "HTTP/0.9 by name": (505, b"GET / HTTP/0.9\r\nHost: a\r\n\r\n"),
    "HTTP/2.0": (505, b"GET / HTTP/2.0\r\nHost: a\r\n\r\n"),
    "a compressed transfer": (501, POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    "something like chunked": (501, POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    "chunks in HTTP/1.0": (501, b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "a tunnel": (405, b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
    "a long path": (414, b"GET /" + b"x" * 33_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n"),
    "many headers": (431, b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 300 + b"\r\n"),
}


@pytest.mark.parametrize("case", OTHERWISE)
async def test_what_is_not_spoken_here_is_told_by_its_own_status(case: str):
    status, data = OTHERWISE[case]
    echo = Echo()
    async with running(echo) as server:
        raw = await told(server.port, data)

    assert refusal(raw)[0] == status
    assert echo.seen == []


async def test_the_same_bytes_one_by_one_are_refused_too():
    async with running(Echo()) as server, connected(server.port) as client:
        for byte in REFUSED["length and chunks"]:
            client.writer.write(bytes((byte,)))
            await client.writer.drain()

        assert refusal(await client.rest()) == (400, "bad_request")


async def test_a_trailer_adds_nothing_to_a_head_that_was_judged():
    echo = Echo()
    async with running(echo) as server, connected(server.port) as client:
        await client.say(
            CHUNKED + b"1\r\nx\r\n0\r\nAuthorization: Bearer other\r\nHost: evil.example\r\n\r\n"
        )
        answered = await client.reply()
        await client.say(GET)
        again = await client.reply()

    assert answered == (200, b"x")
    assert again == (200, b"hello")
    assert [name for name, _ in echo.seen[0]["headers"]] == [b"host", b"transfer-encoding"]


async def test_a_whole_url_of_the_same_host_is_a_path():
    echo = Echo()
    async with running(echo) as server, connected(server.port) as client:
        for url in (b"http://localhost/seen?a=b", b"HTTP://LOCALHOST", b"http://localhost?a"):
            await client.say(b"GET " + url + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await client.reply()

    assert [each["path"] for each in echo.seen] == ["/seen", "/", "/"]


@pytest.mark.parametrize("cut", [0, 30, 90])
async def test_who_offers_another_protocol_is_answered_in_this_one(cut: int):
    offer = (
        POST
        + b"Connection: keep-alive, Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
        + b"Content-Length: 2\r\n\r\nhi"
    )
    echo = Echo()
    async with running(echo) as server, connected(server.port) as client:
        await client.say(offer[:cut])
        await client.writer.drain()
        await client.say(offer[cut:] + GET)
        first, second = await client.reply(), await client.reply()

    assert (first, second) == ((200, b"hi"), (200, b"hello"))
    assert [name for name, _ in echo.seen[0]["headers"]] == [b"host", b"connection", b"content-length"]


@pytest.mark.long
async def test_thousands_of_damaged_calls_are_answered_or_closed(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await answer(send, await intake.read_body(receive, 1000) or HELLO)
        except HungUp:
            return
        except RequestError as error:
            await answer(send, str(error).encode(), error.http_status)

    monkeypatch.setattr(intake, "BODY_PATIENCE", 0.2)
    luck = random.Random(3)
    sound = [
        GET,
        POST + b"Content-Length: 5\r\n\r\nhello",
        CHUNKED + b"5\r\nhello\r\n0\r\n\r\n",
        *REFUSED.values(),
    ]
    async with running(app, head_timeout=0.2, idle_timeout=0.2, connections=200) as server:
        for _ in range(30):
            damaged = [harmed(luck.choice(sound), luck) for _ in range(50)]
            async with asyncio.timeout(20), asyncio.TaskGroup() as group:
                tasks = [group.create_task(told(server.port, data)) for data in damaged]
            assert all(task.result()[:9] in (b"", b"HTTP/1.1 ") for task in tasks)
        async with connected(server.port) as client:
            await client.say(GET)
            assert await client.reply() == (200, HELLO)

    assert caplog.records == []


def harmed(data: bytes, luck: random.Random) -> bytes:
    """With one to four bytes or pieces changed, doubled or taken out, and perhaps a body that never ends."""
    for _ in range(luck.randrange(1, 5)):
        place = luck.randrange(len(data))
        size = luck.choice((1, 1, 2, 20))
        match luck.randrange(4):
            case 0:
                data = data[:place] + bytes((luck.randrange(256),)) + data[place + 1 :]
            case 1:
                data = data[:place] + luck.choice((b"\r", b"\n", b"\0", b":", b" ", b"\r\n")) + data[place:]
            case 2:
                data = data[: place + size] + data[place:]
            case _:
                data = data[:place] + data[place + size :] or GET
    return data
