"""Every wait has its end: to connect, for the first byte, between two pieces, and for the whole call."""

from __future__ import annotations

import asyncio
from time import monotonic

import pytest

from quorate.errors import UpstreamTimeout
from quorate.transport.seam import Transport
from quorate.types.target import Timeouts

from .asking import asking, fetch, pieces_of, take_in
from .server import CHUNKED, OK, Peer, chunk, connecting, saying, serving, unanswering, whole

SOON = 0.15
LATE = 2.0


def waiting(**seconds: float | None) -> Timeouts:
    """No limit but those named."""
    return Timeouts(**({"connect": None, "first_byte": None, "gap": None, "total": None} | seconds))


async def test_a_connection_that_is_not_taken_is_given_up(transport: Transport):
    began = monotonic()
    with unanswering() as port, pytest.raises(UpstreamTimeout) as caught:
        await fetch(transport, asking(f"http://127.0.0.1:{port}/", timeouts=waiting(connect=SOON)))

    assert caught.value.waited_for == "connect"
    assert SOON * 0.9 <= monotonic() - began < LATE


async def test_the_time_for_the_call_ends_a_wait_to_connect_too(transport: Transport):
    with unanswering() as port, pytest.raises(UpstreamTimeout) as caught:
        await fetch(
            transport, asking(f"http://127.0.0.1:{port}/", timeouts=waiting(connect=LATE, total=SOON))
        )

    assert caught.value.waited_for == "total"


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200", CHUNKED, OK + b"content-length: 5\r\n\r\n"], ids=repr)
async def test_an_answer_that_does_not_begin_is_given_up(transport: Transport, said: bytes):
    began = monotonic()
    async with serving(saying(said, LATE)) as server:
        with pytest.raises(UpstreamTimeout) as caught:
            await fetch(transport, asking(server.url(), timeouts=waiting(first_byte=SOON)))
        took = monotonic() - began

    assert caught.value.waited_for == "first_byte"
    assert SOON * 0.9 <= took < LATE * 0.9


async def test_the_head_does_not_begin_the_wait_for_the_first_byte_anew(transport: Transport):
    async with serving(saying(SOON * 0.7, CHUNKED, SOON * 0.7, chunk(b"x"))) as server:
        with pytest.raises(UpstreamTimeout):
            await pieces_of(transport, asking(server.url(), timeouts=waiting(first_byte=SOON)))


async def test_a_stream_that_stops_is_given_up_with_what_had_come(transport: Transport):
    had: list[bytes] = []
    async with (
        serving(saying(CHUNKED + chunk(b"one"), SOON / 2, chunk(b"two"), LATE)) as server,
        transport.send(asking(server.url(), timeouts=waiting(gap=SOON))) as arrival,
    ):
        with pytest.raises(UpstreamTimeout) as caught:
            await take_in(arrival, had)

    assert had == [b"one", b"two"]
    assert caught.value.waited_for == "gap"


async def test_a_whole_answer_that_stops_midway_is_given_up(transport: Transport):
    async with serving(saying(OK + b"content-length: 9\r\n\r\nhalf", LATE)) as server:
        with pytest.raises(UpstreamTimeout) as caught:
            await fetch(transport, asking(server.url(), timeouts=waiting(gap=SOON)))

    assert caught.value.waited_for == "gap"


async def test_a_steady_stream_may_last_longer_than_any_gap(transport: Transport):
    drops = [part for _ in range(6) for part in (SOON / 2, chunk(b"."))]
    async with serving(saying(CHUNKED, *drops, chunk(b""))) as server:
        pieces = await pieces_of(transport, asking(server.url(), timeouts=waiting(first_byte=SOON, gap=SOON)))

    assert b"".join(pieces) == b"......"


async def test_a_steady_stream_ends_with_the_time_for_the_call(transport: Transport):
    drops = [part for _ in range(100) for part in (0.02, chunk(b"."))]
    began = monotonic()
    async with serving(saying(CHUNKED, *drops)) as server:
        with pytest.raises(UpstreamTimeout) as caught:
            await pieces_of(
                transport, asking(server.url(), deadline=began + SOON, timeouts=waiting(gap=LATE))
            )
        took = monotonic() - began

    assert caught.value.waited_for == "total"
    assert SOON * 0.9 <= took < LATE * 0.9


async def test_a_call_whose_time_is_over_is_not_sent(transport: Transport):
    async with serving(saying(whole(b"x"))) as server:
        with pytest.raises(UpstreamTimeout) as caught:
            await fetch(transport, asking(server.url(), deadline=monotonic() - 1))

    assert caught.value.waited_for == "total"
    assert server.heard == []


async def test_a_reader_may_take_its_time(transport: Transport):
    async with (
        serving(saying(CHUNKED + chunk(b"one"), 0.01, chunk(b"two") + chunk(b""))) as server,
        transport.send(asking(server.url(), timeouts=waiting(first_byte=SOON, gap=SOON))) as arrival,
    ):
        pieces = arrival.chunks()
        first = await anext(pieces)
        await asyncio.sleep(0.4)
        rest = [piece async for piece in pieces]

    assert (first, rest) == (b"one", [b"two"])


async def test_an_answer_in_time_leaves_its_connection_fit_for_the_next(transport: Transport):
    async with serving(saying(whole(b"x"))) as server:
        await fetch(transport, asking(server.url(), timeouts=waiting(first_byte=SOON, total=SOON)))
        await asyncio.sleep(SOON * 1.5)
        await fetch(transport, asking(server.url(), timeouts=waiting(first_byte=SOON, total=SOON)))

    assert server.connections == 1


async def test_the_upstream_sees_that_it_was_given_up(transport: Transport):
    async def script(peer: Peer) -> None:
        await peer.say(CHUNKED + chunk(b"one"))
        await peer.gone()

    async with serving(script) as server:
        with pytest.raises(UpstreamTimeout):
            await pieces_of(transport, asking(server.url(), timeouts=waiting(gap=SOON)))
        await server.until_hung_up()


async def test_the_time_to_think_begins_when_the_request_is_sent(transport: Transport):
    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(0.4)  # the rest of the request waits at the sender's
        await reader.readexactly(size)
        await asyncio.sleep(0.4)
        writer.write(whole(b"seen"))

    size = 16 * 1024 * 1024
    patience = waiting(first_byte=0.7)
    async with connecting(slow) as place:
        answer = await fetch(transport, asking(f"http://{place}/", bytes(size), timeouts=patience))

    assert answer == b"seen"
