"""Hang-ups, event loops and closing: nothing runs on that nobody waits for, and nobody waits for what is closed."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

import pytest

from quorate.errors import InvalidRequest, UpstreamBroken
from quorate.transport.seam import Transport

from .asking import TRANSPORTS, asking, fetch, pieces_of, take_in
from .server import BOUND, CHUNKED, OK, Peer, Script, chunk, connecting, saying, serving, unanswering, whole


async def endless(peer: Peer) -> None:
    await peer.say(CHUNKED)
    for _ in range(1_000_000):
        await peer.say(chunk(b"and on "))
        await asyncio.sleep(0.001)


def then_listening(said: bytes) -> Script:
    async def script(peer: Peer) -> None:
        await peer.say(said)
        await peer.gone()

    return script


async def test_leaving_a_stream_early_hangs_up(transport: Transport):
    async with serving(endless) as server:
        async with transport.send(asking(server.url())) as arrival:
            await anext(arrival.chunks())
        await server.until_hung_up()


async def test_leaving_before_the_body_is_read_hangs_up(transport: Transport):
    async with serving(then_listening(OK + b"content-length: 10\r\n\r\n")) as server:
        async with transport.send(asking(server.url())) as arrival:
            assert arrival.status == 200
        await server.until_hung_up()


async def test_leaving_by_an_error_hangs_up(transport: Transport):
    async with serving(endless) as server:
        with pytest.raises(ZeroDivisionError):
            async with transport.send(asking(server.url())):
                raise ZeroDivisionError
        await server.until_hung_up()


@pytest.mark.parametrize(
    "said", [b"", OK, CHUNKED, CHUNKED + chunk(b"x")], ids=["silence", "half a head", "head", "a piece"]
)
async def test_a_cancelled_call_hangs_up(transport: Transport, said: bytes):
    async with serving(then_listening(said)) as server:
        call = asyncio.create_task(pieces_of(transport, asking(server.url())))
        await asyncio.sleep(0.05)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await server.until_hung_up()

    assert len(server.heard) == 1


async def test_a_call_cancelled_while_it_connects_leaves_nothing(transport: Transport):
    with unanswering() as port:
        call = asyncio.create_task(fetch(transport, asking(f"http://127.0.0.1:{port}/")))
        await asyncio.sleep(0.05)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call


async def test_a_call_cancelled_while_it_sends_sends_no_more(transport: Transport):
    heard: asyncio.Queue[int] = asyncio.Queue()

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        size = len(await reader.read(1000))
        await heard.put(size)
        await asyncio.sleep(0.2)
        with suppress(ConnectionError):
            while data := await reader.read(1 << 20):
                size += len(data)
        await heard.put(size)

    async with connecting(slow) as place:
        request = asking(f"http://{place}/", bytes(64 * 1024 * 1024))
        call = asyncio.create_task(fetch(transport, request))
        await asyncio.wait_for(heard.get(), BOUND)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        size = await asyncio.wait_for(heard.get(), BOUND)

    assert size < 32 * 1024 * 1024


async def test_a_timeout_of_the_caller_ends_the_wait_and_nothing_else(transport: Transport):
    """A reader may lose patience with one piece and read on."""
    async with (
        serving(saying(CHUNKED + chunk(b"one"), 0.2, chunk(b"two") + chunk(b""))) as server,
        transport.send(asking(server.url())) as arrival,
    ):
        pieces = arrival.chunks()
        had = [await anext(pieces)]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(pieces), 0.05)
        had.append(await anext(pieces))

    assert had == [b"one", b"two"]


async def test_closing_ends_the_calls_under_way(transport: Transport):
    async with serving(then_listening(CHUNKED + chunk(b"x"))) as server:
        call = asyncio.create_task(pieces_of(transport, asking(server.url())))
        await asyncio.sleep(0.05)
        await transport.close()
        with pytest.raises(UpstreamBroken):
            await asyncio.wait_for(call, BOUND)


async def test_closing_ends_the_calls_that_wait_for_their_answer(transport: Transport):
    async with serving(then_listening(b"")) as server:
        call = asyncio.create_task(fetch(transport, asking(server.url())))
        await asyncio.sleep(0.05)
        await transport.close()
        with pytest.raises(UpstreamBroken):
            await asyncio.wait_for(call, BOUND)


async def test_closing_gives_every_connection_back(transport: Transport):
    async with serving(saying(whole(b"x"))) as server:
        await fetch(transport, asking(server.url()))
        await transport.close()
        await server.until_hung_up()


async def test_closing_twice_or_unused_does_nothing(make: Callable[..., Transport]):
    transport = make()
    await transport.close()
    await transport.close()


async def test_a_closed_transport_opens_anew(transport: Transport):
    async with serving(saying(whole(b"x"))) as server:
        await fetch(transport, asking(server.url()))
        await transport.close()
        assert await fetch(transport, asking(server.url())) == b"x"


async def test_a_connection_that_idles_into_its_end_is_not_used(transport: Transport):
    async def once(peer: Peer) -> None:
        await peer.say(whole(b"x"))
        await peer.hang_up()

    async with serving(once) as server:
        answers = []
        for _ in range(3):
            answers.append(await fetch(transport, asking(server.url())))
            await asyncio.sleep(0.02)

    assert answers == [b"x"] * 3
    assert server.connections == 3


async def test_two_loops_at_once_are_told_apart(transport: Transport):
    async with serving(saying(whole(b"x"))) as server:
        await fetch(transport, asking(server.url()))
        with pytest.raises(InvalidRequest, match="another event loop"):
            await asyncio.to_thread(asyncio.run, fetch(transport, asking(server.url())))


@pytest.mark.parametrize("make_one", TRANSPORTS.values(), ids=TRANSPORTS)
def test_one_transport_serves_one_loop_after_the_other(make_one: Callable[[], Transport]):
    transport = make_one()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        serving_thread = threading.Thread(target=answer_twice, args=(listening,))
        serving_thread.start()
        answers = [asyncio.run(fetch(transport, asking(f"http://127.0.0.1:{port}/"))) for _ in range(2)]
        asyncio.run(transport.close())
        serving_thread.join(BOUND)

    assert answers == [b"x", b"x"]


def answer_twice(listening: socket.socket) -> None:
    for _ in range(2):
        connection, _ = listening.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(whole(b"x", b"connection: close"))


async def test_many_streams_at_once_do_not_mix(transport: Transport):
    async def script(peer: Peer) -> None:
        await peer.say(CHUNKED)
        for _ in range(20):
            await peer.say(chunk(peer.body))
            await asyncio.sleep(0)
        await peer.say(chunk(b""))

    async def one(number: int) -> bytes:
        had: list[bytes] = []
        async with transport.send(asking(server.url(), b"%02d" % number)) as arrival:
            await take_in(arrival, had)
        return b"".join(had)

    async with serving(script) as server:
        answers = await asyncio.gather(*(one(number) for number in range(50)))

    assert answers == [b"%02d" % number * 20 for number in range(50)]


def test_making_a_transport_loads_no_client_and_opens_nothing():
    program = (
        "import sys\n"
        "def watch(event, arguments):\n"
        "    if event.startswith('socket.'): raise SystemExit(event)\n"
        "from quorate.transport.http import HttpTransport\n"
        "sys.addaudithook(watch)\n"
        "HttpTransport()\n"
        "raise SystemExit('aiohttp' in sys.modules)\n"
    )
    assert asyncio.run(run_alone(program)) == 0


async def run_alone(program: str) -> int | None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program)
    return await asyncio.wait_for(process.wait(), 30)
