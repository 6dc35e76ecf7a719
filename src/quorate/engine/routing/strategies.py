"""The strategies that ship with Quorate: which target first, and which after a failure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from operator import attrgetter

from quorate.errors import UpstreamError
from quorate.types.target import Target
from quorate.types.value import Value

from .seam import Attempt, Health, Outcome, Plan, RoutingStrategy

LONGEST_WAIT = 30.0
"""Seconds. A provider that asks for a longer pause is passed over while others are left."""


class Retries(Value):
    """How often one target is tried, and how long it rests between."""

    tries: int = 3
    """At most, the first included; at least 1."""
    delay: float = 1.0
    """Seconds before the second try; each further one waits twice as long, or as long as the target asks."""
    longest: float = LONGEST_WAIT


def priority(targets: Sequence[Target], health: Health) -> Plan:
    """Lowest `priority` first; equals in the order they were configured."""
    for target in sorted(targets, key=_priority) if len(targets) > 1 else targets:
        yield Attempt(target=target)


_priority = attrgetter("priority")


class RoundRobin:
    """Each call starts with the next target in turn; the others follow as fallbacks."""

    def __init__(self) -> None:
        self._turns: Iterator[int] = count()

    def __call__(self, targets: Sequence[Target], health: Health) -> Plan:
        start = next(self._turns) % len(targets) if targets else 0
        for target in (*targets[start:], *targets[:start]):
            yield Attempt(target=target)


def only_first(inner: RoutingStrategy) -> RoutingStrategy:
    """No fallback: the first target the inner strategy names, and no other."""

    def plan(targets: Sequence[Target], health: Health) -> Plan:
        for attempt in inner(targets, health):
            yield attempt
            return

    return plan


def retrying(inner: RoutingStrategy, retries: Retries) -> RoutingStrategy:
    """Try a target again where its error says that may help, before the inner strategy's next one."""

    def plan(targets: Sequence[Target], health: Health) -> Plan:
        for place, attempt in enumerate(inner(targets, health), 1):
            outcome = yield attempt
            others_left = place < len({target.name for target in targets})
            for number in range(1, max(1, retries.tries)):
                pause = pause_after(outcome, number, retries, others_left=others_left)
                if pause is None:
                    break
                outcome = yield Attempt(target=attempt.target, patience=attempt.patience, wait=pause)

    return plan


def pause_after(outcome: Outcome, number: int, retries: Retries, *, others_left: bool) -> float | None:
    """Seconds to wait before retry `number` of the same target, or None where another is the better choice."""
    if not isinstance(outcome, UpstreamError) or outcome.retry != "same":
        return None
    asked = outcome.retry_after
    pause = retries.delay * 2 ** (number - 1) if asked is None else asked
    return None if others_left and pause > retries.longest else pause


def strategies() -> Mapping[str, RoutingStrategy]:
    """The strategies by the names settings use; a fresh set, since some keep a turn."""
    return {"priority": priority, "round_robin": RoundRobin()}
