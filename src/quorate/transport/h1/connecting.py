"""From an address to an open connection: names, several addresses of one name, TLS."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache, partial
from time import monotonic
from typing import Any, cast

from quorate.errors import Unreachable
from quorate.transport.wording import unreachable

from .address import Address
from .connection import Connection

_KNOWN_FOR = 10.0
"""Seconds for which the addresses of a name are kept."""
_MOST_NAMES = 1024
_HEAD_START = 0.25
"""Seconds that one address of a name is tried alone, before the next is tried beside it."""

Found = tuple[Any, ...]
"""An address as `getaddrinfo` tells it."""


class Names:
    """The addresses of names; many that ask at once share one answer."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], tuple[float, asyncio.Future[list[Found]]]] = {}

    async def find(self, host: str, port: int) -> Sequence[Found]:
        """Raises `OSError` where the name has none."""
        until, found = self._known.get((host, port), (0.0, None))
        if found is None or monotonic() > until or (found.done() and found.exception() is not None):
            if len(self._known) >= _MOST_NAMES:
                self._known.clear()
            ask: Callable[[], list[Found]] = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
            found = asyncio.get_running_loop().run_in_executor(None, ask)
            self._known[host, port] = (monotonic() + _KNOWN_FOR, found)
        return await asyncio.shield(found)


async def connect(connection: Connection, address: Address, names: Names, tls: ssl.SSLContext | None) -> None:
    """Open the connection. Raises `Unreachable`."""
    secured: dict[str, Any] = {}
    if address.scheme == "https":
        secured = {"ssl": tls or _usual(), "server_hostname": address.host}
    loop = asyncio.get_running_loop()
    try:
        if _is_number(address.host):
            await loop.create_connection(lambda: connection, address.host, address.port, **secured)
            return
        line = await _line(await names.find(address.host, address.port))
        await loop.create_connection(lambda: connection, sock=line, **secured)
    except (OSError, RuntimeError, UnicodeError) as error:
        failure = _failure(error, address.place)
    else:
        return
    raise failure


async def _line(found: Sequence[Found]) -> socket.socket:
    """A connected socket: the first of a name's addresses that answers."""
    import aiohappyeyeballs  # noqa: PLC0415  # comes with aiohttp; a bare address does without

    # Its type leaves open what an address of a socket is.
    start = cast("Callable[..., Awaitable[socket.socket]]", aiohappyeyeballs.start_connection)
    return await start(found, happy_eyeballs_delay=_HEAD_START)


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=1)
def _usual() -> ssl.SSLContext:
    """The system's authorities. Reading them takes a while, so it is done once."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


def _failure(error: Exception, place: str) -> Unreachable:
    match error:
        case ssl.SSLError():
            return no_tls(error, place)
        case socket.gaierror() | UnicodeError():
            return unreachable(f"the name of '{place}' is not known", "name")
        case ConnectionRefusedError():
            return unreachable(f"nothing listens at '{place}'", "refused")
        case OSError(strerror=str(reason)):
            return unreachable(f"no connection to '{place}': {reason}", "")
        case _:
            return unreachable(f"no connection to '{place}': unknown reason", "")


def no_tls(error: ssl.SSLError, place: str) -> Unreachable:
    """What OpenSSL says, without the line of its source."""
    if isinstance(error, ssl.SSLCertVerificationError):
        told = f"its certificate is not accepted ({error.verify_message})"
    else:
        told = (error.reason or "the handshake failed").lower().replace("_", " ")
    return unreachable(f"no TLS with '{place}': {told}", "tls")
