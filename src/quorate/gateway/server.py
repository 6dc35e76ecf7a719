"""Serves the gateway over HTTP with uvicorn, and ends it in good order: what runs may finish, nothing new begins."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import Awaitable, Callable, Coroutine, Generator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, TypeVar

from quorate.errors import OperatorError

from .intake import Receive, Scope, Send

App = Callable[[Scope, Receive, Send], Awaitable[None]]
Result = TypeVar("Result")

_BACKLOG = 2048
_IDLE = 75
"""Seconds an idle connection of a client is kept."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that clients can connect to from this moment on. Raises `OperatorError`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends small pieces at once only on sockets that say they speak TCP.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise OperatorError(f"cannot listen on '{host}' port {port}: {error.strerror or error}") from error
    return listening


def url_of(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def stoppable() -> Generator[Stop]:
    """From here on to be told to stop is no fault: the process ends in its own time, with code 0."""
    stop = Stop()
    before = signal.signal(signal.SIGTERM, stop.hear)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGTERM, before)


class Stop:
    """Whether the process was told to stop before the server listens for it, or after it has ended."""

    def __init__(self) -> None:
        self.is_told = False

    def hear(self, number: int, frame: object) -> None:
        self.is_told = True


async def serve(app: App, listening: socket.socket, stop: Stop, *, grace: float) -> None:
    """Until the process is told to stop; running answers then have `grace` seconds."""
    uvicorn = _load_uvicorn()
    # Its messages are of interest only where something fails.
    logging.getLogger("uvicorn").setLevel(logging.WARNING)

    async def ended_in_time(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        except asyncio.CancelledError:
            if not server.should_exit:
                raise
            # The grace is over. The server closes the connection; there is nobody else to tell.

    config = uvicorn.Config(
        ended_in_time,
        http="httptools",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=_IDLE,
        timeout_graceful_shutdown=max(1, round(grace)),
    )
    server = uvicorn.Server(config)
    server.should_exit = stop.is_told
    await server.serve(sockets=[listening])


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


def _load_uvicorn() -> ModuleType:
    """Raises `OperatorError` where the server's packages are not installed."""
    try:
        import uvicorn  # noqa: PLC0415  # heavy: only a server needs it
    except ImportError as error:
        raise OperatorError("the gateway needs more packages: install 'quorate[server]'") from error
    return uvicorn
