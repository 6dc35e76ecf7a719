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
    if not 0 <= at <= _LARGEST_TIME:
        at = min(max(at, 0), _LARGEST_TIME)
    thousand, rest = divmod(at, 1000)
    fraction = rest * 4096 // 1000  # 12 bits tell the microseconds of a millisecond apart
    return "%08x-%04x-7%03x-%04x-%012x" % (  # noqa: UP031  # half the time of an f-string with slices
        thousand >> 16,
        thousand & 0xFFFF,
        fraction,
        0x8000 | chance >> 48,
        chance & 0xFFFF_FFFF_FFFF,
    )
