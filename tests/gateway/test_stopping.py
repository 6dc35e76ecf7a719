"""Told to stop, the server lets running answers end, then tells them that they must, then goes."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from quorate.errors import OperatorError, SettingsInvalid
from quorate.gateway.intake import Receive, Scope, Send
from quorate.gateway.listening import close, listen, may_listen, url_of
from quorate.gateway.stopping import reason_of, stoppable

from .wire_level import GET, HELLO, Echo, answer, connected, refusal, running

HEAD = {"type": "http.response.start", "status": 200, "headers": []}


async def test_what_runs_ends_and_nothing_new_begins():
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.2)
        await answer(send, HELLO)

    async with running(app, grace=5.0) as server, connected(server.port) as client:
        async with connected(server.port) as idle:
            await client.say(GET)
            await asyncio.sleep(0.05)
            server.stop.tell()
            assert await idle.rest() == b""
            with pytest.raises(ConnectionError):
                await asyncio.open_connection("127.0.0.1", server.port)
        raw = await client.rest()

    assert raw.endswith(HELLO)
    assert b"connection: close" in raw


async def test_what_has_not_begun_when_time_is_over_is_told_so():
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(60)

    async with running(app) as server, connected(server.port) as client:
        await client.say(GET)
        await asyncio.sleep(0.05)
        server.stop.tell()

        assert refusal(await client.rest()) == (503, "server_stopping")


async def test_an_application_may_say_itself_why_it_ends():
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(HEAD)
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError as cut:
            last = str(reason_of(cut)).encode()
            await send({"type": "http.response.body", "body": last})

    async with running(app) as server, connected(server.port) as client:
        await client.say(GET)
        await asyncio.sleep(0.05)
        server.stop.tell()
        raw = await client.rest()

    assert b"the gateway is being stopped" in raw
    assert raw.endswith(b"0\r\n\r\n")


async def test_a_stream_that_says_nothing_is_left_without_its_end(caplog: pytest.LogCaptureFixture):
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(HEAD)
        await asyncio.sleep(60)

    async with running(app) as server, connected(server.port) as client:
        await client.say(GET)
        await asyncio.sleep(0.05)
        server.stop.tell()
        raw = await client.rest()

    assert raw.startswith(b"HTTP/1.1 200")
    assert not raw.endswith(b"0\r\n\r\n")
    assert caplog.records == []


@pytest.mark.long
async def test_an_application_that_will_not_end_does_not_keep_the_server():
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for _ in range(3):
            try:
                await asyncio.sleep(2)
            except asyncio.CancelledError:
                continue

    async with running(app) as server, connected(server.port) as client:
        await client.say(GET)
        await asyncio.sleep(0.05)
        async with asyncio.timeout(3):
            server.stop.tell()
            await server.done


async def test_two_interrupts_end_it_at_once():
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(60)

    async with running(app, grace=60.0) as server, connected(server.port) as client:
        await client.say(GET)
        await asyncio.sleep(0.05)
        server.stop.hear(signal.SIGINT)
        server.stop.hear(signal.SIGINT)
        async with asyncio.timeout(2):
            await server.done

    assert server.stop.code == 130


async def test_told_before_it_listens_it_does_not_begin():
    async with running(Echo()) as server:
        server.stop.tell()
        await server.done

    assert server.stop.is_told


def test_a_signal_is_heard_and_the_former_handler_comes_back():
    before = signal.getsignal(signal.SIGTERM)
    with stoppable() as stop:
        signal.raise_signal(signal.SIGTERM)

    assert (stop.is_told, stop.code) == (True, 0)
    assert signal.getsignal(signal.SIGTERM) is before


def test_while_nobody_looks_the_second_interrupt_is_the_usual_one():
    with stoppable():
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("sockets", [1, 3])
def test_a_port_is_taken_once(sockets: int):
    first = listen("127.0.0.1", 0, sockets=sockets)
    port = first[0].getsockname()[1]

    with pytest.raises(OperatorError, match="another program listens there"):
        listen("127.0.0.1", port, sockets=sockets)
    close(first, "127.0.0.1")
    close(listen("127.0.0.1", port, sockets=sockets), "127.0.0.1")


def test_a_unix_socket_is_for_its_user_alone_and_is_cleared_away(tmp_path: Path):
    path = tmp_path / "quorate.sock"
    left_behind = listen(f"unix:{path}", 0)
    left_behind[0].close()
    sockets = listen(f"unix:{path}", 0)

    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(OperatorError, match="another program listens there"):
        listen(f"unix:{path}", 0)
    sockets[0].close()
    close(sockets, f"unix:{path}")
    assert not path.exists()


def test_a_file_that_is_no_socket_is_left_alone(tmp_path: Path):
    path = tmp_path / "notes.txt"
    path.write_text("mine")

    with pytest.raises(OperatorError):
        listen(f"unix:{path}", 0)
    assert path.read_text() == "mine"


def test_the_address_that_is_told_is_the_one_to_use():
    sockets = listen("127.0.0.1", 0)
    port = sockets[0].getsockname()[1]

    assert url_of(sockets[0]) == f"http://127.0.0.1:{port}"
    assert url_of(sockets[0], is_https=True, base_path="/llm") == f"https://127.0.0.1:{port}/llm"
    close(sockets, "127.0.0.1")


def test_beyond_this_machine_both_kinds_of_key_are_needed():
    for host in ("127.0.0.1", "::1", "localhost", "unix:/run/quorate.sock"):
        may_listen(host, has_keys=False, has_admin_key=False)
    may_listen("0.0.0.0", has_keys=True, has_admin_key=True)

    with pytest.raises(SettingsInvalid, match=r"set `keys`.*admin key"):
        may_listen("0.0.0.0", has_keys=False, has_admin_key=False)
    with pytest.raises(SettingsInvalid, match="admin key"):
        may_listen("::", has_keys=True, has_admin_key=False)
