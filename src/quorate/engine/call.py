"""The books of one call: its attempts, its reservation, what it was settled for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Protocol

from quorate.errors import BudgetExceeded, QuorateError
from quorate.types.budget import CallBudget, Reservation
from quorate.types.chat import AttemptRecord, Departure
from quorate.types.target import Context, Target
from quorate.types.usage import Charge, Usage

from .receipt import Receipt
from .statistics import Statistics

USUAL_OUTPUT = 4_096
"""Output tokens reserved where neither the request nor the catalog sets a bound."""


class Pricer(Protocol):
    """What a usage costs at a target; None where no rule knows."""

    def charge(self, target: Target, usage: Usage, at: datetime, tier: str) -> Charge | None: ...


class Books:
    """Clock, prices and statistics: what every call's books are kept with."""

    def __init__(self, *, clock: Callable[[], float], prices: Pricer, statistics: Statistics) -> None:
        self.clock, self.prices, self.statistics = clock, prices, statistics

    def charge(self, target: Target, usage: Usage, tier: str = "") -> Charge | None:
        """In dollars, by the rule that holds today."""
        return self.prices.charge(target, usage, datetime.now(UTC), tier)


class CallRecord:
    """One call from its first attempt to its settlement."""

    def __init__(self, books: Books, context: Context, *, tier: str = "") -> None:
        self._books, self._budget, self._tier = books, context.budget, tier
        self.attempts: list[AttemptRecord] = []
        self.failures: list[QuorateError] = []
        self._reservation: Reservation | None = None
        self._started = books.clock()

    def reserve(self, targets: tuple[Target, ...], size: Callable[[], int], max_output: int | None) -> None:
        """Set the worst case over all targets aside, where the call has a limit of dollars."""
        if self._budget.dollars is None:
            return
        worst = max((self._worst(target, size(), max_output) for target in targets), default=Decimal(0))
        self._reservation = self._budget.reserve(worst)

    def _worst(self, target: Target, size: int, max_output: int | None) -> Decimal:
        most = max_output if max_output is not None else target.max_output or USUAL_OUTPUT
        charge = self._books.charge(target, Usage(input=size, output=most), self._tier)
        if charge is not None:
            return charge.dollars
        if self._budget.unknown_price == "allow":
            return Decimal(0)
        raise BudgetExceeded(
            f"the price of '{target.name}' is not known, so a limit of ${self._budget.dollars} cannot be kept; "
            "set a price for it, or allow unknown prices"
        )

    def begin(self) -> None:
        """An attempt starts."""
        self._started = self._books.clock()

    def fail(self, target: Target, error: QuorateError, status: int = 0) -> None:
        """An attempt failed."""
        self.failures.append(error)
        self._books.statistics.failed(target.provider, error.code)
        self.attempts.append(
            AttemptRecord(
                target=target.name,
                outcome=error.code,
                seconds=self._books.clock() - self._started,
                status=status,
                detail=str(error)[:300],
            )
        )

    def settle(self, target: Target, usage: Usage, fidelity: tuple[Departure, ...], status: int) -> Receipt:
        """An attempt answered: price it, book it, give the reservation back."""
        seconds = self._books.clock() - self._started
        charge = self._books.charge(target, usage, self._tier)
        cost = charge.dollars if charge else None
        self._books.statistics.answered(target.provider, usage, cost, seconds)
        self.attempts.append(
            AttemptRecord(target=target.name, outcome="answered", seconds=seconds, status=status)
        )
        self._give_back(self._budget, cost)
        return Receipt(
            provider=target.provider,
            cost=cost,
            price_rule=charge.rule if charge else "",
            fidelity=fidelity,
            attempts=tuple(self.attempts),
        )

    def _give_back(self, budget: CallBudget, cost: Decimal | None) -> None:
        if self._reservation is not None:
            budget.settle(self._reservation, cost)
        elif cost is not None:
            budget.spent += cost

    def close(self) -> None:
        """The call is over: what is still set aside was not spent."""
        if self._reservation is not None:
            self._budget.release(self._reservation)
