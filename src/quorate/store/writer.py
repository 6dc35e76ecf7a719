"""Rows written in batches, beside the work that makes them: nobody waits for the database."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Generic, Self, TypeVar

from quorate.errors import StoreUnavailable

Row = TypeVar("Row")

_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 10.0
_log = logging.getLogger("quorate.store")


class BatchWriter(Generic[Row]):
    """Takes rows at any time and writes them soon. `put` never waits and never fails.

    While the database is gone the rows wait here, and when too many wait, the oldest are dropped and counted: what
    must never be lost needs a journal, which this is not. What waits when the process is killed is lost too.
    A row that cannot be written is dropped and counted by itself, and holds no other up.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Row]], Awaitable[None]],
        *,
        size: Callable[[Row], int] = lambda _: 1024,
        most_rows: int = 20_000,
        most_bytes: int = 32 * 1024 * 1024,
        batch: int = 500,
        wait: float = 0.5,
    ) -> None:
        """`write` raises `StoreUnavailable` where later it may do; it may be given rows that it has written already.

        `size` is about how many bytes a row takes; a batch is written when it is full, or `wait` seconds after its
        first row.
        """
        self._write, self._size = write, size
        self._most_rows, self._most_bytes, self._batch, self._wait = most_rows, most_bytes, batch, wait
        self._rows: deque[tuple[Row, int]] = deque()
        self._bytes = self._taken = self._done = 0
        self._arrived, self._full, self._hurried = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._progress = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.written = 0
        self.dropped = 0
        """Rows that there was no room for."""
        self.rejected = 0
        """Rows that could not be written."""
        self.is_degraded = False
        """The database did not answer when it was last tried."""

    @property
    def waiting(self) -> int:
        """Rows that are neither written nor lost."""
        return self._taken - self._done

    def put(self, row: Row) -> None:
        size = self._size(row)
        self._rows.append((row, size))
        self._taken += 1
        self._bytes += size
        if self._bytes > self._most_bytes or len(self._rows) > self._most_rows:
            self._make_room()
        if len(self._rows) >= self._batch:
            self._full.set()
        self._arrived.set()

    def start(self) -> None:
        """Begin to write; in the loop it is to run in. `close` ends it."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="quorate-store-writer")

    async def flush(self, within: float) -> bool:
        """Write what has been put so far; whether that was done within so many seconds."""
        goal = self._taken
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                self._hurried.set()
                while self._done < goal:
                    self._progress.clear()
                    self._full.set()
                    await self._progress.wait()
        return self._done >= goal

    async def close(self, within: float = 5.0) -> bool:
        """Write what waits, for so many seconds, and stop; whether all of it was written or counted before."""
        is_done = await self.flush(within) if self._task is not None else not self._rows
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None
        self._lose(self.waiting)
        self._rows.clear()
        self._bytes = 0
        return is_done

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _make_room(self) -> None:
        while self._rows and (self._bytes > self._most_bytes or len(self._rows) > self._most_rows):
            _, size = self._rows.popleft()
            self._bytes -= size
            self._lose(1)

    def _lose(self, count: int) -> None:
        self.dropped += count
        self._done += count
        self._progress.set()

    async def _run(self) -> None:
        while True:
            await self._arrived.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._wait):
                    await self._full.wait()
            taken = [self._rows.popleft() for _ in range(min(self._batch, len(self._rows)))]
            if len(self._rows) < self._batch:
                self._full.clear()
            if not self._rows:
                self._arrived.clear()
            if taken:
                await self._written([row for row, _ in taken])
                self._bytes -= sum(size for _, size in taken)

    async def _written(self, rows: Sequence[Row]) -> None:
        """Write them, however long it takes; halve a batch that is at fault itself until the faulty row is found."""
        pause = _FIRST_PAUSE
        while True:
            try:
                await self._write(rows)
            except StoreUnavailable as error:
                if not self.is_degraded:
                    _log.warning("rows wait to be written: %s", error)
                self.is_degraded = True
                await self._pause(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
                continue
            except Exception as error:  # noqa: BLE001  # whatever is wrong with a row, the others are written
                await self._halved(rows, error)
                return
            if self.is_degraded:
                _log.info("rows are written again")
            self.is_degraded = False
            self.written += len(rows)
            self._done += len(rows)
            self._progress.set()
            return

    async def _pause(self, seconds: float) -> None:
        """Until it is worth another try; who flushes asks for one at once."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._hurried.wait()
        self._hurried.clear()

    async def _halved(self, rows: Sequence[Row], error: Exception) -> None:
        if len(rows) > 1:
            await self._written(rows[: len(rows) // 2])
            await self._written(rows[len(rows) // 2 :])
            return
        _log.error("a row could not be written: %s", type(error).__name__)
        self.rejected += 1
        self._done += 1
        self._progress.set()
