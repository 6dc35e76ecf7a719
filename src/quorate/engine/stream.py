"""A reply as it arrives from one target, dressed with what the engine knows of it."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable

from quorate.errors import StreamInterrupted, UpstreamBroken, UpstreamError
from quorate.types.events import Event, PartDelta, PartEnd, ReplyEnd, ReplyStart, assemble
from quorate.types.target import Target
from quorate.types.usage import Usage
from quorate.types.value import replace
from quorate.wire.framing import Framer
from quorate.wire.seam import StreamReader

from .call import AttemptBooks
from .estimate import spent_so_far
from .hide import hide

MEANINGFUL = (PartDelta, PartEnd, ReplyEnd)
"""Events that carry content or end the reply: from the first of them on, no other target is tried."""


class ReplyStream:
    """The events of one reply, in order; also its own iterator.

    `begin` waits for the first meaningful event, so that a stream that never starts can still fall back.
    A failure after that is raised when all that came before it has been handed out.
    """

    def __init__(
        self,
        *,
        chunks: AsyncIterator[bytes],
        framer: Framer,
        reader: StreamReader,
        size: Callable[[], int],
        books: AttemptBooks,
    ) -> None:
        """`size` is an upper bound of the input's tokens."""
        self._chunks, self._framer, self._reader = chunks, framer, reader
        self._size, self._books = size, books
        self._waiting: deque[Event] = deque()
        self._seen: list[Event] = []
        self._failure: UpstreamError | None = None
        self._is_over = False

    async def begin(self) -> None:
        """Take events in until one carries content or ends the reply. Raises what stopped it before."""
        while not any(isinstance(event, MEANINGFUL) for event in self._waiting):
            if self._failure is not None:
                raise self._failure
            await self._fill()

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        waiting = self._waiting
        while not waiting:
            if self._failure is not None:
                failure, self._failure = self._failure, None
                raise self._interrupted(failure) from failure
            if self._is_over:
                raise StopAsyncIteration
            await self._fill()
        event = waiting.popleft()
        self._seen.append(event)
        return event

    async def _fill(self) -> None:
        """Read the next piece; after the last one, what ends the reply."""
        read = self._reader.read
        try:
            async for chunk in self._chunks:
                for frame in self._framer.feed(chunk):
                    self._take(read(frame))
                if self._waiting:
                    return
            for frame in self._framer.close():
                self._take(read(frame))
            self._take(self._reader.close())
            if not self._books.is_over:
                raise UpstreamBroken("the stream ended before the answer did")
        except UpstreamError as error:
            # An answer that has its end is whole, however its connection closes.
            self._failure = None if self._books.is_over else error
        self._is_over = True

    def _take(self, events: Iterable[Event]) -> None:
        for event in events:
            match event:
                case ReplyStart():
                    target = self._books.target
                    told = replace(event, provider=target.provider, model=event.model or target.model)
                    self._waiting.append(told)
                case ReplyEnd():
                    self._waiting.append(self._settled(event))
                case _:
                    self._waiting.append(event)

    def _settled(self, event: ReplyEnd) -> ReplyEnd:
        receipt = self._books.settle(event.usage)
        return replace(
            event,
            provider=receipt.provider,
            cost=receipt.cost,
            price_rule=receipt.price_rule,
            fidelity=receipt.fidelity,
            attempts=receipt.attempts,
        )

    def used(self) -> Usage:
        """What the answer has used by now, counted by us."""
        return spent_so_far(self._size(), [*self._seen, *self._waiting])

    async def close(self) -> None:
        """The caller reads no further."""
        self._is_over = True
        close = getattr(self._chunks, "aclose", None)  # generators have it, other iterators need not
        if close is not None:
            await close()

    def _interrupted(self, error: UpstreamError) -> StreamInterrupted:
        """The failure with what came so far, which is booked by estimate."""
        failure = interruption(error, self._books.target)
        used = self.used()
        cost = self._books.fail(failure, used)
        failure.partial = replace(assemble(self._seen), usage=used, cost=cost)
        return failure


def interruption(error: UpstreamError, target: Target) -> StreamInterrupted:
    """The failure of an answer that had begun, without the credential."""
    hide(target.secret, error)
    return StreamInterrupted(
        str(error),
        provider=target.provider,
        model=target.model,
        status=error.status,
        upstream_code=error.upstream_code or error.code,
        retry_after=error.retry_after,
        request_id=error.request_id,
        body=error.body,
    )
