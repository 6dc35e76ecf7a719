"""Many requests in a row, and what they came to in figures."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from .arsenal import Arsenal
from .ground import KEY, Range, Result

MOST_TOLD = 20


@dataclass
class Volley:
    """What came of them all."""

    seed: int
    counts: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    """Front, kind of damage and status → how many. A request with several kinds counts under the first."""
    faulty: list[tuple[int, Result]] = field(default_factory=list)
    slowest: tuple[float, int] = (0.0, 0)
    """Seconds, and which it was."""

    def add(self, number: int, result: Result) -> None:
        shot = result.shot
        self.counts[shot.front or "pages", shot.kinds[0] if shot.kinds else "untouched", result.status] += 1
        self.slowest = max(self.slowest, (result.seconds, number))
        if result.faults:
            self.faulty.append((number, result))

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def of_status(self, least: int, most: int) -> int:
        return sum(count for (_, _, status), count in self.counts.items() if least <= status <= most)

    def report(self) -> str:
        """Of each sort of fault one, with what is needed to see it again."""
        sorts: dict[str, list[tuple[int, Result]]] = {}
        for number, result in self.faulty:
            sorts.setdefault(_sort(result), []).append((number, result))
        told = [
            f"{len(alike)} × {sort}\nseed {self.seed}, number {alike[0][0]}, {', '.join(alike[0][1].shot.kinds)}:\n  "
            + "\n  ".join(alike[0][1].faults)
            + f"\n{alike[0][1].shot.written()}"
            for sort, alike in list(sorts.items())[:MOST_TOLD]
        ]
        return "\n\n".join([f"{len(self.faulty)} of {self.total} were answered wrongly", *told])


def _sort(result: Result) -> str:
    """What tells it from others: where a fault of our own was, or what the judgement begins with."""
    places = re.findall(r'quorate/(\S+\.py", line \d+)', result.faults[0])
    return f"{places[-1] if places else ''} {result.faults[0].strip().splitlines()[-1][:100]}"


async def fired(ground: Range, arsenal: Arsenal, seed: int, numbers: Iterable[int]) -> Volley:
    """One after the other."""
    volley = Volley(seed)
    for number in numbers:
        volley.add(number, await ground.fire(arsenal.shot(seed, number, KEY, ground.answers)))
    return volley
