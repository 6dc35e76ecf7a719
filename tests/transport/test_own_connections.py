"""The connections of our own client: kept, shared, counted, given up; and which calls are left to the other one."""

from __future__ import annotations

import asyncio
import random
import socket
import threading
import time
from typing import Any

import pytest

from quorate.errors import Unreachable, UpstreamBroken, UpstreamTimeout
from quorate.transport.chosen import ChosenTransport
from quorate.transport.h1.transport import OwnTransport
from quorate.transport.http import HttpTransport
from quorate.transport.pooling import Pool
from quorate.transport.proxies import Proxies
from quorate.types.secret import Secret
from quorate.types.target import Timeouts

from .asking import PATIENT, asking, fetch
from .server import BOUND, CHUNKED, OK, Peer, chunk, saying, serving, unanswering, whole
from .test_lifetimes import run_alone


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
        answers: list[Any] = []
        for _ in range(8):
            answers += await asyncio.gather(*map(impatient, range(50)), return_exceptions=True)
        await asyncio.sleep(0.05)
        assert own._connections
        (host,) = own._connections._hosts.values()
        idle = [connection for lane in host._idle.values() for connection in lane]
        counted, waiting, under_way = len(host._open), len(host._waiting), own._connections.under_way
        await own.close()

    kinds = {type(answer) for answer in answers}
    assert kinds <= {bytes, UpstreamBroken, UpstreamTimeout, TimeoutError}
    assert bytes in kinds
    assert (counted, waiting, under_way, host._open) == (len(idle), 0, set(), set())
