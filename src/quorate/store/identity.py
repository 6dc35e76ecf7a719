"""Names of rows: text that sorts by time, of the form of UUIDs of version 7."""

from __future__ import annotations

from random import getrandbits

from .times import now

_LARGEST_TIME = 2**48 * 1000 - 1


def new_identity(at: int | None = None) -> str:
    """A name nobody else has. `at` is the time it sorts by, in microseconds since 1970; the present by itself.

    Two of one microsecond sort by chance. That is no secret, and so need not come from the system, which takes
    its time; a forked process has a chance of its own.
    """
    return _written(now() if at is None else at, getrandbits(62))


def first_identity(at: int) -> str:
    """What sorts before every name of that time and after every earlier one."""
    return _written(at, 0)


def _written(at: int, chance: int) -> str:
    thousand, rest = divmod(min(max(at, 0), _LARGEST_TIME), 1000)
    fraction = rest * 4096 // 1000  # 12 bits tell the microseconds of a millisecond apart
    text = f"{thousand:012x}7{fraction:03x}{chance | 1 << 63:016x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
