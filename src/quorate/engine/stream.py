"""A reply as it arrives from one target, dressed with what the engine knows of it."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable

from quorate.errors import StreamInterrupted, UpstreamError
from quorate.types.events import Event, PartDelta, PartEnd, ReplyEnd, ReplyStart, assemble
from quorate.types.target import Target
from quorate.types.usage import Usage
from quorate.types.value import replace
from quorate.wire.framing import Framer
from quorate.wire.seam import StreamReader

from .estimate import spent_so_far
from .receipt import Receipt

_MEANINGFUL = (PartDelta, PartEnd, ReplyEnd)
_DRESSED = (ReplyStart, ReplyEnd)


class ReplyStream:
    """The events of one reply, in order; also its own iterator.

    `begin` waits for the first meaningful event, so that a stream that never starts can still fall back.
    `stop` books what came, by estimate, when the caller leaves before the end.
    """

    def __init__(
        self,
        *,
        chunks: AsyncIterator[bytes],
        framer: Framer,
        reader: StreamReader,
        target: Target,
        size: Callable[[], int],
        settle: Callable[[Usage], Receipt],
    ) -> None:
        self._chunks, self._framer, self._reader = chunks, framer, reader
        self._target, self._size, self._settle = target, size, settle
        self._waiting: deque[Event] = deque()
        self._seen: list[Event] = []
        self._is_over = False
        self._is_settled = False

    async def begin(self) -> None:
        """Take events in until one carries content or ends the reply. Raises what stopped it before."""
        while not self._is_over:
            if any(isinstance(event, _MEANINGFUL) for event in self._waiting):
                return
            await self._fill()

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        waiting = self._waiting
        while not waiting:
            if self._is_over:
                raise StopAsyncIteration
            try:
                await self._fill()
            except UpstreamError as error:
                raise self._interrupted(error) from error
        event = waiting.popleft()
        self._seen.append(event)
        return event

    async def _fill(self) -> None:
        """Read the next piece; after the last one, what ends the reply."""
        read, waiting = self._reader.read, self._waiting
        async for chunk in self._chunks:
            for frame in self._framer.feed(chunk):
                for event in read(frame):
                    waiting.append(self._dressed(event) if isinstance(event, _DRESSED) else event)
            if waiting:
                return
        for frame in self._framer.close():
            waiting.extend(map(self._dressed, read(frame)))
        waiting.extend(map(self._dressed, self._reader.close()))
        self._is_over = True

    def _dressed(self, event: Event) -> Event:
        match event:
            case ReplyStart():
                return replace(event, provider=self._target.provider)
            case ReplyEnd():
                receipt = self._book(event.usage)
                return replace(
                    event,
                    provider=receipt.provider,
                    cost=receipt.cost,
                    price_rule=receipt.price_rule,
                    fidelity=receipt.fidelity,
                    attempts=receipt.attempts,
                )
            case _:
                return event

    def _book(self, usage: Usage) -> Receipt:
        self._is_settled = True
        return self._settle(usage)

    def stop(self) -> None:
        """The caller leaves: book by estimate what came, unless the answer's own count is booked."""
        if not self._is_settled:
            self._book(spent_so_far(self._size(), [*self._seen, *self._waiting]))

    def _interrupted(self, error: UpstreamError) -> StreamInterrupted:
        failure = StreamInterrupted(
            str(error),
            provider=self._target.provider,
            model=self._target.model,
            status=error.status,
            upstream_code=error.upstream_code or error.code,
            retry_after=error.retry_after,
            request_id=error.request_id,
            body=error.body,
        )
        failure.partial = assemble(self._seen)
        return failure
