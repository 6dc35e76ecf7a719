"""What the admin API is handed: the household, the keys, the store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from quorate.assemble import Household
from quorate.gateway.callers import KeyRing
from quorate.store.database import Database
from quorate.types.value import Value


class State(Value):
    """How the gateway is: its word for it, and what is degraded."""

    status: str
    degraded: dict[str, str] = {}
    """Name of a part → what is wrong with it."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """One for a gateway."""

    household: Household
    callers: KeyRing
    database: Database
    refresh: Callable[[], Awaitable[None]]
    """Take changed keys over at once."""
    state: Callable[[], State]
    flush: Callable[[], Awaitable[None]]
    """Write call rows that wait, as far as that goes at once."""
