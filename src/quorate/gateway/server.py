"""Serves the gateway over HTTP with uvicorn, and ends it in good order: what runs may finish, nothing new begins."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Coroutine
from types import ModuleType
from typing import Any, TypeVar

from quorate.errors import OperatorError

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


async def serve(app: Callable[..., Any], listening: socket.socket, *, grace: float) -> None:
    """Until the process is told to stop; running answers then have `grace` seconds."""
    uvicorn = _load_uvicorn()
    # Its messages are of interest only where something fails.
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    config = uvicorn.Config(
        app,
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
    before = signal.signal(signal.SIGTERM, _ignore)  # uvicorn hands the signal on when it has ended
    try:
        await server.serve(sockets=[listening])
    finally:
        signal.signal(signal.SIGTERM, before)


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """Run to its end on the fastest event loop there is."""
    with asyncio.Runner(loop_factory=_fastest_loop()) as runner:
        return runner.run(main)


def _ignore(number: int, frame: object) -> None:
    """To be told to stop is no fault: the process ends in its own time, with code 0."""


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
