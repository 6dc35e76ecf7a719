"""What the engine asks of a network, and no more."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from quorate.types.target import Timeouts
from quorate.types.value import Value


class Send(Value):
    """One HTTP request, ready to go: address and credential included. Never logged."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""
    timeouts: Timeouts
    deadline: float | None = None
    """The moment of `time.monotonic` at which all must be over; None = no such moment."""
    lane: str = ""
    """Requests of different lanes never share a connection; a name, not a credential itself."""
    max_body: int = 64 * 1024 * 1024
    """Most bytes of a whole body; more raises `UpstreamBroken`."""


class Arrival(Protocol):
    """An answer whose head has arrived."""

    status: int
    headers: Mapping[str, str]
    """Lower-case names."""

    async def read(self) -> bytes:
        """The whole body."""
        ...

    def chunks(self) -> AsyncIterator[bytes]:
        """The body as it comes, each piece as soon as it is there, decompressed."""
        ...


class Transport(Protocol):
    """Sends requests. Every failure is an `UpstreamError`: `Unreachable`, `UpstreamTimeout` with
    `waited_for`, `UpstreamBroken` for bytes that break off or make no sense, never a library's own.
    """

    def send(self, request: Send) -> AbstractAsyncContextManager[Arrival]:
        """Leaving the context before the body is read closes the connection: the upstream sees a hang-up."""
        ...

    async def close(self) -> None:
        """Give back every connection."""
        ...
