"""What all attempts of a call used and cost together."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from quorate.types.chat import AttemptRecord
from quorate.types.usage import MISSING, Usage


def spent(trace: Sequence[AttemptRecord]) -> tuple[Usage, Decimal | None]:
    """An attempt that used nothing counts for nothing. What the others cost is known where it is of all of them."""
    if len(trace) == 1:
        return trace[0].usage, trace[0].cost
    using = [each for each in trace if each.usage.quality != "missing" or each.outcome == "answered"]
    if not using:
        return MISSING, None
    usage, cost = using[0].usage, using[0].cost
    for each in using[1:]:
        usage += each.usage
        cost = None if cost is None or each.cost is None else cost + each.cost
    return usage, cost
