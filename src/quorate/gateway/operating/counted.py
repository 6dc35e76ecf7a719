"""Numbers of every metric at one moment, as one worker hands them to another; and their sum."""

from __future__ import annotations

from collections.abc import Iterable

from quorate.types.value import Value

from .metrics import BUCKETS, METRICS, Labels


class Spread(Value):
    """How often a duration fell into each bucket (the last one is for longer ones), and their sum in seconds."""

    counts: tuple[int, ...]
    seconds: float

    def __add__(self, other: Spread) -> Spread:
        pairs = zip(self.counts, other.counts, strict=True)
        return Spread(counts=tuple(a + b for a, b in pairs), seconds=self.seconds + other.seconds)


class Counted(Value):
    """By the metric's name and the values of its labels, in their order."""

    numbers: dict[str, dict[Labels, float]] = {}
    spreads: dict[str, dict[Labels, Spread]] = {}


NOTHING = Spread(counts=(0,) * (len(BUCKETS) + 1), seconds=0.0)


def sum_of(parts: Iterable[Counted]) -> Counted:
    """All of them together."""
    numbers: dict[str, dict[Labels, float]] = {}
    spreads: dict[str, dict[Labels, Spread]] = {}
    for part in parts:
        for name, series in part.numbers.items():
            into = numbers.setdefault(name, {})
            for labels, number in series.items():
                into[labels] = into.get(labels, 0.0) + number
        for name, timed in part.spreads.items():
            among = spreads.setdefault(name, {})
            for labels, spread in timed.items():
                among[labels] = among.get(labels, NOTHING) + spread
    return Counted(numbers=numbers, spreads=spreads)


def lasting(counted: Counted) -> Counted:
    """What stays true when the process that counted it is gone: a gauge does not."""
    kept = {name: series for name, series in counted.numbers.items() if METRICS[name].kind == "counter"}
    return Counted(numbers=kept, spreads=counted.spreads)
