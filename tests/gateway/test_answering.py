"""How an application's messages become the bytes of an answer."""

from __future__ import annotations

import asyncio
import gc
import weakref
from typing import Any, NamedTuple

import pytest

from quorate.gateway.attendance import Attendance
from quorate.gateway.intake import LEAVING, WHOLE, Receive, Scope, Send
from quorate.gateway.outlet import Outlet
from quorate.gateway.record import AccessRecord

from .wire_level import GET, connected, running, told

Messages = list[dict[str, Any]]


def start(status: int = 200, **headers: str) -> dict[str, Any]:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http.response.start", "status": status, "headers": pairs}


def body(data: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": data, "more_body": more}


async def answered(messages: Messages, request: bytes = GET, *, pause: float = 0) -> bytes:
    """What a client reads until the connection closes."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)
            await asyncio.sleep(pause)

    closing = request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    async with running(app) as server:
        return await told(server.port, closing)


async def test_a_body_of_known_length_follows_its_head():
    raw = await answered([start(content_length="5"), body(b"he", more=True), body(b"llo")])

    assert raw.startswith(b"HTTP/1.1 200 OK\r\n")
    assert raw.endswith(b"\r\n\r\nhello")
    assert raw.count(b"connection: close") == 1


async def test_a_body_of_unknown_length_comes_in_chunks():
    raw = await answered([start(), body(b"", more=True), body(b"hello", more=True), body(b"")])

    assert b"transfer-encoding: chunked\r\n" in raw
    assert raw.endswith(b"\r\n\r\n5\r\nhello\r\n0\r\n\r\n")


@pytest.mark.parametrize("status", [204, 304])
async def test_an_answer_without_a_body_has_none(status: int):
    raw = await answered([start(status), body(b"")])

    assert raw.endswith(b"\r\n\r\n")
    assert b"transfer-encoding" not in raw


async def test_to_head_only_the_head_is_sent():
    raw = await answered([start(content_length="5"), body(b"hello")], GET.replace(b"GET", b"HEAD"))

    assert b"content-length: 5\r\n" in raw
    assert raw.endswith(b"\r\n\r\n")


async def test_a_head_does_not_wait_for_a_body_that_takes_its_time():
    goes_on = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start(content_length="5"))
        await goes_on.wait()
        await send(body(b"hello"))

    async with running(app) as server, connected(server.port) as client:
        await client.say(GET)
        head = await client.reader.readuntil(b"\r\n\r\n")
        goes_on.set()
        rest = await client.reader.readexactly(5)

    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert rest == b"hello"


@pytest.mark.parametrize(
    "messages",
    [
        [start(content_length="5"), body(b"too long")],
        [start(content_length="5"), body(b"shrt")],
        [start(x_name="a\r\nb: c"), body(b"")],
        [body(b"no head")],
    ],
    ids=["too long", "too short", "a header in a header", "no head"],
)
async def test_what_would_be_no_sound_http_is_not_sent(messages: Messages, caplog: pytest.LogCaptureFixture):
    raw = await answered(messages)

    assert b"b: c" not in raw
    assert b"too long" not in raw
    assert "Exception in ASGI application" in caplog.text


async def test_who_answers_is_called_when_the_client_goes():
    left = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["extensions"][LEAVING](left.set)
        await left.wait()

    async with running(app) as server:
        async with connected(server.port) as client:
            await client.say(GET)
            await asyncio.sleep(0.05)
        await asyncio.wait_for(left.wait(), 5)


async def test_an_answered_call_leaves_nothing_to_the_garbage_collector():
    answers: list[weakref.ref[Any]] = []

    async def app(scope: Scope, receive: Receive, send: Any) -> None:
        answers.append(weakref.ref(send.__self__))
        with Attendance(Outlet(send, AccessRecord("1", "GET", "/")), scope, receive):
            await send(start(content_length="5"))
            await send(body(b"hello"))

    gc.disable()
    try:
        async with running(app) as server, connected(server.port) as client:
            for _ in range(3):
                await client.say(GET)
                await client.reply()
            await asyncio.sleep(0)
            freed = [answer() is None for answer in answers]
    finally:
        gc.enable()

    assert freed[:2] == [True, True]  # the connection still holds its last one


class Asks(NamedTuple):
    """How an answer is to go out."""

    status: int
    headers: dict[str, str]
    marks: dict[str, str]
    body: bytes


ANSWERS = [
    Asks(200, {"content-type": "application/json"}, {}, b'{"a":1}'),
    Asks(200, {"content-type": "application/json", "x-quorate-model": "ein Modell\r\nx: y"}, {}, b"{}"),
    Asks(503, {"retry-after": "3"}, {"x-request-id": "the client's", "vary": "origin"}, b""),
    Asks(404, {"x-request-id": "another"}, {"x-quorate-cost": "0.1", "x-odd": "\u6700\x07"}, b"not here"),
    Asks(413, {"connection": "close"}, {}, b"too much"),
    Asks(204, {}, {}, b""),
]


@pytest.mark.parametrize("asks", ANSWERS, ids=lambda asks: str(asks.status))
@pytest.mark.parametrize("request_", [GET, GET.replace(b"GET", b"HEAD")], ids=["get", "head"])
@pytest.mark.parametrize("ends", [b"", b"\r\nConnection: close"], ids=["kept", "closed"])
async def test_an_answer_in_one_piece_is_the_same_by_the_short_way_and_by_messages(
    asks: Asks, request_: bytes, ends: bytes
):
    async def by(way: bool) -> tuple[list[bytes], bytes]:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            outlet = Outlet(send, AccessRecord("1", "GET", "/"), scope["extensions"][WHOLE] if way else None)
            outlet.marks |= asks.marks
            await outlet.whole(asks.status, asks.headers, asks.body)

        async with running(app) as server, connected(server.port) as client:
            await client.say(request_.replace(b"\r\n\r\n", ends + b"\r\n\r\n"))
            head = await client.reader.readuntil(b"\r\n\r\n")
            server.stop.tell()
            rest = await client.rest()
        lines = [line for line in head.split(b"\r\n") if not line.startswith(b"date:")]
        return sorted(lines), rest

    assert await by(way=True) == await by(way=False)
