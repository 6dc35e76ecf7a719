"""One attempt at one target: what it holds open while its answer is used, and how that is given back."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Generic, TypeVar

from quorate.transport.seam import Arrival
from quorate.wire.seam import Codec, WireRequest

from .call import AttemptBooks, CallRecord
from .exchange import Exchange, whole
from .routing.seam import Plan

Result = TypeVar("Result")


class Asking(Generic[Result]):
    """Begin it, then enter it for as long as its result is used."""

    __slots__ = ("_arriving", "_books", "_exchange", "_has_arrived", "_is_read", "_result")

    _result: Result

    def __init__(
        self,
        exchange: Exchange[Result],
        arriving: AbstractAsyncContextManager[Arrival],
        books: AttemptBooks,
    ) -> None:
        self._exchange, self._arriving, self._books = exchange, arriving, books
        self._has_arrived = self._is_read = False

    async def begin(self, written: WireRequest, codec: Codec) -> None:
        """Until the answer has begun for good. What stops it before is raised, and nothing is held any more.

        `codec` reads the error of an answer that is none.
        """
        books = self._books
        try:
            arrival = await self._arriving.__aenter__()
            self._has_arrived = True
            books.status = arrival.status
            if arrival.status >= 300:
                raise codec.read_error(await whole(arrival))
            self._is_read = True
            self._result = await self._exchange.read(arrival, books.target, written, books)
        except BaseException:
            await self._give_back(*sys.exc_info())
            raise

    async def __aenter__(self) -> Result:
        return self._result

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._give_back(kind, error, trace)
        finally:
            self._books.leave(self._exchange.used)

    async def _give_back(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._is_read:
                await self._exchange.leave()
        finally:
            if self._has_arrived:
                await self._arriving.__aexit__(kind, error, trace)


class Asked(Generic[Result]):
    """One call: enter it to have it answered, and leave it when its result has been used."""

    __slots__ = ("_ask", "_asking", "_make", "_plan", "_record")

    def __init__(
        self,
        make: Callable[[], Plan],
        ask: Callable[[Plan], Awaitable[Asking[Result]]],
        record: CallRecord,
    ) -> None:
        """`make` reserves and plans, `ask` goes by the plan until somebody answers."""
        self._make, self._ask, self._record = make, ask, record
        self._plan: Plan | None = None

    async def __aenter__(self) -> Result:
        self._plan = self._make()
        try:
            self._asking = await self._ask(self._plan)
        except BaseException:
            self._close()
            raise
        return await self._asking.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._asking.__aexit__(kind, error, trace)
        finally:
            self._close()

    def _close(self) -> None:
        if self._plan is not None:
            self._plan.close()
        self._record.close()
