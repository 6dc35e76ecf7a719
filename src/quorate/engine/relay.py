"""A stream whose bytes pass as they come, read beside the road for what it uses and where it breaks off."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping

from quorate.errors import QuorateError, UpstreamBroken, UpstreamError
from quorate.types.events import Event, PartDelta, ReplyEnd
from quorate.types.usage import Usage
from quorate.wire.framing import framer
from quorate.wire.seam import Framing, StreamReader

from .call import AttemptBooks
from .estimate import BYTES_PER_TOKEN
from .stream import MEANINGFUL, interruption

_ENDS: Mapping[Framing, tuple[bytes, ...]] = {
    "sse": (b"\n\n", b"\r\n\r\n", b"\r\r"),
    "ndjson": (b"\n",),
}
"""What ends a frame. Half a frame is of no use to a client, and after one no error could be told."""

_LONGEST_END = 4
_UNENDED = "the stream ended before the answer did"

_log = logging.getLogger("quorate")


class RelayStream:
    """Hands an upstream's bytes on, whole frames at a time. A reader that fails beside the road stops nothing."""

    def __init__(
        self,
        *,
        chunks: AsyncIterator[bytes],
        framing: Framing,
        reader: StreamReader,
        size: Callable[[], int],
        books: AttemptBooks,
        fail: Callable[[QuorateError], bytes],
        hide: Callable[[bytes], bytes] | None = None,
    ) -> None:
        """`size` is an upper bound of the input's tokens; `fail` writes an error inside a stream.

        `hide` takes out of whole frames what the client is not to see.
        """
        self._chunks, self._framing = chunks, framing
        self._framer, self._reader = framer(framing), reader
        self._size, self._books, self._fail, self._hide = size, books, fail, hide
        self._rest = bytearray()
        self._ends = _ENDS.get(framing, ())
        self._written = 0
        self._told: UpstreamError | None = None
        self._has_begun = self._is_deaf = False

    async def begin(self) -> None:
        """Hold the bytes until one event carries content or ends the reply. Raises what stopped it before."""
        async for chunk in self._chunks:
            self._rest += chunk
            self._hear(chunk)
            if self._told is not None:
                raise self._told
            if self._has_begun:
                return
        if (error := self._hear_the_end()) is not None:
            raise error

    async def pieces(self) -> AsyncGenerator[bytes]:
        """All bytes from the first one on; where the upstream broke off, the protocol's words for it last.

        A protocol that has no place for them is cut off as it was, by `StreamInterrupted`.
        """
        if data := self._whole_frames(b""):
            yield data
        broken: UpstreamError | None
        try:
            async for chunk in self._chunks:
                self._hear(chunk)
                if data := self._whole_frames(chunk):
                    yield data
            broken = self._hear_the_end()
        except UpstreamError as error:
            broken = error
        if self._told is None and broken is not None and not self._books.is_over:
            yield self._broken_off(broken)
            return
        if self._rest and (data := self._hide(bytes(self._rest)) if self._hide else bytes(self._rest)):
            yield data
        if self._told is not None:
            self._books.fail(interruption(self._told, self._books.target), self.used())
        elif not self._books.is_over:
            self._books.settle(self.used())

    def _broken_off(self, error: UpstreamError) -> bytes:
        failure = interruption(error, self._books.target)
        self._books.fail(failure, self.used())
        if not self._ends:
            raise failure from error
        return self._fail(failure)

    def used(self) -> Usage:
        """What the answer has used by now, counted by us."""
        return Usage(
            input=-(-self._size() // BYTES_PER_TOKEN),
            output=-(-self._written // BYTES_PER_TOKEN),
            quality="estimated",
        )

    def _whole_frames(self, chunk: bytes) -> bytes:
        """What of the bytes so far ends a frame, and is for the client; the rest waits for its end."""
        data = self._ended_by(chunk)
        return data if self._hide is None else self._hide(data)

    def _ended_by(self, chunk: bytes) -> bytes:
        ends = self._ends
        if not self._rest and (not ends or chunk.endswith(ends)):
            return chunk
        seen = max(0, len(self._rest) - _LONGEST_END) if chunk else 0
        self._rest += chunk
        found = [(self._rest.rfind(end, seen), len(end)) for end in ends]
        cut = max((place + length for place, length in found if place >= 0), default=0)
        data = bytes(self._rest[: cut if ends else None])
        del self._rest[: len(data)]
        return data

    def _hear(self, chunk: bytes) -> None:
        """Read a copy beside the road."""
        if self._is_deaf or self._told is not None:
            return
        try:
            for frame in self._framer.feed(chunk):
                self._take(self._reader.read(frame))
        except UpstreamError as error:
            self._told = error
        except Exception:  # noqa: BLE001 a fault of ours in reading is no reason to keep an answer back
            self._give_up_hearing()

    def _hear_the_end(self) -> UpstreamError | None:
        """What kept the answer from its end, if anything did."""
        if self._is_deaf or self._told is not None or self._books.is_over:
            return self._told
        try:
            for frame in self._framer.close():
                self._take(self._reader.read(frame))
            self._take(self._reader.close())
        except UpstreamError as error:
            return error
        except Exception:  # noqa: BLE001 as in `_hear`
            self._give_up_hearing()
        return None if self._books.is_over or self._is_deaf else UpstreamBroken(_UNENDED)

    def _give_up_hearing(self) -> None:
        _log.exception("the stream of '%s' could not be read beside the road", self._books.target.name)
        self._is_deaf = self._has_begun = True

    def _take(self, events: Iterable[Event]) -> None:
        for event in events:
            self._has_begun = self._has_begun or isinstance(event, MEANINGFUL)
            match event:
                case PartDelta(text=text):
                    self._written += len(text.encode())
                case ReplyEnd(usage=usage):
                    self._books.settle(self.used() if usage.quality == "missing" else usage)
                case _:
                    pass
