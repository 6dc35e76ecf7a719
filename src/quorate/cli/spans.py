"""Times as people write them in options: a span, as '12h', '30d' or '4w', or a day."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from quorate.errors import InvalidRequest

_SPAN = re.compile(r"(\d{1,6})([hdw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}


def time_after(told: str, start: datetime, option: str) -> datetime:
    """So long after `start`, or that day. Raises `InvalidRequest` for what is no time, or not after it."""
    span = _span(told)
    end = _day(told, option) if span is None else start + span
    if end <= start:
        raise InvalidRequest(f"'--{option}' is over already: {told}", where=option)
    return end


def time_before(told: str, end: datetime, option: str) -> datetime:
    """So long before `end`, or that day. Raises `InvalidRequest` for what is no time."""
    span = _span(told)
    return _day(told, option) if span is None else end - span


def _span(told: str) -> timedelta | None:
    found = _SPAN.fullmatch(told)
    return int(found[1]) * _UNITS[found[2]] if found else None


def _day(told: str, option: str) -> datetime:
    try:
        day = datetime.fromisoformat(told)
    except ValueError:
        raise InvalidRequest(
            f"'--{option}' is '12h', '30d', '4w' or a day as 2027-01-31, not '{told}'", where=option
        ) from None
    return day if day.tzinfo else day.replace(tzinfo=UTC)
