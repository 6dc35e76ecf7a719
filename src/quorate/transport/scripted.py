"""A transport that answers from a script: for tests, demonstrations and the examples in the documentation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager

from quorate.errors import UpstreamBroken, UpstreamError
from quorate.types.value import Value

from .seam import Arrival, Send
from .wording import too_large


class Scripted(Value):
    """One answer."""

    status: int = 200
    headers: dict[str, str] = {}
    """Lower-case names; the content type is JSON unless it stands here."""
    chunks: tuple[bytes, ...] = ()
    pause: float = 0.0
    """Seconds before each chunk."""
    breaks: UpstreamError | None = None
    """Raised after the last chunk."""


Answer = Scripted | UpstreamError
Script = Callable[[Send], Answer]


def answer(body: bytes, status: int = 200, **headers: str) -> Scripted:
    """An answer in one piece; `_` in a header's name stands for '-'."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Scripted(status=status, chunks=(body,), headers=named)


class ScriptedTransport:
    """Answers by a function of the request, or with one answer after the other. Keeps what was sent."""

    def __init__(self, script: Script | Iterable[Answer]) -> None:
        self._script: Script = script if callable(script) else _in_turn(script)  # ty: ignore[invalid-assignment] what can be called is the script
        self.sent: list[Send] = []
        self.left_early = 0
        """Answers whose context was left before their end."""

    @asynccontextmanager
    async def send(self, request: Send) -> AsyncGenerator[Arrival]:
        """See `Transport.send`."""
        self.sent.append(request)
        told: Answer = self._script(request)
        if isinstance(told, UpstreamError):
            raise told
        arrival = _Arrival(told, request.max_body)
        try:
            yield arrival
        finally:
            self.left_early += not arrival.is_over

    async def close(self) -> None:
        """Nothing is open."""


class _Arrival:
    def __init__(self, told: Scripted, max_body: int) -> None:
        self._told, self._max_body = told, max_body
        self.status = told.status
        self.headers: Mapping[str, str] = {"content-type": "application/json"} | told.headers
        self.is_over = False

    async def read(self) -> bytes:
        body = b"".join([chunk async for chunk in self.chunks()])
        if len(body) > self._max_body:
            raise too_large(self._max_body)
        return body

    async def chunks(self) -> AsyncIterator[bytes]:
        for chunk in self._told.chunks:
            if self._told.pause:
                await asyncio.sleep(self._told.pause)
            yield chunk
        if self._told.breaks is not None:
            raise self._told.breaks
        self.is_over = True


def _in_turn(answers: Iterable[Answer]) -> Script:
    left = iter(answers)

    def script(request: Send) -> Answer:
        return next(left, None) or UpstreamBroken("the script has no further answer")

    return script
