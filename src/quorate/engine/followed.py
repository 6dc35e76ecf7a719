"""An answer that a provider has to be asked for more than once: submitted, asked after, read when it is there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from types import TracebackType

from quorate.errors import UpstreamError, UpstreamTimeout
from quorate.transport.seam import Arrival, Send, Transport
from quorate.types.target import Timeouts
from quorate.types.value import replace
from quorate.wire.seam import Step, WireAnswer, WireRequest

from .exchange import whole

_PARTING = Timeouts(connect=3.0, first_byte=3.0, gap=3.0, total=5.0)
"""For telling a provider to stop: whoever leaves does not wait for long."""

Make = Callable[[WireRequest, str], Send]
"""A request of a step as it is sent; where an address is named, to there and without our credential."""


class Followed(AbstractAsyncContextManager[Arrival]):
    """Entered, it waits for the last answer. Left before that one's end, it has the work stopped."""

    def __init__(
        self,
        transport: Transport,
        first: Send,
        written: WireRequest,
        make: Make,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._transport, self._first, self._written, self._make = transport, first, written, make
        self._sleep, self._clock = sleep, clock
        self._begun: WireAnswer | None = None
        self._open: AbstractAsyncContextManager[Arrival] | None = None
        self._last: _Watched | None = None

    async def __aenter__(self) -> Arrival:
        try:
            return await self._come_by()
        except BaseException:
            await self._stop()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._open is not None:
                await self._open.__aexit__(kind, error, trace)
        finally:
            if self._last is not None and not self._last.is_over:
                await self._stop()

    async def _come_by(self) -> Arrival:
        begun = await self._ask(self._first)
        if begun.status >= 300 or self._written.follow is None:
            return _Read(begun)
        self._begun = begun
        total = self._first.timeouts.total
        until = [self._clock() + total] if total is not None else []
        if self._first.deadline is not None:
            until.append(self._first.deadline)
        steps = self._written.follow(begun)
        try:
            step = next(steps)
            while not step.is_last:
                await self._rest(step.wait, min(until, default=None))
                step = steps.send(await self._ask(self._make(step.request, step.url)))
        except StopIteration as end:
            return _Read(end.value)
        finally:
            steps.close()
        return await self._arrive(step)

    async def _arrive(self, step: Step) -> Arrival:
        opening = self._transport.send(self._make(step.request, step.url))
        arrival = await opening.__aenter__()
        self._open, self._last = opening, _Watched(arrival)
        return self._last

    async def _ask(self, send: Send) -> WireAnswer:
        async with self._transport.send(send) as arrival:
            return await whole(arrival)

    async def _rest(self, wait: float, until: float | None) -> None:
        if until is not None and self._clock() + wait >= until:
            late = UpstreamTimeout("the work was not done in time")
            late.waited_for = "total"
            raise late
        await self._sleep(wait)

    async def _stop(self) -> None:
        """Nobody waits any more. Where that cannot be told, the provider finds out by itself."""
        request = self._written.cancel(self._begun) if self._written.cancel and self._begun else None
        if request is None:
            return
        send = replace(self._make(request, ""), timeouts=_PARTING, deadline=None)
        with suppress(UpstreamError, TimeoutError):
            async with asyncio.timeout(_PARTING.total):
                await self._ask(send)


class _Read(Arrival):
    """An answer that is whole already."""

    def __init__(self, answer: WireAnswer) -> None:
        self.status = answer.status
        self.headers: Mapping[str, str] = answer.headers
        self._body = answer.body

    async def read(self) -> bytes:
        return self._body

    async def chunks(self) -> AsyncIterator[bytes]:
        yield self._body


class _Watched(Arrival):
    """An answer on its way, which knows whether its end was read."""

    def __init__(self, arrival: Arrival) -> None:
        self.status = arrival.status
        self.headers: Mapping[str, str] = arrival.headers
        self._arrival = arrival
        self.is_over = False

    async def read(self) -> bytes:
        body = await self._arrival.read()
        self.is_over = True
        return body

    async def chunks(self) -> AsyncIterator[bytes]:
        async for chunk in self._arrival.chunks():
            yield chunk
        self.is_over = True
