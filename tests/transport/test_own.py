"""What our own client says and believes, beside the suite that every client passes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from types import MappingProxyType

import pytest

from quorate.errors import InvalidRequest, Unreachable, UpstreamBroken, UpstreamTimeout
from quorate.transport.h1.address import address_of
from quorate.transport.h1.request import head_of
from quorate.transport.h1.transport import OwnTransport
from quorate.transport.seam import Send
from quorate.transport.tls import Tls
from quorate.types.target import Timeouts

from .asking import asking, fetch, pieces_of, take_in
from .certificates import Authority
from .server import BOUND, CHUNKED, OK, Peer, chunk, saying, serving, whole


@pytest.mark.parametrize(
    ("url", "place", "port", "path"),
    [
        ("http://127.0.0.1:8080/v1?a=b#part", "127.0.0.1:8080", 8080, "/v1?a=b"),
        ("https://API.example.com", "api.example.com", 443, "/"),
        ("https://api.example.com:443?key=x", "api.example.com", 443, "/?key=x"),
        ("http://[::1]:8080/v1", "[::1]:8080", 8080, "/v1"),
        ("http://me:secret@127.0.0.1/v1", "127.0.0.1", 80, "/v1"),
        ("http://bücher.example/größe", "xn--bcher-kva.example", 80, "/gr%C3%B6%C3%9Fe"),
        ("http://h/a%2Fb/m:go?x=%20&y=[]", "h", 80, "/a%2Fb/m:go?x=%20&y=[]"),
    ],
)
def test_an_address_is_taken_apart(url: str, place: str, port: int, path: str):
    address = address_of(url)

    assert (address.place, address.port, address.path) == (place, port, path)


@pytest.mark.parametrize(
    "url", ["http://h:0/", "http://h:65536/", "http://h:x/", "http://[::1/", "http://@/", "h"]
)
def test_what_is_no_address_has_no_parts(url: str):
    with pytest.raises(Unreachable, match="the address is not one of"):
        address_of(url)


async def test_a_user_in_the_address_becomes_a_credential(own: OwnTransport):
    async with serving(saying(whole(b""))) as server:
        url = server.url(host="me:se%63ret@127.0.0.1")
        await fetch(own, asking(url))
        await fetch(own, asking(url, headers={"Authorization": "Bearer mine"}))

    assert [peer.header(b"authorization") for peer in server.heard] == [
        [b"Basic bWU6c2VjcmV0"],
        [b"Bearer mine"],
    ]


async def test_how_a_message_is_framed_is_ours_to_say(own: OwnTransport):
    headers = {
        "Content-Length": "99",
        "Transfer-Encoding": "chunked",
        "Connection": "close",
        "Expect": "100-continue",
    }
    async with serving(saying(whole(b""))) as server:
        await fetch(own, asking(server.url(), b"four", headers=headers))

    (peer,) = server.heard
    assert peer.header(b"content-length") == [b"4"]
    assert peer.body == b"four"
    assert [peer.header(name) for name in (b"transfer-encoding", b"connection", b"expect")] == [[], [], []]


async def test_a_request_may_say_otherwise_who_asks_and_what_is_accepted(own: OwnTransport):
    headers = {"User-Agent": "mine/1", "Accept-Encoding": "identity", "ACCEPT": "text/event-stream"}
    async with serving(saying(whole(b""))) as server:
        await fetch(own, asking(server.url(), headers=headers))

    said = [server.heard[0].header(name) for name in (b"user-agent", b"accept-encoding", b"accept")]
    assert said == [[b"mine/1"], [b"identity"], [b"text/event-stream"]]


@pytest.mark.parametrize(
    "headers",
    [
        {"x y": "1"},
        {"x:y": "1"},
        {"": "1"},
        {"x\r\ny": "1"},
        {"ä": "1"},
        {"x": "a\x1bb"},
        {"x": "\x7f"},
        {"x": "\ud800"},
    ],
    ids=repr,
)
async def test_a_header_that_http_cannot_say_is_refused(own: OwnTransport, headers: dict[str, str]):
    async with serving(saying(whole(b""))) as server:
        with pytest.raises(InvalidRequest):
            await fetch(own, asking(server.url(), headers=headers))

    assert server.connections == 0


@pytest.mark.parametrize("method", ["", "GET /x", "CONNECT", "GET\r\n"])
async def test_a_method_that_is_none_for_us_is_refused(own: OwnTransport, method: str):
    with pytest.raises(InvalidRequest):
        await fetch(own, asking("http://127.0.0.1:9/", method=method))


async def test_the_answer_to_head_has_no_body_whatever_it_says(own: OwnTransport):
    async with serving(saying(OK + b"content-length: 10\r\n\r\n")) as server:
        answers = [await fetch(own, asking(server.url(), b"", method="HEAD")) for _ in range(2)]

    assert (answers, server.connections) == ([b"", b""], 2)


async def test_a_refusal_before_all_is_sent_arrives_and_ends_the_sending(own: OwnTransport):
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(whole(b"too long", status=b"HTTP/1.1 413 Content Too Large\r\n"))
        await gone.wait()
        writer.close()

    gone = asyncio.Event()
    listening = await asyncio.start_server(refuse, "127.0.0.1", 0, limit=1000)
    url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
    async with own.send(asking(url, bytes(32 * 1024 * 1024))) as arrival:
        answer = arrival.status, await asyncio.wait_for(arrival.read(), BOUND)
    gone.set()
    listening.close()

    assert answer == (413, b"too long")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 1000, "too_large"),
        (b"HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n", "not_http"),
        (b"HTTP/1.1 000 Nothing\r\ncontent-length: 0\r\n\r\n", "not_http"),
        (b"HTTP/1.1 099 Little\r\ncontent-length: 0\r\n\r\n", "not_http"),
        (OK + b"transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "not_http"),
        (OK + b"transfer-encoding: chunked\r\ncontent-length: 1\r\n\r\n0\r\n\r\n", "not_http"),
        (OK + b"x-folded: a\r\n b\r\ncontent-length: 0\r\n\r\n", "not_http"),
        (OK + b"x-bare: a\ncontent-length: 0\n\n", "not_http"),
        (b"\r\n" * 40_000, "too_large"),
        (b"HTTP/1.1 200 " + b"O" * 40_000, "too_large"),
        (OK + b"x: y\r\n" * 300 + b"\r\n", "too_large"),
        (CHUNKED + b"0\r\n" + b"x: y\r\n" * 300 + b"\r\n", "too_large"),
        (CHUNKED + b"0\r\nx: " + b"y" * 1_000_000, "too_large"),
        (CHUNKED + b"1;" + b"y" * 1_000_000, "too_large"),
    ],
    ids=lambda each: repr(each[:40]),
)
async def test_an_answer_that_nobody_should_believe_is_refused(own: OwnTransport, said: bytes, reason: str):
    async with serving(saying(said)) as server:
        with pytest.raises(UpstreamBroken) as caught:
            await asyncio.wait_for(fetch(own, asking(server.url())), BOUND)

    assert caught.value.reason == reason


async def test_an_offer_to_upgrade_is_passed_over(own: OwnTransport):
    async with serving(saying(whole(b"x", b"upgrade: h2,h2c", b"connection: Upgrade"))) as server:
        assert await fetch(own, asking(server.url())) == b"x"


async def test_trailers_are_passed_over(own: OwnTransport):
    said = CHUNKED + chunk(b"x") + b"0\r\nx-sum: 1\r\n\r\n"
    async with serving(saying(said)) as server:
        for _ in range(2):
            async with own.send(asking(server.url())) as arrival:
                assert await arrival.read() == b"x"
                assert "x-sum" not in arrival.headers

    assert server.connections == 1


async def test_an_old_server_is_understood(own: OwnTransport):
    async def script(peer: Peer) -> None:
        await peer.say(b"HTTP/1.0 200 OK\r\n\r\nall of it")
        await peer.hang_up()

    async with serving(script) as server:
        assert await fetch(own, asking(server.url())) == b"all of it"


@pytest.mark.parametrize("says_good_bye", [True, False])
async def test_under_tls_the_end_of_an_answer_must_be_under_its_seal(
    tmp_path_factory: pytest.TempPathFactory, says_good_bye: bool
):
    authority = Authority(tmp_path_factory.mktemp("authority"))

    async def script(peer: Peer) -> None:
        await peer.say(OK + b"connection: close\r\n\r\nhalf")
        await asyncio.sleep(0.05)
        if says_good_bye:
            peer.writer.close()
        else:
            peer.writer.transport.abort()
        await asyncio.sleep(0.1)

    own = OwnTransport(tls=Tls(ca_file=str(authority.file)))
    had: list[bytes] = []
    broke = False
    async with (
        serving(script, authority.server_context(authority.issue("localhost", "127.0.0.1"))) as server,
        own.send(asking(server.url())) as arrival,
    ):
        try:
            await asyncio.wait_for(take_in(arrival, had), BOUND)
        except UpstreamBroken:
            broke = True
    await own.close()

    assert (had, broke) == ([b"half"], not says_good_bye)


async def test_an_upstream_waits_for_a_slow_reader(own: OwnTransport):
    said = 0

    async def script(peer: Peer) -> None:
        nonlocal said
        await peer.say(CHUNKED)
        for _ in range(64):
            await peer.say(chunk(bytes(1024 * 1024)))
            said += 1
        await peer.say(chunk(b""))

    async with serving(script) as server, own.send(asking(server.url())) as arrival:
        await asyncio.sleep(0.3)
        held_back = said < 32
        size = sum([len(piece) async for piece in arrival.chunks()])

    assert (held_back, size) == (True, 64 * 1024 * 1024)


async def test_the_time_for_the_call_ends_a_stream_that_never_pauses(own: OwnTransport):
    async def script(peer: Peer) -> None:
        await peer.say(CHUNKED)
        for _ in range(1_000_000):
            await peer.say(chunk(bytes(100_000)))

    began = time.monotonic()
    async with serving(script) as server:
        with pytest.raises(UpstreamTimeout) as caught:
            await pieces_of(own, asking(server.url(), timeouts=Timeouts(total=0.2)))

    assert caught.value.waited_for == "total"
    assert time.monotonic() - began < 2


async def test_much_goes_both_ways_under_tls(tmp_path_factory: pytest.TempPathFactory):
    authority = Authority(tmp_path_factory.mktemp("authority"))
    context = authority.server_context(authority.issue("localhost", "127.0.0.1"))
    picture = bytes(range(256)) * 50_000

    async def echo(peer: Peer) -> None:
        await peer.say(whole(peer.body))

    own = OwnTransport(tls=Tls(ca_file=str(authority.file)))
    async with serving(echo, context) as server:
        answers = [await asyncio.wait_for(fetch(own, asking(server.url(), picture)), BOUND) for _ in range(2)]
    await own.close()

    assert answers == [picture, picture]
    assert server.connections == 1


@pytest.mark.parametrize("name", ["x-one", "x\rtwo"])
def test_headers_that_nobody_can_change_make_the_same_head_as_others(name: str):
    plain = {"authorization": "Bearer key", name: "1"}
    final = MappingProxyType(plain)

    def head(headers: Mapping[str, str], url: str = "http://a.test/one", body: bytes = b"{}") -> bytes | None:
        try:
            return head_of(Send(method="POST", url=url, headers=headers, body=body, timeouts=Timeouts()))
        except InvalidRequest:
            return None

    assert head(final) == head(final) == head(plain)
    assert head(final, body=b"{}  ") == head(plain, body=b"{}  ")
    assert head(final, url="http://b.test/two") == head(plain, url="http://b.test/two")
