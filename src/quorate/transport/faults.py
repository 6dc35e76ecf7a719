"""What aiohttp says went wrong on the way, in our own errors and words. Loading this file loads aiohttp.

No text holds more of an address than host and port: a query may be a credential. For the same reason nobody
raises `from` what aiohttp raised, whose texts hold addresses and headers.
"""

from __future__ import annotations

import ssl
from typing import TypeVar

import aiohttp
from aiohttp.http_exceptions import LineTooLong
from yarl import URL

from quorate.errors import Unreachable, UpstreamBroken, UpstreamError

from .wording import broken, unreachable

FAILURES = (aiohttp.ClientError, OSError, RuntimeError)
"""What aiohttp raises for a call that fails. `RuntimeError` is how it says that a connection or session is closed."""

Found = TypeVar("Found", bound=BaseException)


def place_of(url: URL) -> str:
    """Host, and the port where it is not the usual one: all of an address that may be told."""
    host = url.host or "?"
    return host if url.is_default_port() or url.port is None else f"{host}:{url.port}"


def fault_of(error: BaseException, url: URL, proxy: URL | None = None, *, status: int = 0) -> UpstreamError:
    """Our error for one of aiohttp's or of the operating system. `status` is of the answer, once it has begun."""
    place = place_of(url)
    match error:
        case aiohttp.ClientHttpProxyError():
            return refused_by_proxy(place, proxy, error.status)
        case aiohttp.ClientConnectorError():
            return _not_connected(error, place, proxy)
        case aiohttp.ClientResponseError():
            return _not_http(error, place)
        case aiohttp.ServerDisconnectedError():
            return broken(f"'{place}' closed the connection before it answered", "reset")
        case aiohttp.ClientPayloadError():
            return broken(f"the answer of '{place}' breaks off before its end", "truncated", status=status)
        case _ if secure := _first(error, ssl.SSLError):
            return unreachable(f"no TLS with '{place}': {_told(secure)}", "tls", status=status)
        case _:
            return broken(f"the connection to '{place}' broke off", "reset", status=status)


def refused_by_proxy(place: str, proxy: URL | None, status: int) -> Unreachable:
    """The proxy answers, but will not lead on."""
    by = f"the proxy '{place_of(proxy)}'" if proxy else "the proxy"
    return unreachable(f"{by} does not lead to '{place}': status {status}", "proxy", status=status)


def _not_connected(error: aiohttp.ClientConnectorError, place: str, proxy: URL | None) -> Unreachable:
    if isinstance(error, aiohttp.ClientProxyConnectionError) and proxy is not None:
        return unreachable(f"no connection to the proxy '{place_of(proxy)}'", "proxy")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return unreachable(f"the name of '{place}' is not known", "name")
    if secure := _first(error, ssl.SSLError):
        return unreachable(f"no TLS with '{place}': {_told(secure)}", "tls")
    if _first(error.os_error, ConnectionRefusedError):
        return unreachable(f"nothing listens at '{place}'", "refused")
    return unreachable(f"no connection to '{place}': {error.os_error.strerror or 'unknown reason'}", "")


def _not_http(error: aiohttp.ClientResponseError, place: str) -> UpstreamBroken:
    if _first(error, LineTooLong):
        return broken(f"'{place}' sends a header that is longer than allowed", "too_large")
    return broken(f"'{place}' answers with something that is not HTTP, or too much of it", "not_http")


def _told(error: ssl.SSLError) -> str:
    """What OpenSSL says, without the line of its source."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted ({error.verify_message})"
    return (error.reason or "the handshake failed").lower().replace("_", " ")


def _first(error: BaseException | None, kind: type[Found]) -> Found | None:
    """The first error of that kind among an error and its causes; aiohttp's own only look like one."""
    while error is not None:
        if isinstance(error, kind) and not isinstance(error, aiohttp.ClientError):
            return error
        error = error.__cause__
    return None
