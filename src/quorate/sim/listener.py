"""A small HTTP/1.1 server that can also misbehave: every byte of an answer is in its hands.

Web servers keep the protocol's rules for their applications; a fault lab must be able to break them:
reset a connection, promise more bytes than come, leave a body without its end.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, closing
from http import HTTPStatus
from typing import Any

from quorate.errors import OperatorError
from quorate.wire.seam import Call

from .reading import Reading, Turn
from .steps import End, HangUp, Head, Reset, Send, Step, Wait

_READ = 256 * 1024
_AHEAD = 8
"""Calls of one connection that may wait for their turn."""

_PATIENCE = 5.0
"""Seconds that connections have to end when the server stops."""

Answer = Callable[[Call], Generator[Step, None, None]]


class _Over(Exception):
    """The connection has come to its end."""


@asynccontextmanager
async def listening(
    answer: Answer, host: str, port: int, opened: Callable[[], None]
) -> AsyncGenerator[int, None]:
    """Serve until the block ends; yields the port, which is a free one where 0 was asked for.

    `answer` gives the steps of a call and is closed early when the client hangs up;
    `opened` hears of each connection.
    """
    tasks: dict[asyncio.Task[Any], asyncio.StreamWriter] = {}

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened()
        task = asyncio.current_task()
        if task is not None:
            tasks[task] = writer
            task.add_done_callback(lambda done: tasks.pop(done, None))
        await _Connection(reader, writer, answer).serve()

    try:
        server = await asyncio.start_server(connected, host, port)
    except OSError as error:
        raise OperatorError(f"cannot listen on {host} port {port}: {error.strerror}") from error
    async with server:
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for writer in tasks.values():
                writer.transport.abort()
            if tasks:
                await asyncio.wait(tuple(tasks), timeout=_PATIENCE)


class _Connection:
    """One client: what it says is read while it is answered, so that its hanging up is seen at once."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer) -> None:
        self._reader, self._writer, self._answer = reader, writer, answer
        self._turns: asyncio.Queue[Turn] = asyncio.Queue(_AHEAD)

    async def serve(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._read())
                group.create_task(self._take_turns())
        except* (_Over, ConnectionError):
            pass  # either side may end it
        finally:
            self._writer.close()

    async def _read(self) -> None:
        reading = Reading()
        while data := await self._reader.read(_READ):
            turns = reading.feed(data)
            for turn in turns:
                await self._turns.put(turn)
            if turns and turns[-1].call is None:
                return
            if reading.wants_go_ahead():
                self._writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        raise _Over

    async def _take_turns(self) -> None:
        while True:
            turn = await self._turns.get()
            if turn.call is None:
                self._writer.write(_refusal(turn.status))
                await self._writer.drain()
                raise _Over
            with closing(self._answer(turn.call)) as steps:
                outlet = _Outlet(self._writer, turn)
                for step in steps:
                    await outlet.take(step)
            if not (outlet.whole and turn.keep_alive):
                raise _Over


class _Outlet:
    """Sends the steps of one answer."""

    def __init__(self, writer: asyncio.StreamWriter, turn: Turn) -> None:
        self._writer, self._turn = writer, turn
        self._chunked = False
        self._unsent = bytearray()
        self.whole = False

    async def take(self, step: Step) -> None:
        match step:
            case Send(data=data):
                await self._send(data)
            case Wait(seconds=seconds):
                await self._flush()
                await asyncio.sleep(seconds)
            case Head():
                self._begin(step)
            case End():
                if self._chunked:
                    self._unsent += b"0\r\n\r\n"
                self.whole = True
                await self._flush()
            case HangUp():
                await self._flush()
            case Reset():
                await self._flush()
                self._tear()

    def _begin(self, head: Head) -> None:
        self._chunked = head.length is None and self._turn.chunks
        headers = dict(head.headers)
        if self._chunked:
            headers["transfer-encoding"] = "chunked"
        elif head.length is not None:
            headers["content-length"] = str(head.length)
        else:
            self._turn = Turn(call=self._turn.call)  # the body's end is the connection's end
        if not self._turn.keep_alive:
            headers["connection"] = "close"
        self._unsent += _head(head.status, headers)

    async def _send(self, data: bytes) -> None:
        if self._chunked and data:
            self._unsent += b"%x\r\n%b\r\n" % (len(data), data)
            await self._flush()
        else:
            self._unsent += data

    async def _flush(self) -> None:
        if self._unsent:
            self._writer.write(bytes(self._unsent))
            self._unsent.clear()
        await self._writer.drain()

    def _tear(self) -> None:
        """Reset, not just closed: without lingering, what is left unsent is thrown away."""
        raw: socket.socket | None = self._writer.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


def _head(status: int, headers: dict[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} {_PHRASES.get(status, 'Simulated')}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", errors="replace")


_PHRASES = {status.value: status.phrase for status in HTTPStatus}


def _refusal(status: int) -> bytes:
    """To bytes that are no call of any protocol."""
    return _head(status, {"content-length": "0", "connection": "close", "x-quorate-simulated": "true"})
