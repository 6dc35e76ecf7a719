"""One call over aiohttp, from its connection to its last byte. Loading this file loads aiohttp.

The session is used for what it does well: pooling, names, TLS, proxies, parsing. Waiting, decoding and the
words of errors are ours, so that they are exact and the same over every client.
"""

from __future__ import annotations

import asyncio
import io
import re
import ssl
from collections.abc import Mapping
from contextvars import ContextVar
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING

import aiohttp
from yarl import URL

from quorate.errors import UpstreamError

from .body import Body
from .faults import FAILURES, fault_of, place_of, refused_by_proxy
from .inflate import ACCEPTED
from .watch import NEVER, Watch
from .wording import broken, timed_out, unreachable, unsendable

if TYPE_CHECKING:
    from aiohttp.connector import Connection

    from .pooling import Pool
    from .proxies import Proxies
    from .seam import Send

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PROXY_WANTS_A_PASSWORD = 407
_LARGE_BODY = 512 * 1024
_STANDS = re.compile(r"https?://[!#-;=?-Z\[\]_a-z~%]+")
"""An address of which every character may stand in a request line."""


class Connections:
    """The pool of one event loop, and the calls that are under way."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, *, proxies: Proxies, tls: ssl.SSLContext | None, pool: Pool
    ) -> None:
        self.loop = loop
        self.under_way: set[Call] = set()
        self._proxies = proxies
        self._proxy_of: dict[tuple[str, str | None, int | None], URL | None] = {}
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=0,
                limit_per_host=pool.per_host,
                keepalive_timeout=pool.keep_alive,
                ssl=True if tls is None else tls,
            ),
            headers={"user-agent": _user_agent(), "accept-encoding": ACCEPTED},
            response_class=_Response,
            # A cookie of one tenant's answer must not go along with another's request.
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            max_line_size=pool.longest_header,
            max_field_size=pool.longest_header,
            max_headers=pool.most_headers,
        )

    def call(self, request: Send) -> Call:
        return Call(self, request)

    def proxy_for(self, url: URL) -> URL | None:
        key = (url.scheme, url.host, url.port)
        if key not in self._proxy_of:
            proxy = self._proxies.leading_to(url.scheme, url.host or "", url.port)
            self._proxy_of[key] = URL(proxy.reveal()) if proxy else None
        return self._proxy_of[key]

    async def close(self) -> None:
        for call in tuple(self.under_way):
            call.stop(broken("the connections were closed during the call", "closed"))
        await self.session.close()

    def abandon(self) -> None:
        """The loop is closed, and its connections with it: there is nothing left to wait for."""
        self.under_way.clear()
        closing = self.session.close()
        try:
            closing.send(None)
        except StopIteration:
            pass
        finally:
            closing.close()


class Call:
    """One request and its answer: what `send` returns and, once entered, the arrival."""

    __slots__ = (
        "_begun_by",
        "_body",
        "_connection",
        "_connections",
        "_request",
        "_response",
        "_url",
        "_watch",
        "headers",
        "status",
    )

    def __init__(self, connections: Connections, request: Send) -> None:
        self._connections, self._request = connections, request
        self._url = _url_of(request.url)
        self._connection: Connection | None = None
        self._response: aiohttp.ClientResponse | None = None
        self._body: Body | None = None
        self._begun_by = NEVER
        self.status = 0
        self.headers: Mapping[str, str] = {}
        self._watch = Watch(connections.loop, _over_by(request), self._too_late)

    async def __aenter__(self) -> Call:
        self._connections.under_way.add(self)
        try:
            self._begin(await self._head())
        except BaseException:
            self._leave()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    async def read(self) -> bytes:
        return await self.chunks().read(self._request.max_body)

    def chunks(self) -> Body:
        if self._body is None:
            raise broken("the answer is asked for before it is there", "closed")
        return self._body

    def connected(self, connection: Connection, writing: asyncio.Task[None] | None) -> None:
        """There is a connection, and the request is on its way: the wait for the answer begins."""
        self._connection = connection
        self._expect_answer()
        if writing is not None:
            # A large request takes its time; the upstream's time to think begins after it.
            writing.add_done_callback(self._expect_answer)

    def stop(self, error: UpstreamError) -> None:
        """End the call: whoever waits for the answer gets this error."""
        if self._body is not None:
            self._body.stop(error)
        elif self._connection is not None and self._connection.protocol is not None:
            self._connection.protocol.set_exception(error)

    async def _head(self) -> aiohttp.ClientResponse:
        request, connections = self._request, self._connections
        proxy = connections.proxy_for(self._url)
        connect, waits_for = self._time_to_connect()
        told_of = _CALL.set(self)
        try:
            return await connections.session.request(
                request.method,
                self._url,
                headers=request.headers,
                data=_data_of(request.body),
                allow_redirects=False,
                proxy=proxy,
                timeout=_connecting_within(connect),
            )
        except aiohttp.ConnectionTimeoutError:
            failure: Exception = timed_out(place_of(self._url), waits_for, connect or 0.0)
        except FAILURES as error:
            failure = fault_of(error, self._url, proxy)
        except ValueError:
            failure = unsendable(request.headers)
        finally:
            _CALL.reset(told_of)
            self._watch.rest()
        raise failure

    def _time_to_connect(self) -> tuple[float | None, str]:
        """Seconds, and whether they are those of a connection or what is left of the whole call."""
        connect = self._request.timeouts.connect
        left = self._watch.left()
        if left <= 0:
            raise timed_out(place_of(self._url), "total")
        if left < (NEVER if connect is None else connect):
            return left, "total"
        return connect, "connect"

    def _begin(self, response: aiohttp.ClientResponse) -> None:
        """The head is there."""
        self._response, status = response, response.status
        headers: dict[str, str] = {}
        for name, value in response.headers.items():
            known = headers.get(name := name.lower())
            headers[name] = value if known is None else f"{known}, {value}"
        self.status, self.headers = status, headers
        if status in _REDIRECTS and "location" in headers:
            raise _redirected(self._url, headers["location"], status)
        if status == _PROXY_WANTS_A_PASSWORD:
            proxy = self._connections.proxy_for(self._url)
            raise refused_by_proxy(place_of(self._url), proxy, status)
        encoding = headers.get("content-encoding", "").strip().lower()
        self._body = Body(
            response.content,
            self._watch,
            begun_by=self._begun_by,
            gap=self._request.timeouts.gap,
            encoding="" if encoding == "identity" else encoding,
            length=headers.get("content-length", ""),
            fault=self._fault,
        )

    def _expect_answer(self, _: object = None) -> None:
        if self._connection is None or self._response is not None:
            return  # it is over, or has begun, before all of the request was sent
        first_byte = self._request.timeouts.first_byte
        self._begun_by = NEVER if first_byte is None else monotonic() + first_byte
        self._watch.wait("first_byte", self._begun_by)

    def _too_late(self, waited_for: str) -> None:
        timeouts = self._request.timeouts
        seconds = timeouts.gap if waited_for == "gap" else timeouts.first_byte
        self.stop(timed_out(place_of(self._url), waited_for, seconds or 0.0))

    def _fault(self, error: BaseException) -> UpstreamError:
        return fault_of(error, self._url, status=self.status)

    def _leave(self) -> None:
        """Hang up where the answer has not come to its end; where it has, the pool has its connection already."""
        self._watch.end()
        self._body = None  # it holds us in turn
        self._connections.under_way.discard(self)
        connection, self._connection = self._connection, None
        if connection is not None and connection.protocol is not None:
            hang_up(connection)
            if self._response is not None:
                self._response.close()


_CALL: ContextVar[Call] = ContextVar("call")
"""The call on whose behalf the session works: how an answer finds it."""


class _Response(aiohttp.ClientResponse):
    """Tells the call of its connection, before the wait for the answer."""

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        _CALL.get().connected(connection, self._writer)
        try:
            return await super().start(connection)
        except BaseException:
            hang_up(connection)
            raise


def hang_up(connection: Connection) -> None:
    """At once, and without a word: to say good-bye under TLS would mean to read on until the upstream is done.

    Does nothing to a connection that has been given back.
    """
    if connection.transport is not None:
        connection.transport.abort()


def _over_by(request: Send) -> float:
    """The moment of `time.monotonic` at which the call is over, whatever it does."""
    total = NEVER if request.timeouts.total is None else monotonic() + request.timeouts.total
    return total if request.deadline is None else min(total, request.deadline)


def _redirected(url: URL, location: str, status: int) -> UpstreamError:
    """Nothing is followed: a request carries a credential, and it was given for one address."""
    try:
        there = place_of(url.join(URL(location)))
    except ValueError:
        there = "?"
    return broken(f"'{place_of(url)}' redirects to '{there}'", "redirect", status=status)


def _data_of(body: bytes) -> bytes | io.BytesIO | None:
    """A large body goes out bit by bit, so that other calls get their turn in between."""
    if len(body) > _LARGE_BODY:
        return io.BytesIO(body)
    return body or None


@lru_cache(maxsize=256)
def _url_of(url: str) -> URL:
    """Taken as it stands where it can stand in a request: a signature may cover every byte of it."""
    try:
        address = URL(url, encoded=_STANDS.fullmatch(url) is not None)
        if address.scheme in ("http", "https") and address.host and address.port:
            return address
    except ValueError:
        pass  # told below, without the address
    raise unreachable("the address is not one of http:// or https:// with a host", "address")


@lru_cache(maxsize=64)
def _connecting_within(seconds: float | None) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None, connect=seconds, ceil_threshold=NEVER)


def _user_agent() -> str:
    try:
        return f"quorate/{version('quorate')}"
    except PackageNotFoundError:
        return "quorate"
