"""HTTP/1.1 over pooled connections: what the engine sends through, unless it is handed something else.

`calls.py` does the work, and brings the HTTP client along: it is loaded with the first request.
"""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from quorate.errors import InvalidRequest

from .pooling import Pool
from .proxies import Proxies
from .seam import Arrival, Send
from .tls import Tls, context_of

if TYPE_CHECKING:
    from .calls import Connections


class HttpTransport:
    """Sends over HTTP(S). Making one opens nothing and loads no HTTP client.

    Belongs to the event loop of its first request; once that loop is closed, to the next one.
    """

    def __init__(
        self, *, proxies: Proxies | None = None, tls: Tls | None = None, pool: Pool | None = None
    ) -> None:
        """Without proxies, with the system's authorities and the usual pool where nothing else is said.

        Raises `SettingsInvalid` where a file that `tls` names cannot be used.
        """
        self._proxies, self._pool = proxies or Proxies(), pool or Pool()
        self._tls = context_of(tls or Tls())
        self._connections: Connections | None = None

    def send(self, request: Send) -> AbstractAsyncContextManager[Arrival]:
        """Nothing is sent before the context is entered."""
        connections = self._connections
        loop = asyncio.get_running_loop()
        if connections is None or connections.loop is not loop:
            connections = self._open(loop)
        return connections.call(request)

    async def close(self) -> None:
        """Give back every connection; calls under way end in `UpstreamBroken`. A later request opens anew."""
        connections, self._connections = self._connections, None
        if connections is not None:
            await connections.close()

    def _open(self, loop: asyncio.AbstractEventLoop) -> Connections:
        before = self._connections
        if before is not None and not before.loop.is_closed():
            raise InvalidRequest(
                "this client is in use in another event loop: make one for each loop, or use quorate.sync"
            )
        if before is not None:
            before.abandon()
        self._connections = _connections_of_aiohttp()(
            loop, proxies=self._proxies, tls=self._tls, pool=self._pool
        )
        return self._connections


def _connections_of_aiohttp() -> type[Connections]:
    """Loads the HTTP client."""
    from .calls import Connections  # noqa: PLC0415  # heavy: comes with the first request

    return Connections
