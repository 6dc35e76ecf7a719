"""What arrives when all goes well: whole, in pieces, encoded, over connections that are used again."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import Callable

import pytest

from quorate.transport.inflate import LARGEST_PIECE
from quorate.transport.pooling import Pool
from quorate.transport.seam import Transport

from .asking import asking, fetch, pieces_of
from .server import CHUNKED, OK, Peer, chunk, saying, serving, whole


async def test_a_whole_answer_arrives_with_status_and_lower_case_headers(transport: Transport):
    async with (
        serving(saying(whole(b"hello", b"X-Request-Id: 7"))) as server,
        transport.send(asking(server.url())) as arrival,
    ):
        body = await arrival.read()

    assert (arrival.status, body) == (200, b"hello")
    assert arrival.headers["x-request-id"] == "7"


async def test_an_error_of_the_upstream_is_an_answer_like_any_other(transport: Transport):
    refusal = whole(b"slow down", b"Retry-After: 3", status=b"HTTP/1.1 429 Too Many Requests\r\n")
    async with serving(saying(refusal)) as server, transport.send(asking(server.url())) as arrival:
        body = await arrival.read()

    assert (arrival.status, arrival.headers["retry-after"], body) == (429, "3", b"slow down")


async def test_a_header_that_stands_twice_is_one_with_both_values(transport: Transport):
    async with (
        serving(saying(whole(b"", b"Link: a", b"link: b"))) as server,
        transport.send(asking(server.url())) as arrival,
    ):
        assert arrival.headers["link"] == "a, b"


async def test_the_request_goes_out_as_it_was_written(transport: Transport):
    headers = {"authorization": "Bearer k", "content-type": "application/json"}
    async with serving(saying(whole(b""))) as server:
        await fetch(
            transport, asking(server.url("/a%2Fb/m:go?key=x%20y&alt=sse"), b'{"n":1}', headers=headers)
        )

    (peer,) = server.heard
    assert peer.line == b"POST /a%2Fb/m:go?key=x%20y&alt=sse HTTP/1.1"
    assert peer.body == b'{"n":1}'
    assert peer.header(b"authorization") == [b"Bearer k"]
    assert peer.header(b"content-type") == [b"application/json"]
    assert peer.header(b"user-agent")[0].startswith(b"quorate")
    assert peer.header(b"accept-encoding") == [b"gzip, deflate"]


async def test_an_address_with_letters_beyond_ascii_is_made_fit_for_a_request(transport: Transport):
    async with serving(saying(whole(b""))) as server:
        await fetch(transport, asking(server.url("/modelle/größe 1")))

    assert server.heard[0].line == b"POST /modelle/gr%C3%B6%C3%9Fe%201 HTTP/1.1"


async def test_a_request_without_a_body_has_none(transport: Transport):
    async with serving(saying(whole(b"[]"))) as server:
        await fetch(transport, asking(server.url("/models"), b"", method="GET", headers={}))

    assert server.heard[0].line == b"GET /models HTTP/1.1"
    assert server.heard[0].header(b"content-length") in ([], [b"0"])


async def test_a_large_request_arrives_whole(transport: Transport):
    picture = bytes(range(256)) * 40_000
    async with serving(saying(whole(b"seen"))) as server:
        await fetch(transport, asking(server.url(), picture))

    assert server.heard[0].body == picture


async def test_pieces_arrive_as_they_are_sent(transport: Transport):
    said = CHUNKED + chunk(b"one"), 0.05, chunk(b"two"), 0.05, chunk(b"three") + chunk(b"")
    async with serving(saying(*said)) as server:
        pieces = await pieces_of(transport, asking(server.url()))

    assert pieces == [b"one", b"two", b"three"]


async def test_a_piece_is_there_before_the_next_one_is_sent(transport: Transport):
    read = asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.say(CHUNKED + chunk(b"first"))
        await read.wait()
        await peer.say(chunk(b"second") + chunk(b""))

    async with serving(script) as server, transport.send(asking(server.url())) as arrival:
        pieces = arrival.chunks()
        first = await anext(pieces)
        read.set()
        second = await anext(pieces)

    assert (first, second) == (b"first", b"second")


async def test_an_answer_that_ends_with_its_connection_is_whole(transport: Transport):
    async def script(peer: Peer) -> None:
        await peer.say(OK + b"connection: close\r\n\r\nall of it")
        await peer.hang_up()

    async with serving(script) as server:
        assert await fetch(transport, asking(server.url())) == b"all of it"


async def test_an_answer_may_have_no_body(transport: Transport):
    async with serving(saying(b"HTTP/1.1 204 No Content\r\n\r\n")) as server:
        assert await fetch(transport, asking(server.url())) == b""
        assert await pieces_of(transport, asking(server.url())) == []


async def test_interim_answers_are_passed_over(transport: Transport):
    said = b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + whole(b"the answer")
    async with serving(saying(said)) as server:
        assert await fetch(transport, asking(server.url())) == b"the answer"


@pytest.mark.parametrize(
    ("encoding", "encoded"),
    [
        (b"gzip", gzip.compress(b"hello " * 50)),
        (b"x-gzip", gzip.compress(b"hello " * 50)),
        (b"gzip", gzip.compress(b"hello " * 20) + gzip.compress(b"hello " * 30)),
        (b"deflate", zlib.compress(b"hello " * 50)),
        (b"deflate", zlib.compress(b"hello " * 50, wbits=-15)),
        (b"identity", b"hello " * 50),
    ],
    ids=["gzip", "x-gzip", "two members", "zlib", "bare deflate", "identity"],
)
async def test_an_encoded_answer_is_decoded(transport: Transport, encoding: bytes, encoded: bytes):
    async with serving(saying(whole(encoded, b"content-encoding: " + encoding))) as server:
        assert await fetch(transport, asking(server.url())) == b"hello " * 50


async def test_an_encoded_stream_is_decoded_piece_by_piece(transport: Transport):
    packer = zlib.compressobj(wbits=31)
    one = packer.compress(b"one") + packer.flush(zlib.Z_SYNC_FLUSH)
    two = packer.compress(b"two") + packer.flush()
    head = OK + b"content-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n"
    async with serving(saying(head + chunk(one), 0.05, chunk(two) + chunk(b""))) as server:
        assert await pieces_of(transport, asking(server.url())) == [b"one", b"two"]


async def test_what_unpacks_to_much_is_handed_out_in_bounded_pieces(transport: Transport):
    large = gzip.compress(bytes(3 * LARGEST_PIECE))
    async with serving(saying(whole(large, b"content-encoding: gzip"))) as server:
        pieces = await pieces_of(transport, asking(server.url()))

    assert [len(piece) for piece in pieces] == [LARGEST_PIECE] * 3


async def test_one_connection_serves_one_request_after_the_other(transport: Transport):
    async with serving(saying(whole(b"again"))) as server:
        for _ in range(5):
            await fetch(transport, asking(server.url()))

    assert (server.connections, len(server.heard)) == (1, 5)


async def test_a_stream_that_was_read_to_its_end_gives_its_connection_back(transport: Transport):
    async with serving(saying(CHUNKED + chunk(b"x") + chunk(b""))) as server:
        for _ in range(3):
            await pieces_of(transport, asking(server.url()))

    assert server.connections == 1


async def test_a_server_that_closes_its_connections_gets_a_fresh_one_each_time(transport: Transport):
    async with serving(saying(whole(b"x", b"connection: close"))) as server:
        for _ in range(3):
            await fetch(transport, asking(server.url()))

    assert server.connections == 3


async def test_a_hundred_calls_run_side_by_side(transport: Transport):
    arrived = asyncio.Semaphore(0)
    everybody = asyncio.Event()

    async def script(peer: Peer) -> None:
        arrived.release()
        await everybody.wait()
        await peer.say(whole(b"for " + peer.body))

    async with serving(script) as server, asyncio.TaskGroup() as group:
        calls = [
            group.create_task(fetch(transport, asking(server.url(), b"%d" % number))) for number in range(100)
        ]
        for _ in range(100):
            await arrived.acquire()
        everybody.set()

    assert [call.result() for call in calls] == [b"for %d" % number for number in range(100)]
    assert server.connections == 100


async def test_a_pool_with_a_limit_lets_the_others_wait_their_turn(make: Callable[..., Transport]):
    transport = make(pool=Pool(per_host=2))
    async with serving(saying(0.01, whole(b"x"))) as server, asyncio.TaskGroup() as group:
        for _ in range(10):
            group.create_task(fetch(transport, asking(server.url())))

    assert (server.connections, len(server.heard)) == (2, 10)


async def test_no_cookie_of_an_answer_goes_along_with_the_next_request(transport: Transport):
    async with serving(saying(whole(b"", b"set-cookie: who=me; path=/"))) as server:
        await fetch(transport, asking(server.url()))
        await fetch(transport, asking(server.url()))

    assert server.heard[1].header(b"cookie") == []
