"""Applications that answer below a path of their own, loaded when they are first called."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from .intake import Receive, Scope, Send
from .visit import App


class Lazy:
    """An application that is made at its first call, beside the event loop: it may be slow to load."""

    def __init__(self, make: Callable[[], App]) -> None:
        self._make = make
        self._made: App | None = None
        self._lock = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._made is None:
            async with self._lock:
                if self._made is None:
                    self._made = await asyncio.to_thread(self._make)
        await self._made(scope, receive, send)


def mount_of(mounts: Mapping[str, App], path: str) -> App | None:
    """The application of the path's first segment, or of its first two, as in 'api/v1'."""
    first, _, rest = path[1:].partition("/")
    return mounts.get(first) or mounts.get(f"{first}/{rest.partition('/')[0]}")
