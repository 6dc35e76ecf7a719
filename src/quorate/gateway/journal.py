"""Hands ended calls on in batches, so that no call waits for logs, metrics, spans or a database."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Protocol

from .record import AccessRecord

HAND_ON_EVERY = 0.02
"""Seconds."""

MOST = 2_000
"""Records that wait; when so many do, they are handed on at once."""

_log = logging.getLogger("quorate.gateway")


class Observer(Protocol):
    """Learns of calls that have ended."""

    def take(self, records: Sequence[AccessRecord]) -> None:
        """Neither waits nor blocks: what goes to a file or a database is put into a bounded queue."""
        ...


class Journal:
    """Records wait here for a moment."""

    def __init__(self, observers: Sequence[Observer] = ()) -> None:
        self._observers = tuple(observers)
        self._waiting: list[AccessRecord] = []
        self._timer: asyncio.TimerHandle | None = None

    def add(self, record: AccessRecord) -> None:
        """On the way of every call: it costs a list's append."""
        self._waiting.append(record)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(HAND_ON_EVERY, self.flush)
        elif len(self._waiting) >= MOST:
            self.flush()

    def flush(self) -> None:
        """Hand on what waits. An observer that fails is told of in the log, and the others still hear."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        records, self._waiting = self._waiting, []
        for observer in self._observers if records else ():
            try:
                observer.take(records)
            except Exception:  # noqa: BLE001 whatever it was, the others are to hear of the calls too
                _log.exception("an observer of the gateway's calls failed")
