"""The simulator's providers without a network between: whatever reaches them is looked at first."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing
from contextvars import ContextVar
from urllib.parse import parse_qsl, unquote, urlsplit

from quorate.sim.script import Script
from quorate.sim.service import Service
from quorate.sim.steps import Head
from quorate.sim.steps import Send as Sent
from quorate.transport.scripted import Scripted, ScriptedTransport
from quorate.transport.seam import Arrival, Send
from quorate.wire.seam import Call
from quorate.wire.wires import WIRES

URL = "http://127.0.0.1:9"
_FORGET_EVERY = 2_000
_NUMBER: ContextVar[int] = ContextVar("_NUMBER", default=0)
"""Of the request for which something is sent."""

_PLAIN_URL = re.compile(r"[!#$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_CREDENTIALS = ("authorization", "x-api-key", "x-goog-api-key", "api-key")


class Upstream:
    """A transport. `answered` are the statuses of what was sent since the last `begin`, `faults` what it should
    not have been.
    """

    def __init__(self, key: str, secrets: tuple[str, ...]) -> None:
        """`key` is the one that every provider is to see; `secrets` are for nobody."""
        self._key, self._secrets = key, secrets
        self._service = Service(WIRES, seed=7, speed=0, faults={}, script=Script(()))
        self._inner = ScriptedTransport(self._answer)
        self.answered: list[int] = []
        self.faults: list[str] = []
        self._number = 0

    def begin(self) -> None:
        """The next request is about to come."""
        self.answered.clear()
        self.faults.clear()
        self._inner.sent.clear()
        self._number += 1
        _NUMBER.set(self._number)
        if self._number % _FORGET_EVERY == 0:
            self._service.clear()

    @asynccontextmanager
    async def send(self, request: Send) -> AsyncGenerator[Arrival]:
        """See `Transport.send`."""
        self.faults += self._objections(request)
        async with self._inner.send(request) as arrival:
            if _NUMBER.get() == self._number:  # not for an answer that is made in the background
                self.answered.append(arrival.status)
            yield arrival

    async def close(self) -> None:
        """Nothing is open."""

    def _objections(self, request: Send) -> list[str]:
        said = [request.url, *request.headers.values()]
        faults = [
            f"a secret went upstream in {request.url}"
            for secret in self._secrets
            if any(secret in each for each in said)
        ]
        if not _PLAIN_URL.fullmatch(request.url) or not request.url.startswith(f"{URL}/"):
            faults.append(f"an address that no one should be sent to: {request.url[:200]!r}")
        if {"..", "."} & set(urlsplit(request.url).path.split("/")):
            faults.append(f"a path that leaves its folder: {request.url[:200]!r}")
        if any(_CONTROL.search(each) for each in request.headers.values()):
            faults.append(f"control characters in a header for upstream: {dict(request.headers)!r}")
        shown = [value for name, value in request.headers.items() if name.lower() in _CREDENTIALS]
        if any(self._key not in each for each in shown):
            faults.append(f"another credential than the provider's went upstream: {shown!r}")
        return faults

    def _answer(self, request: Send) -> Scripted:
        parts = urlsplit(request.url)
        call = Call(
            method=request.method,
            path=unquote(parts.path),
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=request.body,
        )
        head, chunks = Head(status=500, headers={}), list[bytes]()
        with closing(self._service.steps(call)) as steps:
            for step in steps:
                match step:
                    case Head():
                        head = step
                    case Sent(data=data):
                        chunks.append(data)
                    case _:
                        pass
        return Scripted(status=head.status, headers=head.headers, chunks=tuple(chunks))
