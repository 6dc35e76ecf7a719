"""Upstreams that break off, talk nonsense or talk too much: typed errors, nothing hangs, no half is called whole."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable

import pytest

from quorate.errors import InvalidRequest, Unreachable, UpstreamBroken
from quorate.transport.pooling import Pool
from quorate.transport.seam import Transport

from .asking import asking, fetch, take_in
from .server import CHUNKED, OK, Peer, Script, chunk, closed_port, saying, serving, whole

HALF = OK + b"content-length: 10\r\n\r\nhalf"
SECRET = "sk-canary-0123456789"


def then_reset(said: bytes) -> Script:
    async def script(peer: Peer) -> None:
        await peer.say(said)
        await asyncio.sleep(0.02)
        peer.reset()

    return script


def then_close(said: bytes) -> Script:
    async def script(peer: Peer) -> None:
        await peer.say(said)
        await peer.hang_up()

    return script


@pytest.mark.parametrize("ending", [then_reset, then_close])
@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 20", OK + b"content-le"], ids=repr)
async def test_a_connection_lost_before_the_answer_is_an_upstream_that_broke(
    transport: Transport, said: bytes, ending: Callable[[bytes], Script]
):
    async with serving(ending(said)) as server:
        with pytest.raises(UpstreamBroken) as caught:
            await fetch(transport, asking(server.url()))

    assert caught.value.reason in ("reset", "not_http")
    assert caught.value.status == 0


@pytest.mark.parametrize("ending", [then_reset, then_close])
@pytest.mark.parametrize(
    "said",
    [HALF, CHUNKED + chunk(b"half"), CHUNKED + b"ff\r\nhalf", CHUNKED + chunk(b"half") + b"0\r\n"],
    ids=repr,
)
async def test_half_an_answer_is_not_taken_for_the_whole(
    transport: Transport, said: bytes, ending: Callable[[bytes], Script]
):
    async with serving(ending(said)) as server:
        with pytest.raises(UpstreamBroken) as caught:
            await fetch(transport, asking(server.url()))

    assert caught.value.reason in ("truncated", "reset")
    assert caught.value.status == 200


@pytest.mark.parametrize("ending", [then_reset, then_close])
async def test_what_came_before_the_break_is_handed_out(
    transport: Transport, ending: Callable[[bytes], Script]
):
    had: list[bytes] = []
    async with (
        serving(ending(CHUNKED + chunk(b"some ") + chunk(b"words"))) as server,
        transport.send(asking(server.url())) as arrival,
    ):
        await asyncio.sleep(0.1)  # a slow reader: the connection is gone before it looks
        with pytest.raises(UpstreamBroken):
            await take_in(arrival, had)

    assert b"".join(had) == b"some words"


async def test_a_broken_connection_is_not_used_again(transport: Transport):
    async with serving(saying(CHUNKED + b"zz\r\nnonsense")) as server:
        for _ in range(2):
            with pytest.raises(UpstreamBroken):
                await fetch(transport, asking(server.url()))

    assert server.connections == 2


async def test_bytes_after_the_answer_do_not_become_the_next_one(transport: Transport):
    async with serving(saying(whole(b"mine") + whole(b"somebody's"))) as server:
        answers = [await fetch(transport, asking(server.url())) for _ in range(2)]

    assert answers == [b"mine", b"mine"]


@pytest.mark.parametrize(
    "said",
    [
        b"220 mail.example.com ESMTP\r\n\r\n",
        b"<html>not at all</html>\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"\x15\x03\x01\x00\x02\x02\x46",
        OK + b"content-length: many\r\n\r\n",
        OK + b"content-length: 1\r\ncontent-length: 2\r\n\r\nx",
    ],
    ids=repr,
)
async def test_what_is_not_http_is_told_so(transport: Transport, said: bytes):
    async with serving(then_close(said)) as server:
        with pytest.raises(UpstreamBroken) as caught:
            await fetch(transport, asking(server.url()))

    assert caught.value.reason == "not_http"


async def test_a_header_beyond_the_limit_is_refused(make: Callable[..., Transport]):
    transport = make(pool=Pool(longest_header=16 * 1024))
    async with serving(saying(OK + b"x-long: " + b"a" * 64 * 1024 + b"\r\n\r\n")) as server:
        with pytest.raises(UpstreamBroken) as caught:
            await fetch(transport, asking(server.url()))

    assert caught.value.reason == "too_large"


async def test_endless_headers_are_refused(transport: Transport):
    async def script(peer: Peer) -> None:
        await peer.say(OK)
        for number in range(100_000):
            await peer.say(b"x-%d: y\r\n" % number)

    async with serving(script) as server:
        with pytest.raises(UpstreamBroken):
            await fetch(transport, asking(server.url()))


async def test_a_body_beyond_the_limit_is_refused_by_its_length(transport: Transport):
    async with serving(saying(OK + b"content-length: 2000\r\n\r\n", 1.0)) as server:
        with pytest.raises(UpstreamBroken) as caught:
            await fetch(transport, asking(server.url(), max_body=1000))

    assert caught.value.reason == "too_large"


async def test_a_body_beyond_the_limit_is_refused_while_it_comes(transport: Transport):
    async def script(peer: Peer) -> None:
        await peer.say(CHUNKED)
        for _ in range(100_000):
            await peer.say(chunk(bytes(1000)))

    async with serving(script) as server:
        with pytest.raises(UpstreamBroken) as caught:
            await fetch(transport, asking(server.url(), max_body=50_000))

    assert caught.value.reason == "too_large"


async def test_a_body_of_exactly_the_limit_is_taken(transport: Transport):
    async with serving(saying(whole(bytes(1000)))) as server:
        assert await fetch(transport, asking(server.url(), max_body=1000)) == bytes(1000)


async def test_a_small_body_that_unpacks_to_a_huge_one_is_refused(transport: Transport):
    bomb = gzip.compress(bytes(32 * 1024 * 1024))
    async with serving(saying(whole(bomb, b"content-encoding: gzip"))) as server:
        with pytest.raises(UpstreamBroken) as caught:
            await fetch(transport, asking(server.url(), max_body=1024 * 1024))

    assert caught.value.reason == "too_large"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        (b"gzip", gzip.compress(b"words and words")[:-9]),
        (b"gzip", b"not packed at all"),
        (b"gzip", gzip.compress(b"words")[:-8] + b"\0" * 8),
        (b"br", b"\x0b\x02\x80words\x03"),
        (b"gzip, gzip", gzip.compress(gzip.compress(b"words"))),
    ],
    ids=["cut", "plain", "wrong sum", "not offered", "twice"],
)
async def test_an_encoding_that_is_not_true_is_an_upstream_that_broke(
    transport: Transport, encoding: bytes, body: bytes
):
    async with serving(saying(whole(body, b"content-encoding: " + encoding))) as server:
        with pytest.raises(UpstreamBroken) as caught:
            await fetch(transport, asking(server.url()))

    assert caught.value.reason == "encoding"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_told_and_not_followed(transport: Transport, status: int):
    line = b"HTTP/1.1 %d Elsewhere\r\n" % status
    there = b"Location: https://login.example.com/in?token=" + SECRET.encode()
    async with serving(saying(whole(b"", there, status=line))) as server:
        with pytest.raises(UpstreamBroken) as caught:
            await fetch(transport, asking(server.url()))

    assert (caught.value.reason, caught.value.status) == ("redirect", status)
    assert "'login.example.com'" in str(caught.value)
    assert SECRET not in str(caught.value)
    assert len(server.heard) == 1


async def test_a_redirect_to_a_path_names_its_own_host(transport: Transport):
    moved = whole(b"", b"Location: /v2/chat", status=b"HTTP/1.1 308 Permanent Redirect\r\n")
    async with serving(saying(moved)) as server:
        with pytest.raises(UpstreamBroken, match=f"redirects to '127.0.0.1:{server.port}'"):
            await fetch(transport, asking(server.url()))


async def test_nothing_listening_is_unreachable(transport: Transport):
    port = closed_port()
    with pytest.raises(Unreachable) as caught:
        await fetch(transport, asking(f"http://127.0.0.1:{port}/v1?key={SECRET}"))

    assert caught.value.reason == "refused"
    assert str(caught.value) == f"nothing listens at '127.0.0.1:{port}'"


@pytest.mark.parametrize(
    "url", ["localhost/v1", "ftp://127.0.0.1/", "http:///v1", "http://127.0.0.1:99999/", ""]
)
async def test_what_is_no_address_is_unreachable(transport: Transport, url: str):
    with pytest.raises(Unreachable) as caught:
        await fetch(transport, asking(url))

    assert caught.value.reason == "address"


@pytest.mark.parametrize("bad", ["Bearer key\n", "Bearer key\r\nx-more: y", "Bearer \0"], ids=repr)
async def test_a_header_with_the_end_of_a_line_is_refused_by_its_name(transport: Transport, bad: str):
    async with serving(saying(whole(b""))) as server:
        with pytest.raises(InvalidRequest, match="'authorization'") as caught:
            await fetch(transport, asking(server.url(), headers={"authorization": bad}))

    assert "key" not in str(caught.value)
    assert server.heard == []


async def test_an_unnamed_fault_keeps_the_address_and_the_credential_to_itself(transport: Transport):
    """What is raised, and what hangs on it, tells host and port alone."""
    headers = {"authorization": f"Bearer {SECRET}"}
    async with serving(then_close(b"nonsense\r\n\r\n")) as server:
        with pytest.raises(UpstreamBroken) as caught:
            await fetch(transport, asking(server.url(f"/v1?key={SECRET}"), headers=headers))

    told = [caught.value, caught.value.__cause__, caught.value.__context__]
    assert SECRET not in repr([(repr(each), str(each), getattr(each, "__dict__", "")) for each in told])


async def test_half_a_body_keeps_the_address_to_itself(transport: Transport):
    async with (
        serving(then_reset(HALF)) as server,
        transport.send(asking(server.url(f"/v1?key={SECRET}"))) as arrival,
    ):
        with pytest.raises(UpstreamBroken) as caught:
            await take_in(arrival, [])

    assert caught.value.__cause__ is None
    assert SECRET not in repr((caught.value, caught.value.__context__, str(caught.value.__context__)))


async def test_pieces_of_a_broken_stream_come_to_an_error_every_time_it_is_asked(transport: Transport):
    async with serving(then_close(HALF)) as server, transport.send(asking(server.url())) as arrival:
        pieces = arrival.chunks()
        first = await anext(pieces)
        for _ in range(3):
            with pytest.raises(UpstreamBroken):
                await anext(pieces)

    assert first == b"half"
