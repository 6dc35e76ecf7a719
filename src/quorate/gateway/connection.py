"""One client's connection: uvicorn's reading and writing of HTTP, within limits that hold before any call is known.

Read `data_received`: it feeds the parser, whose findings come back through the `on_…` methods. `look` is called once
a second and is where time runs out. Only `server.py` loads this file: it brings uvicorn along.
"""

from __future__ import annotations

import asyncio
import logging
from asyncio import AbstractEventLoop, Transport
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, cast

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from quorate.settings.settings import ServerSettings

from . import heads
from .answering import Answering
from .heads import Refusal, fault_in, scope_of, without_upgrade
from .intake import LONGEST_HEAD, MOST_HEADERS, App, Receive, Scope, Send
from .stopping import Stop

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application, HTTPScope

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
        self._app = cast("ASGI3Application", self._ended_in_time)
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
        self._answering: Answering | None = None

    # What the event loop calls

    def connection_made(self, transport: Transport) -> None:
        super().connection_made(transport)
        self._way_out = _WayOut(transport, self)
        self._since = self.loop.time()
        if len(self.connections) > self._limits.connections:
            self._refuse(heads.TOO_MANY_CONNECTIONS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever answers is told. uvicorn tells the newest call alone."""
        self._is_deaf = True
        for cycle in self._unfinished():
            cycle.leave()
        self.pipeline.clear()
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
        if len(self.pipeline) >= _MOST_AHEAD:
            self._halt(heads.TOO_MANY_AHEAD)
        self._stage = Stage.BODY
        self.headers = []  # trailers go there, and nowhere on: nothing is added to a head that was judged
        self._keeps_alive = version != "1.0" and parser.should_keep_alive()
        about = {"server": self.server, "client": self.client, "scheme": self.scheme}
        scope = scope_of(method, url, version, headers) | about
        self._begin(scope, expects=told.get(b"expect", b"").lower() == b"100-continue")

    def _begin(self, scope: dict[str, Any], *, expects: bool) -> None:
        """Have the call answered, after those that came before it."""
        cycle = Answering(
            scope=cast("HTTPScope", scope),
            transport=cast("Transport", self._way_out),
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=expects,
            # An answer that is out before its call is whole says that it is the connection's last.
            keep_alive=False,
            on_response=self.on_response_complete,
        )
        self.cycle = cycle
        if self._answering is None:
            self._answer(cycle)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((cycle, self._app))

    def on_body(self, body: bytes) -> None:
        self._has_body_come = True
        cycle = self.cycle
        cycle.body += body
        if len(cycle.body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()
        cycle.message_event.set()

    def on_message_complete(self) -> None:
        if self._is_upgrade:
            return
        self._stage = Stage.NONE
        cycle = self.cycle
        cycle.more_body = False
        cycle.keep_alive = self._keeps_alive
        cycle.message_event.set()

    def _halt(self, fault: Refusal) -> None:
        self._fault = fault
        raise Refused

    # What the answering of calls leads to

    def _answer(self, cycle: Answering) -> None:
        self._answering = cycle
        cycle.begin()
        task = self.loop.create_task(cycle.run_asgi(self._app))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    async def _ended_in_time(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An answer that ran out of time when the server stops ends here, where the application did not tell."""
        try:
            await self._handle(scope, receive, send)
        except asyncio.CancelledError:
            if not self._stop.is_over:
                raise
        cycle = self._answering
        if self._stop.is_over and cycle is not None and not cycle.disconnected:
            cycle.disconnected = True  # so that nothing more is said of it
            self._is_deaf = True
            if not cycle.response_started:
                self.transport.write(heads.STOPPING.written(self.server_state.default_headers))
            self.leave()

    def on_response_complete(self) -> None:
        self._answering = None
        self.server_state.total_requests += 1
        if self._is_lingering or self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._answer(cast(Answering, self.pipeline.pop()[0]))
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
        waiting = [cast(Answering, cycle) for cycle, _ in reversed(self.pipeline)]
        return waiting if self._answering is None else [self._answering, *waiting]

    def _refuse(self, refusal: Refusal) -> None:
        """Take no more. Calls that came whole before are answered first; where there is none, the client is told."""
        faulty = cast(Answering, self.cycle) if self._stage is Stage.BODY else None
        self._is_deaf = True
        if self.pipeline and self.pipeline[0][0] is faulty:
            self.pipeline.popleft()
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
            cycle.message_event.set()


class _WayOut:
    """The transport as calls see it: when their answer is out they leave it to the connection to close."""

    def __init__(self, transport: asyncio.Transport, connection: Connection) -> None:
        self.write, self.is_closing = transport.write, transport.is_closing
        self.close = connection.leave


def _told(error: HttpParserError) -> Refusal:
    cause = error.__context__
    if cause is not None and not isinstance(cause, HttpParserError):
        _log.error("a call could not be read, by a fault of the gateway's own", exc_info=cause)
    return heads.NO_HTTP
