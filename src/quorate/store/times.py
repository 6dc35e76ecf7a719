"""Times as rows hold them: whole microseconds since 1970, UTC."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

SECOND = 1_000_000
DAY = 24 * 60 * 60 * SECOND

_START = datetime(1970, 1, 1, tzinfo=UTC)


def now() -> int:
    """The present."""
    return time.time_ns() // 1000


def moment(at: int) -> datetime:
    """A time of a row as a `datetime` in UTC."""
    return _START + timedelta(microseconds=at)


def microseconds(at: datetime) -> int:
    """A `datetime` with its zone as a row holds it."""
    return (at - _START) // timedelta(microseconds=1)
