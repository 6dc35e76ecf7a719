"""What our own client does beside the suite that every client passes: its requests, its pool, its caution."""

from __future__ import annotations

import asyncio
import random
import socket
import threading
import time
from collections.abc import AsyncGenerator

import pytest

from quorate.errors import InvalidRequest, Unreachable, UpstreamBroken, UpstreamTimeout
from quorate.transport.chosen import ChosenTransport
from quorate.transport.h1.address import address_of
from quorate.transport.h1.transport import OwnTransport
from quorate.transport.http import HttpTransport
from quorate.transport.pooling import Pool
from quorate.transport.proxies import Proxies
from quorate.transport.tls import Tls
from quorate.types.secret import Secret
from quorate.types.target import Timeouts

from .asking import PATIENT, asking, fetch, pieces_of, take_in
from .certificates import Authority
from .server import BOUND, CHUNKED, OK, Peer, chunk, saying, serving, unanswering, whole
from .test_lifetimes import run_alone


@pytest.fixture
async def own() -> AsyncGenerator[OwnTransport]:
    transport = OwnTransport()
    yield transport
    await transport.close()


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


async def test_lanes_do_not_share_a_connection(own: OwnTransport):
    async with serving(saying(whole(b"x"))) as server:
        for lane in ("one", "other", "one", "other"):
            await fetch(own, asking(server.url(), lane=lane))

    assert (server.connections, len(server.heard)) == (2, 4)


async def test_what_idles_in_one_lane_gives_way_to_another():
    own = OwnTransport(pool=Pool(per_host=1))
    async with serving(saying(whole(b"x"))) as server:
        answers = [await fetch(own, asking(server.url(), lane=lane)) for lane in ("one", "other", "one")]
    await own.close()

    assert answers == [b"x"] * 3


async def test_the_connection_used_last_is_used_first(own: OwnTransport):
    async with serving(saying(0.02, whole(b"x"))) as server:
        async with asyncio.TaskGroup() as group:
            for _ in range(3):
                group.create_task(fetch(own, asking(server.url())))
        for _ in range(4):
            await fetch(own, asking(server.url()))

    assert len({id(peer.writer) for peer in server.heard[3:]}) == 1


async def test_a_connection_that_idles_too_long_is_closed_without_being_asked():
    own = OwnTransport(pool=Pool(keep_alive=0.05))
    async with serving(saying(whole(b"x"))) as server:
        await fetch(own, asking(server.url()))
        await server.until_hung_up()
        await fetch(own, asking(server.url()))
    await own.close()

    assert server.connections == 2


async def test_a_connection_that_closed_while_the_loop_was_busy_is_not_used(own: OwnTransport):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving_thread = threading.Thread(target=answer_and_leave, args=(listening,))
        serving_thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        first = await fetch(own, asking(url))
        time.sleep(0.3)  # noqa: ASYNC251  # the loop does not get to see the good-bye
        second = await fetch(own, asking(url))
        serving_thread.join(BOUND)

    assert (first, second) == (b"x", b"x")


def answer_and_leave(listening: socket.socket) -> None:
    for _ in range(2):
        connection, _ = listening.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(whole(b"x"))
            time.sleep(0.1)


async def test_nothing_is_sent_twice(own: OwnTransport):
    async def once(peer: Peer) -> None:
        if len(server.heard) == 1:
            await peer.say(whole(b"x"))
        else:
            peer.reset()

    async with serving(once) as server:
        await fetch(own, asking(server.url()))
        with pytest.raises(UpstreamBroken) as caught:
            await fetch(own, asking(server.url()))

    assert caught.value.reason == "reset"
    assert len(server.heard) == 2


async def test_a_server_that_takes_nobody_in_is_an_upstream_that_broke(own: OwnTransport):
    listening = await asyncio.start_server(lambda _, writer: writer.transport.abort(), "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
    for _ in range(20):
        with pytest.raises(UpstreamBroken):
            await asyncio.wait_for(fetch(own, asking(url, b"x" * 200_000)), BOUND)
    listening.close()


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


async def test_closing_ends_the_calls_that_connect(own: OwnTransport):
    with unanswering() as port:
        call = asyncio.create_task(fetch(own, asking(f"http://127.0.0.1:{port}/")))
        await asyncio.sleep(0.05)
        await own.close()
        with pytest.raises(UpstreamBroken) as caught:
            await asyncio.wait_for(call, BOUND)

    assert caught.value.reason == "closed"


async def test_whoever_gives_up_waiting_for_a_connection_leaves_the_turn_to_the_next():
    own = OwnTransport(pool=Pool(per_host=1))
    async with serving(saying(0.05, whole(b"x"))) as server:
        calls = [asyncio.create_task(fetch(own, asking(server.url()))) for _ in range(6)]
        await asyncio.sleep(0.02)
        for call in calls[1:4]:
            call.cancel()
        answers = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), BOUND)
    await own.close()

    assert [answer for answer in answers if answer == b"x"] == [b"x"] * 3
    assert server.connections == 1


async def test_waiting_for_a_connection_is_part_of_connecting():
    own = OwnTransport(pool=Pool(per_host=1))
    async with serving(saying(0.5, whole(b"x"))) as server:
        first = asyncio.create_task(fetch(own, asking(server.url())))
        await asyncio.sleep(0.02)
        with pytest.raises(UpstreamTimeout) as caught:
            await fetch(own, asking(server.url(), timeouts=Timeouts(connect=0.05)))
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
    await own.close()

    assert caught.value.waited_for == "connect"


async def test_a_name_of_several_addresses_is_reached_at_the_one_that_answers(own: OwnTransport):
    async with serving(saying(whole(b"x"))) as server:
        assert await fetch(own, asking(server.url(host="localhost"))) == b"x"


async def test_a_name_that_cannot_be_one_is_told(own: OwnTransport):
    with pytest.raises(Unreachable) as caught:
        await fetch(own, asking("http://a..b/"))

    assert caught.value.reason == "name"


async def test_two_readers_of_one_answer_are_told_apart(own: OwnTransport):
    async with (
        serving(saying(CHUNKED, 0.1, chunk(b"x"))) as server,
        own.send(asking(server.url())) as arrival,
    ):
        first = asyncio.ensure_future(anext(arrival.chunks()))
        await asyncio.sleep(0.02)
        with pytest.raises(UpstreamBroken, match="two readers"):
            await anext(arrival.chunks())
        assert await first == b"x"


async def test_a_call_that_was_left_says_so(own: OwnTransport):
    async with serving(saying(OK + b"content-length: 5\r\n\r\n", BOUND)) as server:
        async with own.send(asking(server.url())) as arrival:
            pass
        with pytest.raises(UpstreamBroken) as caught:
            await arrival.read()

    assert caught.value.reason == "closed"


async def test_the_way_through_a_proxy_is_left_to_the_other_client():
    proxies = Proxies(http=Secret("http://127.0.0.1:9"), direct=("direct.example.com",))
    chosen = ChosenTransport(proxies=proxies)
    urls = [
        "http://far.example.com/",
        "http://direct.example.com/",
        "https://far.example.com/",
        "http://127.0.0.1/",
    ]

    assert [type(chosen._transport_for(url)) for url in urls] == [HttpTransport, *[OwnTransport] * 3]
    await chosen.close()


async def test_without_the_parser_everything_is_left_to_the_other_client(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("quorate.transport.chosen.find_spec", lambda _: None)
    async with serving(saying(whole(b"x"))) as server:
        chosen = ChosenTransport()
        answer = await fetch(chosen, asking(server.url(), timeouts=PATIENT))
        await chosen.close()

    assert answer == b"x"
    assert isinstance(chosen._direct, HttpTransport)


def test_a_direct_call_does_without_the_other_client_and_making_one_without_both():
    program = (
        "import asyncio, socket, sys, threading\n"
        "from quorate.transport.chosen import ChosenTransport\n"
        "from quorate.transport.seam import Send\n"
        "from quorate.types.target import Timeouts\n"
        "chosen = ChosenTransport()\n"
        "assert not {'aiohttp', 'httptools', 'yarl'} & sys.modules.keys()\n"
        "listening = socket.create_server(('127.0.0.1', 0))\n"
        "def answer():\n"
        "    line, _ = listening.accept()\n"
        "    line.recv(9999)\n"
        "    line.sendall(b'HTTP/1.1 200 OK\\r\\ncontent-length: 1\\r\\n\\r\\nx')\n"
        "threading.Thread(target=answer, daemon=True).start()\n"
        "url = f'http://127.0.0.1:{listening.getsockname()[1]}/'\n"
        "async def main():\n"
        "    async with chosen.send(Send(method='GET', url=url, headers={}, timeouts=Timeouts())) as arrival:\n"
        "        assert await arrival.read() == b'x'\n"
        "    await chosen.close()\n"
        "asyncio.run(main())\n"
        "raise SystemExit(bool({'aiohttp', 'yarl'} & sys.modules.keys()))\n"
    )
    assert asyncio.run(run_alone(program)) == 0


async def test_whoever_still_reads_a_call_that_was_left_is_told(own: OwnTransport):
    async with serving(saying(CHUNKED, BOUND)) as server:
        async with own.send(asking(server.url())) as arrival:
            reading = asyncio.ensure_future(anext(arrival.chunks()))
            await asyncio.sleep(0.02)
        with pytest.raises(UpstreamBroken):
            await asyncio.wait_for(reading, BOUND)


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


@pytest.mark.parametrize("per_host", [0, 7])
async def test_connections_are_counted_right_whatever_happens_to_calls(per_host: int):
    chance = random.Random(11)

    async def moody(peer: Peer) -> None:
        await asyncio.sleep(chance.random() * 0.01)
        match chance.randrange(5):
            case 0:
                peer.reset()
            case 1:
                await peer.say(OK + b"content-length: 10\r\n\r\nhalf")
                await peer.hang_up()
            case 2:
                await peer.say(CHUNKED + b"zz\r\n")
            case _:
                await peer.say(CHUNKED + chunk(b"x") + chunk(b""))

    async def impatient(number: int) -> bytes:
        patience = Timeouts(connect=0.2, first_byte=0.02, gap=0.02, total=0.3)
        request = asking(server.url(), timeouts=patience, lane=str(number % 3))
        return await asyncio.wait_for(fetch(own, request), chance.random() * 0.1)

    own = OwnTransport(pool=Pool(per_host=per_host))
    async with serving(moody) as server:
        answers = await asyncio.gather(*map(impatient, range(400)), return_exceptions=True)
        await asyncio.sleep(0.05)
        assert own._connections
        (host,) = own._connections._hosts.values()
        idle = [connection for lane in host._idle.values() for connection in lane]
        counted, waiting, under_way = host._open, len(host._waiting), own._connections.under_way
        await own.close()

    kinds = {type(answer) for answer in answers}
    assert kinds <= {bytes, UpstreamBroken, UpstreamTimeout, TimeoutError}
    assert {bytes, UpstreamBroken} <= kinds
    assert (counted, waiting, under_way, host._open) == (len(idle), 0, set(), 0)
