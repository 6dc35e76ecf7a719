"""Watches whether a client is still there while its call is answered, and stops the work when it has gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType

from .intake import LEAVING, HungUp, Receive, Scope
from .outlet import Outlet


class Attendance:
    """Enter it in the task that answers. What is left by a hang-up is left with `HungUp`."""

    __slots__ = ("_has_left", "_outlet", "_receive", "_task", "_tell", "_watching")

    def __init__(self, outlet: Outlet, scope: Scope, receive: Receive) -> None:
        self._outlet, self._receive = outlet, receive
        extensions = scope.get("extensions")
        self._tell: Callable[[Callable[[], None] | None], None] | None = (
            extensions.get(LEAVING) if extensions else None
        )
        self._watching: asyncio.Task[None] | None = None
        self._has_left = False

    def __enter__(self) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a call is answered in a task")
        self._task = task
        if self._tell is not None:
            self._tell(self._leave)
        else:  # another server than ours
            self._watching = task.get_loop().create_task(self._watch())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._tell is not None:
            self._tell(None)
        watching, self._watching = self._watching, None  # no circle is left for the garbage collector
        if watching is not None:
            watching.cancel()
        if self._has_left and self._task.uncancel() == 0 and kind is asyncio.CancelledError:
            raise HungUp from None

    async def _watch(self) -> None:
        message = await self._receive()
        while message["type"] != "http.disconnect":  # what else comes after a call is of no use to anybody
            message = await self._receive()
        self._leave()

    def _leave(self) -> None:
        if not self._outlet.is_over:  # a server says so of every answer that is sent, too
            self._has_left = True
            self._task.cancel()
