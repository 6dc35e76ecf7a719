"""What is kept for a time only, deleted when that is over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from quorate.types.value import Value

from .answers import delete_answers
from .bodies import delete_bodies
from .calls import delete_calls
from .database import Database
from .repeats import delete_repeats
from .sign_ins import delete_sign_ins
from .times import DAY


class Retention(Value):
    """For how many days what is kept; 0 = for ever."""

    calls: float = 90
    answers: float = 30
    bodies: float = 7
    repeats: float = 1 / 24
    """After their own time is over; so the next."""
    sign_ins: float = 1 / 24


Expire = Callable[[AsyncConnection, int], Awaitable[int]]
"""Deletes some of what is older than that time; how many rows. 0: there are none left."""

EXPIRE: Mapping[str, Expire] = {
    "calls": delete_calls,
    "answers": delete_answers,
    "bodies": delete_bodies,
    "repeats": delete_repeats,
    "sign_ins": delete_sign_ins,
}
"""Field of `Retention` → what deletes; each call is a transaction of its own, so that writers get in between."""

_MOST_TRANSACTIONS = 1000


async def sweep(database: Database, now: int, retention: Retention) -> dict[str, int]:
    """Delete what is older than it may be, and tell how much: field of `Retention` → rows. Run it every hour or so."""
    kept = {name: getattr(retention, name) for name in EXPIRE}
    return {
        name: await _expired(database, EXPIRE[name], now - round(days * DAY)) if days else 0
        for name, days in kept.items()
    }


async def _expired(database: Database, expire: Expire, before: int) -> int:
    deleted = 0
    for _ in range(_MOST_TRANSACTIONS):
        async with database.write() as connection:
            gone = await expire(connection, before)
        deleted += gone
        if not gone:
            break
    return deleted
