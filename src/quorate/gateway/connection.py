"""One client's connection: uvicorn's reading and writing of HTTP, within limits that hold before any call is known.

Read `data_received`: it feeds the parser, whose findings come back through the `on_…` methods. `look` is called once
a second and is where time runs out. Only `server.py` loads this file: it brings uvicorn along.
"""

from __future__ import annotations

import asyncio
import logging
from asyncio import AbstractEventLoop, Transport
from collections import deque
from enum import Enum, auto
from typing import Any, cast

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from quorate.settings.settings import ServerSettings

from . import heads
from .answering import Answering
from .heads import Refusal, fault_in, scope_of, without_upgrade
from .intake import LONGEST_HEAD, MOST_HEADERS, App
from .stopping import Stop

_MOST_AHEAD = 16
"""Calls that may wait on a connection for the one before them."""

_MOST_SILENT = 64 * 1024
"""Bytes of a body's dress (sizes, extensions, trailers) in a row without one of the body itself."""

_LINGER = 2.0
"""Seconds in which a client may still read an answer that came before it had sent all."""

_log = logging.getLogger("quorate.gateway")


class Stage(Enum):
    """How far the call is that is being read."""

    NONE = auto()
    HEAD = auto()
    BODY = auto()


class Refused(Exception):
    """Stops the parser; the connection knows why."""


class Connection(HttpToolsProtocol):
    """What is slow, large, or to be read in two ways is refused here; what is sound goes to the application."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        loop: AbstractEventLoop,
        limits: ServerSettings,
        stop: Stop,
    ) -> None:
        super().__init__(config, server_state, {}, loop)
        # uvicorn's own is optional to type checkers, and lenient about what follows a connection's last call.
        self._parser = self.parser = HttpRequestParser(self)
        self._handle = cast("App", self.app)
        self._limits, self._stop = limits, stop
        self._stage = Stage.NONE
        self._since = 0.0
        """When the connection fell idle, or the head that is being read began, or lingering did."""
        self._count = 0
        """Bytes of that head, or of a body's dress."""
        self._calls = 0
        self._fault: Refusal | None = None
        self._is_deaf = self._is_lingering = self._is_upgrade = False
        self._keeps_alive = self._has_body_come = False
        self._unread, self._unread_since = 0, 0.0
        self._reading: Answering | None = None
        """The call whose body comes, or came last."""
        self._answering: Answering | None = None
        self._waiting: deque[Answering] = deque()
        """Calls that came whole, or nearly, while the one before them was answered."""

    # What the event loop calls

    def connection_made(self, transport: Transport) -> None:
        super().connection_made(transport)
        self._way_out = _WayOut(transport, self)
        self._about = {"server": self.server, "client": self.client, "scheme": self.scheme}
        self._since = self.loop.time()
        if len(self.connections) > self._limits.connections:
            self._refuse(heads.TOO_MANY_CONNECTIONS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever answers is told. uvicorn tells the newest call alone."""
        self._is_deaf = True
        for cycle in self._unfinished():
            cycle.leave()
        self._waiting.clear()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._is_deaf:
            return
        before, calls = self._stage, self._calls
        self._has_body_come = False
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade as wish:
            rest: int = wish.args[0]
            self._read_without_upgrade(data[rest:])
            return
        except HttpParserError as error:
            self._refuse(self._fault or _told(error))
            return
        if self._stage is not Stage.NONE:
            self._measure(len(data), before, is_same=calls == self._calls)

    def _measure(self, size: int, before: Stage, *, is_same: bool) -> None:
        """A head that is not whole yet may take neither for ever nor all memory; nor may what is around a body."""
        if self._stage is Stage.HEAD:
            if before is not Stage.HEAD or not is_same:
                self._since = self.loop.time()
                self._count = size if before is Stage.NONE and is_same else 0
            else:
                self._count += size
            if len(self.url) > heads.LONGEST_LINE:
                self._refuse(heads.LINE_TOO_LONG)
            elif self._count > LONGEST_HEAD * 2:
                self._refuse(heads.HEAD_TOO_LARGE)
            return
        self._count = 0 if self._has_body_come or not is_same else self._count + size
        if self._count > _MOST_SILENT:
            self._refuse(heads.NO_HTTP)

    def _read_without_upgrade(self, rest: bytes) -> None:
        """Answered in HTTP/1.1, as a server may: clients offer HTTP/2 beside a call that is whole in itself."""
        head = without_upgrade(
            self._parser.get_method(), self.url, self._parser.get_http_version(), self.headers
        )
        self._parser = self.parser = HttpRequestParser(self)
        self._stage, self._is_upgrade = Stage.NONE, False
        self.data_received(head + rest)

    # What the parser calls

    def on_message_begin(self) -> None:
        self.url, self.headers = b"", []
        self._stage = Stage.HEAD

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self._calls += 1
        parser, headers, url = self._parser, self.headers, self.url
        method, version, told = parser.get_method(), parser.get_http_version(), dict(headers)
        if fault := fault_in(method, url, version, told):
            self._halt(fault)
        if len(headers) > MOST_HEADERS * 2:
            self._halt(heads.HEAD_TOO_LARGE)
        if parser.should_upgrade():
            self._is_upgrade = True
            return
        if len(self._waiting) >= _MOST_AHEAD:
            self._halt(heads.TOO_MANY_AHEAD)
        self._stage = Stage.BODY
        self.headers = []  # trailers go there, and nowhere on: nothing is added to a head that was judged
        self._keeps_alive = version != "1.0" and parser.should_keep_alive()
        scope = scope_of(method, url, version, headers) | self._about
        self._begin(scope, expects=told.get(b"expect", b"").lower() == b"100-continue")

    def _begin(self, scope: dict[str, Any], *, expects: bool) -> None:
        """Have the call answered, after those that came before it."""
        usual = self.server_state.default_headers
        self._reading = call = Answering(scope, self._way_out, self.flow, usual, expects=expects)
        if self._answering is None:
            self._answer(call)
        else:
            self.flow.pause_reading()
            self._waiting.append(call)

    def on_body(self, body: bytes) -> None:
        call = self._reading
        if call is None:
            return
        self._has_body_come = True
        call.came(body)
        if len(call.body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()

    def on_message_complete(self) -> None:
        if self._is_upgrade:
            return
        self._stage = Stage.NONE
        call = self._reading
        if call is not None:
            call.more_body, call.keep_alive = False, self._keeps_alive
            call.wake()

    def _halt(self, fault: Refusal) -> None:
        self._fault = fault
        raise Refused

    # What the answering of calls leads to

    def _answer(self, call: Answering) -> None:
        self._answering = call
        call.begin()
        task = self.loop.create_task(self._answered(call))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    async def _answered(self, call: Answering) -> None:
        """Have the application answer. What it leaves undone, or fails at, is no answer: the connection ends."""
        try:
            await self._handle(call.scope, call.receive, call.send)
        except asyncio.CancelledError:
            if not self._stop.is_over:
                raise
        except Exception:  # whatever it was, the client is not left waiting
            self.logger.exception("Exception in ASGI application")
            self._give_up(call)
        else:
            if not (call.response_complete or call.disconnected or self._stop.is_over):
                self.logger.error("the application ended before its answer did")
                self._give_up(call)
        finally:
            call.over()
        if self._stop.is_over and call is self._answering:
            self._end_late(call)

    def _give_up(self, call: Answering) -> None:
        """Where nothing was said of it yet, the client is told that it failed."""
        call.keep_alive = False
        if not (
            call.disconnected or call.answer(500, b"content-type: text/plain\r\n", b"Internal Server Error")
        ):
            self.transport.close()

    def _end_late(self, call: Answering) -> None:
        """An answer that ran out of time when the server stops ends here, where the application did not tell."""
        if call.disconnected:
            return
        call.disconnected = True  # so that nothing more is said of it
        self._is_deaf = True
        if not call.response_started:
            self.transport.write(heads.STOPPING.written(self.server_state.default_headers))
        self.leave()

    def on_response_complete(self) -> None:
        self._answering = None
        self.server_state.total_requests += 1
        if self._is_lingering or self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self._waiting:
            self._answer(self._waiting.popleft())
        else:
            self._since = self.loop.time()

    def shutdown(self) -> None:
        """The server stops: what is under way is answered, and nothing after it is taken."""
        unfinished = self._unfinished()
        self._keeps_alive = False
        if unfinished:
            unfinished[-1].keep_alive = False
        elif not self._is_lingering:
            self.transport.close()

    def leave(self) -> None:
        """After an answer that is the connection's last: close it so that the client can read to the end.

        A socket closed with bytes unread is reset, and takes what was just sent along.
        """
        if self._stage is Stage.NONE and not self._is_deaf:
            self.transport.close()
            return
        self._is_deaf = self._is_lingering = True
        self._since = self.loop.time()
        self.flow.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()

    def _unfinished(self) -> list[Answering]:
        """The call that is being answered and those that wait, in their order."""
        return [*self._waiting] if self._answering is None else [self._answering, *self._waiting]

    def _refuse(self, refusal: Refusal) -> None:
        """Take no more. Calls that came whole before are answered first; where there is none, the client is told."""
        faulty = self._reading if self._stage is Stage.BODY else None
        self._is_deaf = True
        if self._waiting and self._waiting[-1] is faulty:
            self._waiting.pop()
        sound = [cycle for cycle in self._unfinished() if cycle is not faulty]
        if sound:
            sound[-1].keep_alive = False
            return
        if faulty is not None:
            if faulty.response_started:
                return  # it is the last one, and says so
            faulty.leave()
        self.transport.write(refusal.written(self.server_state.default_headers))
        self.leave()

    # What time does

    def look(self, now: float) -> None:
        """Has anything taken too long?"""
        unread = self.transport.get_write_buffer_size()
        if unread:
            self._look_at_reader(now, unread)
            return
        self._unread = 0
        waited = now - self._since
        if self._is_lingering:
            if waited > _LINGER:
                self.transport.close()
        elif self._answering is not None:
            self._hurry_body(self._answering)
        elif self._stage is Stage.HEAD:
            if waited > self._limits.head_timeout:
                self._refuse(heads.HEAD_TOO_SLOW)
        elif waited > (self._limits.idle_timeout if self._calls else self._limits.head_timeout):
            self.transport.close()

    def _look_at_reader(self, now: float, unread: int) -> None:
        """Drop a client that reads nothing. What waits can only shrink while the application is held."""
        is_held = self.flow.write_paused or self._answering is None
        if not is_held or not self._unread or unread < self._unread:
            self._unread, self._unread_since = unread, now
        elif now - self._unread_since > self._limits.write_timeout:
            self.transport.abort()

    def _hurry_body(self, cycle: Answering) -> None:
        """A body of which nothing comes: its reader is woken, whose own patience then runs."""
        if cycle.more_body and not cycle.response_started:
            cycle.wake()


class _WayOut:
    """The transport as calls see it: when their answer is out they leave it to the connection to close."""

    __slots__ = ("_connection", "_transport")

    def __init__(self, transport: asyncio.Transport, connection: Connection) -> None:
        self._transport, self._connection = transport, connection

    def write(self, data: bytes, /) -> None:
        self._transport.write(data)

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def close(self) -> None:
        self._connection.leave()

    def answered(self) -> None:
        self._connection.on_response_complete()


def _told(error: HttpParserError) -> Refusal:
    cause = error.__context__
    if cause is not None and not isinstance(cause, HttpParserError):
        _log.error("a call could not be read, by a fault of the gateway's own", exc_info=cause)
    return heads.NO_HTTP
