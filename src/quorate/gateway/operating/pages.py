"""`/health` and `/metrics`: what they answer, and who may see more than whether the gateway is well."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version

import msgspec

from quorate.errors import ForbiddenCaller, UnknownPath, WrongMethod
from quorate.gateway.callers import KeyRing
from quorate.gateway.gate import UNIX, is_loopback
from quorate.gateway.intake import Head, Receive, Scope, Send, read_head
from quorate.gateway.traffic import Traffic
from quorate.gateway.visit import App
from quorate.settings.settings import ServerSettings
from quorate.types.value import Value

from .counted import Counted, sum_of
from .exposition import written
from .health import Finding, Health, Status

LIVE, READY = "/health/live", "/health/ready"
_JSON = "application/json"
_METHODS = ("GET", "HEAD")
_HANDED_ON = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
"""Headers of a call that came through a proxy: who asks is then not known to be on this machine."""


class Report(Value):
    """What `/health` says."""

    status: Status
    version: str
    worker: int
    """Which of several workers answers."""
    uptime_seconds: int
    in_flight: int
    """Calls that run in it."""
    parts: Mapping[str, Finding]


class Door:
    """Lets in whoever may see how the gateway is doing."""

    def __init__(self, callers: KeyRing, host: str, server: Callable[[], ServerSettings]) -> None:
        """`host` is what the gateway listens at, `server` gives the settings in force."""
        self._callers, self._server = callers, server
        self._is_local = host.startswith(UNIX) or is_loopback(host)

    def check(self, head: Head) -> None:
        """Raises `UnknownCaller` or `ForbiddenCaller`. On this machine, or made public, it is open."""
        server = self._server()
        is_direct = (
            self._is_local and not server.trusted_proxies and head.headers.keys().isdisjoint(_HANDED_ON)
        )
        if server.metrics_public or is_direct:
            return
        if not self._callers.find(head.headers, head.query).is_admin:
            raise ForbiddenCaller(
                "this needs an admin key, or `metrics_public` under [server] in the settings"
            )


class Pages:
    """Both applications."""

    def __init__(
        self,
        health: Health,
        door: Door,
        *,
        own: Callable[[], Counted],
        others: Callable[[], list[Counted]],
        traffic: Traffic,
        worker: int = 0,
    ) -> None:
        """`own` gives this worker's numbers at once; `others`, those of the other workers, may read files."""
        self._health, self._door, self._own, self._others = health, door, own, others
        self._traffic, self._worker = traffic, worker
        self._started, self._version = time.monotonic(), version("quorate")

    async def health(self, scope: Scope, receive: Receive, send: Send) -> None:
        head, health = _head(scope, "/health", LIVE, READY), self._health
        if head.path == LIVE:
            await _answer(send, head, 200, _JSON, _word("ok"))
        elif head.path == READY:
            await _answer(send, head, 200 if health.is_ready else 503, _JSON, _word(health.status))
        else:
            self._door.check(head)
            await _answer(send, head, 200, _JSON, msgspec.json.encode(self._report()))

    async def metrics(self, scope: Scope, receive: Receive, send: Send) -> None:
        head = _head(scope, "/metrics")
        self._door.check(head)
        own, accept = self._own(), head.headers.get("accept", "")
        # Many series make much text: beside the loop, so that calls go on meanwhile.
        body, kind = await asyncio.to_thread(lambda: written(sum_of((own, *self._others())), accept))
        await _answer(send, head, 200, kind, body)

    def _report(self) -> Report:
        return Report(
            status=self._health.status,
            version=self._version,
            worker=self._worker,
            uptime_seconds=int(time.monotonic() - self._started),
            in_flight=self._traffic.running,
            parts=self._health.findings(),
        )


def operators_mounts(pages: Pages) -> Mapping[str, App]:
    """The applications by the first segment of their path."""
    return {"health": pages.health, "metrics": pages.metrics}


def _head(scope: Scope, *paths: str) -> Head:
    """Raises `UnknownPath`, `WrongMethod`."""
    head = read_head(scope)
    if head.path not in paths:
        raise UnknownPath(f"there is nothing at '{head.path[:100]}'")
    if head.method not in _METHODS:
        raise WrongMethod(f"'{head.path}' is read by GET", allowed=_METHODS)
    return head


def _word(status: Status) -> bytes:
    return msgspec.json.encode({"status": status})


async def _answer(send: Send, head: Head, status: int, kind: str, body: bytes) -> None:
    headers = [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head.method == "HEAD" else body})
