"""Ids of rows: in the order of their time, so that pages can go by them; nobody can guess the next one."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

_BLOCK = 4096
_RANDOM = 10


class Identities:
    """48 bits of milliseconds and 80 of chance, as 32 hexadecimal digits. Ids of one process never go back."""

    def __init__(
        self, now: Callable[[], float] = time.time, chance: Callable[[int], bytes] = os.urandom
    ) -> None:
        self._now, self._chance = now, chance
        self._last = ""
        self._pool, self._taken = b"", 0

    def __call__(self) -> str:
        """The next one."""
        if self._taken + _RANDOM > len(self._pool):
            self._pool, self._taken = self._chance(_BLOCK), 0
        some = self._pool[self._taken : self._taken + _RANDOM]
        self._taken += _RANDOM
        made = f"{int(self._now() * 1000):012x}{some.hex()}"
        if made <= self._last:  # within one millisecond, or the clock was set back
            made = f"{int(self._last, 16) + 1 + some[0]:032x}"
        self._last = made
        return made


new_id = Identities()
