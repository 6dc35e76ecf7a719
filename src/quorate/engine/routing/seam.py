"""A routing strategy makes a plan: it yields attempts and is sent what became of each.

A plan does no I/O and keeps no clock, so a test drives it with `send` and a list of outcomes.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Protocol

from quorate.errors import Unsupported, UpstreamError
from quorate.types.target import Target
from quorate.types.value import Value


class Attempt(Value):
    """Try this target."""

    target: Target
    patience: float | None = None
    """Seconds after which the plan wants to hear `PatienceRanOut`; None: as long as the deadlines allow."""
    wait: float = 0.0
    """Seconds to let pass before it starts."""


class PatienceRanOut(Value):
    """Nothing meaningful had come from the attempt when the patience with it was over; it was given up."""

    target: Target


Outcome = UpstreamError | Unsupported | PatienceRanOut
"""What a plan is sent. An attempt that answers is not told of: the plan is closed instead.

`Unsupported`: nothing was sent, that target cannot do it. `PatienceRanOut` is also what a plan hears whose
next attempt would have to wait longer than the call may last."""

Plan = Generator[Attempt, Outcome, None]


class Health(Protocol):
    """What is known of targets from calls before this one."""

    def failures_in_a_row(self, target: Target) -> int: ...


RoutingStrategy = Callable[[Sequence[Target], Health], Plan]


class Route(Value):
    """Where a model's name leads: targets, and the strategy that orders them."""

    targets: tuple[Target, ...]
    strategy: RoutingStrategy
