"""One attempt at one target: what it holds open while its answer is used, and how that is given back."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Generic, TypeVar

from quorate.errors import UpstreamError
from quorate.transport.seam import Arrival
from quorate.wire.seam import WireRequest

from .call import AttemptBooks
from .exchange import Exchange

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

    async def begin(
        self, written: WireRequest, refused: Callable[[Arrival], Awaitable[UpstreamError]]
    ) -> None:
        """Until the answer has begun for good. What stops it before is raised, and nothing is held any more.

        `refused` reads the error of an answer that is none.
        """
        books = self._books
        try:
            arrival = await self._arriving.__aenter__()
            self._has_arrived = True
            books.status = arrival.status
            if arrival.status >= 300:
                raise await refused(arrival)
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
