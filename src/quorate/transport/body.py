"""The body of an answer as aiohttp hands it out: waited for, decoded, bounded, never called whole when it is not."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

from quorate.errors import UpstreamError

from .faults import FAILURES
from .inflate import Inflate
from .watch import NEVER, Watch
from .wording import too_large

if TYPE_CHECKING:
    from aiohttp import StreamReader


class Body:
    """Its own iterator: each piece as soon as it is there."""

    __slots__ = ("_begun_by", "_content", "_fault", "_gap", "_has_begun", "_inflate", "_length", "_watch")

    def __init__(
        self,
        content: StreamReader,
        watch: Watch,
        *,
        begun_by: float,
        gap: float | None,
        encoding: str,
        length: str,
        fault: Callable[[BaseException], UpstreamError],
    ) -> None:
        """`begun_by` is the moment by which the first byte is due, `gap` the seconds between two pieces,
        `length` what the head says of the encoded body's bytes, or ''.
        """
        self._content, self._watch, self._fault = content, watch, fault
        self._begun_by, self._gap = begun_by, NEVER if gap is None else gap
        self._length = int(length) if length.isdigit() else 0
        self._has_begun = False
        self._inflate = Inflate(encoding) if encoding else None

    def stop(self, error: UpstreamError) -> None:
        """End the body: whoever waits for it, or reads on, gets this error."""
        self._content.set_exception(error)

    async def read(self, limit: int) -> bytes:
        """All of it, at most `limit` bytes."""
        if self._length > limit:
            raise too_large(limit)
        pieces: list[bytes] = []
        size = 0
        async for piece in self:
            size += len(piece)
            if size > limit:
                raise too_large(limit)
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def __aiter__(self) -> Body:
        return self

    async def __anext__(self) -> bytes:
        if self._inflate is None:
            piece = self._here() or await self._next()
        else:
            piece = await self._decoded(self._inflate)
        if not piece:
            raise StopAsyncIteration
        return piece

    async def _decoded(self, inflate: Inflate) -> bytes:
        while not (piece := inflate.take()):
            if not (encoded := self._here() or await self._next()):
                inflate.close()
                return b""
            inflate.feed(encoded)
        return piece

    def _here(self) -> bytes:
        """What has come already; b'' where that is nothing."""
        try:
            piece = self._content.read_nowait()
        except FAILURES as error:
            return self._left_before(error)
        if piece:
            self._has_begun = True
        return piece

    async def _next(self) -> bytes:
        """Wait for the next piece; b'' at the end."""
        if self._content.at_eof():
            return b""
        if self._has_begun:
            self._watch.wait("gap", monotonic() + self._gap)
        else:
            self._watch.wait("first_byte", self._begun_by)
        try:
            piece = await self._content.readany()
        except FAILURES as error:
            failure = error
        else:
            self._has_begun = True
            return piece
        finally:
            self._watch.rest()
        return self._left_before(failure)

    def _left_before(self, error: BaseException) -> bytes:
        """What had come before the failure, once; then the failure itself.

        aiohttp refuses to hand out what it holds once the connection has failed: words that were received, and
        are paid for, would be lost.
        """
        held = self._content._buffer  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # no public way to it
        if held:
            left = b"".join(held)
            held.clear()
            return left
        raise self._fault(error) from None
