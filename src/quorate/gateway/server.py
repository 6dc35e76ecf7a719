"""Serves the gateway over HTTP with uvicorn, and ends it in good order: what runs may finish, nothing new begins."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import Callable, Coroutine, Sequence
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, TypeVar

from quorate.errors import OperatorError
from quorate.settings.settings import ServerSettings

from .intake import App
from .stopping import Stop, end
from .tls import Certificate

if TYPE_CHECKING:
    from uvicorn.config import Config
    from uvicorn.server import ServerState

    from .connection import Connection

Result = TypeVar("Result")

_BACKLOG = 2048
_TICK = 1.0
"""Seconds between two looks at the connections."""

_LAST_WORDS = 1.0
"""Seconds in which answers that ran out of time may tell their clients so."""


async def serve(
    app: App,
    listening: Sequence[socket.socket],
    stop: Stop,
    settings: ServerSettings,
    *,
    certificate: Certificate | None = None,
    tick: float = _TICK,
) -> None:
    """Until the process is told to stop; running answers then have `settings.grace` seconds."""
    server = _Server(app, stop, settings, certificate)
    with stop.listening():
        try:
            await server.open(listening)
            while not await stop.wait(tick):
                server.look()
        finally:
            await server.close()


class _Server:
    """Some listening sockets and the connections they brought."""

    def __init__(
        self, app: App, stop: Stop, settings: ServerSettings, certificate: Certificate | None
    ) -> None:
        self._stop, self._settings, self._certificate = stop, settings, certificate
        self._connection, config_of, state_of = _load_uvicorn()
        self._config = config_of(
            app,
            http="httptools",
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
        )
        # Its messages are of interest only where something fails.
        logging.getLogger("uvicorn").setLevel(logging.WARNING)
        self._config.load()
        self._state = state_of()
        self._listeners: list[asyncio.Server] = []

    async def open(self, listening: Sequence[socket.socket]) -> None:
        self.look()
        loop = asyncio.get_running_loop()
        for each in listening:
            is_local = each.family == socket.AF_UNIX
            self._listeners.append(
                await (loop.create_unix_server if is_local else loop.create_server)(
                    lambda: self._connection(self._config, self._state, loop, self._settings, self._stop),
                    sock=each,
                    ssl=self._certificate.context if self._certificate else None,
                    ssl_handshake_timeout=self._settings.head_timeout if self._certificate else None,
                    backlog=_BACKLOG,
                )
            )

    def look(self) -> None:
        """What is to be done now and then."""
        self._state.default_headers = [(b"date", formatdate(time.time(), usegmt=True).encode())]
        now = asyncio.get_running_loop().time()
        if self._certificate is not None:
            self._certificate.look(now)
        for connection in self._connections():
            connection.look(now)

    async def close(self) -> None:
        """No new calls; running ones have their time, then a moment to say that they end."""
        for listener in self._listeners:
            listener.close()
        for connection in self._connections():
            connection.shutdown()
        await self._until_answered(self._settings.grace)
        self._stop.is_over = True
        for task in tuple(self._state.tasks):
            end(task)
        await self._until_answered(_LAST_WORDS)
        for connection in self._connections():
            connection.transport.abort()

    async def _until_answered(self, longest: float) -> None:
        """Until no call runs and no connection holds bytes for its client."""
        loop = asyncio.get_running_loop()
        start = seen = loop.time()
        while (self._state.tasks or self._state.connections) and not self._stop.is_forced:
            await asyncio.sleep(0.005)
            now = loop.time()
            if now - start > longest:
                return
            if now - seen > _TICK:
                seen = now
                self.look()

    def _connections(self) -> tuple[Connection, ...]:
        made = self._state.connections
        return tuple(each for each in made if isinstance(each, self._connection))


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """Run to its end on the fastest event loop there is."""
    with asyncio.Runner(loop_factory=_fastest_loop()) as runner:
        return runner.run(main)


def _fastest_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The one of uvloop, where that is installed."""
    try:
        import uvloop  # noqa: PLC0415  # optional: not there on every system
    except ImportError:
        return None
    return uvloop.new_event_loop


def _load_uvicorn() -> tuple[type[Connection], type[Config], type[ServerState]]:
    """Raises `OperatorError` where the server's packages are not installed."""
    try:
        from .connection import Config, Connection, ServerState  # noqa: PLC0415  # heavy: only a server needs it
    except ImportError as error:
        raise OperatorError("the gateway needs more packages: install 'quorate[server]'") from error
    return Connection, Config, ServerState
