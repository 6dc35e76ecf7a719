"""`python -m tests.gateway.fuzz --count 100000 --seed 1`: fires so many bad requests and prints what came of them.

`--only 123` fires that one again and prints it whole; `--skip` leaves out so many at the start.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from .arsenal import Arsenal
from .ground import KEY, on_the_range
from .volley import Volley, fired


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.gateway.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--skip", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int)
    parser.add_argument(
        "--generated", type=int, default=60, help="requests of each protocol by its strategies"
    )
    parser.add_argument("--recorded", type=int, default=600, help="files of recordings to take requests from")
    told = parser.parse_args()
    arsenal = Arsenal(generated=told.generated, recorded=told.recorded)
    if told.only is not None:
        return asyncio.run(_again(arsenal, told.seed, told.only))
    began = perf_counter()
    volley = asyncio.run(_fired(arsenal, told.seed, range(told.skip, told.skip + told.count)))
    seconds = perf_counter() - began
    print(table(volley))
    print(f"\n{arsenal.recorded} requests as recorded were among those that were damaged")
    print(
        f"{volley.total} requests in {seconds:.0f} s ({volley.total / seconds:.0f}/s): "
        f"{volley.of_status(200, 399)} answered, {volley.of_status(400, 499)} refused, "
        f"{volley.of_status(500, 599)} with 5xx; the slowest took {volley.slowest[0]:.2f} s "
        f"(number {volley.slowest[1]})"
    )
    print(volley.report())
    return 1 if volley.faulty else 0


def table(volley: Volley) -> str:
    """Front × kind of damage × status."""
    statuses = sorted({status for _, _, status in volley.counts})
    fronts = sorted({front for front, _, _ in volley.counts})
    lines = [f"{'front':<18}{'damage':<24}" + "".join(f"{status:>7}" for status in statuses)]
    for front in fronts:
        for kind in sorted({kind for each, kind, _ in volley.counts if each == front}):
            counts = "".join(f"{volley.counts[front, kind, status] or '·':>7}" for status in statuses)
            lines.append(f"{front:<18}{kind:<24}{counts}")
    sums = "".join(f"{volley.of_status(status, status):>7}" for status in statuses)
    return "\n".join([*lines, f"{'all':<42}{sums}"])


async def _fired(arsenal: Arsenal, seed: int, numbers: range) -> Volley:
    with TemporaryDirectory() as folder:
        async with on_the_range(Path(folder)) as ground:
            return await fired(ground, arsenal, seed, numbers)


async def _again(arsenal: Arsenal, seed: int, number: int) -> int:
    with TemporaryDirectory() as folder:
        async with on_the_range(Path(folder)) as ground:
            shot = arsenal.shot(seed, number, KEY, ground.answers)
            result = await ground.fire(shot)
    print(shot.written(), f"\n{', '.join(shot.kinds)}: {result.status} in {result.seconds:.3f} s")
    print("\n".join(result.faults) or "nothing is wrong")
    return 1 if result.faults else 0


if __name__ == "__main__":
    sys.exit(main())
