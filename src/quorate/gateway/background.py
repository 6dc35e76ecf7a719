"""Work that outlives the call which began it: a task group that one failing member does not end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from types import TracebackType

_log = logging.getLogger("quorate.gateway")


class Background:
    """Enter it around the server. On leaving, what still runs is cancelled and waited for."""

    def __init__(self) -> None:
        self._group = asyncio.TaskGroup()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Background:
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await self._group.__aexit__(kind, error, trace)

    def start(self, work: Callable[[], Awaitable[None]], name: str) -> asyncio.Task[None]:
        """`name` stands in the log, should it fail. Cancel the task to stop it."""
        task = self._group.create_task(_guarded(work, name), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


async def _guarded(work: Callable[[], Awaitable[None]], name: str) -> None:
    try:
        await work()
    except Exception:  # noqa: BLE001 one piece of work that fails is no reason to stop the others
        _log.exception("'%s' failed", name)
