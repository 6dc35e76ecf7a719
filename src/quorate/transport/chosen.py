"""Which HTTP client carries a request: our own where it can, aiohttp where a proxy is on the way."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from functools import lru_cache
from importlib.util import find_spec

from .h1.address import address_of
from .h1.transport import OwnTransport
from .http import HttpTransport
from .pooling import Pool
from .proxies import Proxies
from .seam import Arrival, Send, Transport
from .tls import Tls


class ChosenTransport:
    """Asks for each address whether a proxy leads there. Making one opens nothing and loads no HTTP client."""

    def __init__(
        self, *, proxies: Proxies | None = None, tls: Tls | None = None, pool: Pool | None = None
    ) -> None:
        """Without proxies, with the system's authorities and the usual pool where nothing else is said.

        Raises `SettingsInvalid` where a file that `tls` names cannot be used.
        """
        self._proxies = proxies or Proxies()
        self._through_proxies = HttpTransport(proxies=proxies, tls=tls, pool=pool)
        self._direct: Transport = (
            OwnTransport(tls=tls, pool=pool) if find_spec("httptools") else self._through_proxies
        )
        self._for = lru_cache(maxsize=256)(self._transport_for)

    def send(self, request: Send) -> AbstractAsyncContextManager[Arrival]:
        """Nothing is sent before the context is entered."""
        return self._for(request.url).send(request)

    async def close(self) -> None:
        """Give back every connection; calls under way end in `UpstreamBroken`. A later request opens anew."""
        await self._direct.close()
        await self._through_proxies.close()

    def _transport_for(self, url: str) -> Transport:
        if not (self._proxies.http or self._proxies.https):
            return self._direct
        address = address_of(url)
        if self._proxies.leading_to(address.scheme, address.host, address.port):
            return self._through_proxies
        return self._direct
