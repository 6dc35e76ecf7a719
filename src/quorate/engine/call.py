"""The books of one call: its attempts, its reservation, what it was settled for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Protocol

from quorate.errors import BudgetExceeded, QuorateError
from quorate.types.budget import ZERO, Reservation
from quorate.types.chat import AttemptRecord, Departure
from quorate.types.target import Context, Target
from quorate.types.usage import MISSING, Charge, Usage
from quorate.types.value import Value

from .receipt import Receipt
from .statistics import Statistics

USUAL_OUTPUT = 4_096
"""Output tokens reserved where neither the request nor the catalog sets a bound."""


class Pricer(Protocol):
    """What a usage costs at a target; None where no rule knows."""

    def charge(self, target: Target, usage: Usage, at: datetime, tier: str) -> Charge | None: ...


class Bound(Value):
    """Above what a call can use at one target."""

    size: int = 0
    """Input tokens."""
    max_output: int | None = None
    """Output tokens of one answer; None where the request sets no limit."""
    answers: int = 1
    cached: bool = False
    """The input may be written to a cache, which can cost more than reading it."""
    uses: tuple[Usage, ...] = ()
    """In place of all that, where a model is billed for anything but text: each way in which one may be."""


_NOTHING, _FREE = Usage(), Charge(dollars=ZERO, rule="")


def _today() -> datetime:
    return datetime.now(UTC)


class Books:
    """Clock, prices and statistics: what every call's books are kept with."""

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        prices: Pricer,
        statistics: Statistics,
        today: Callable[[], datetime] = _today,
    ) -> None:
        """`clock` counts seconds, `today` tells which prices hold."""
        self.clock, self.prices, self.statistics, self._today = clock, prices, statistics, today

    def charge(self, target: Target, usage: Usage, tier: str = "") -> Charge | None:
        """In dollars, by the rule that holds today; where nothing is used, no rule is needed."""
        if usage == _NOTHING:
            return _FREE
        return self.prices.charge(target, usage, self._today(), tier)


class CallRecord:
    """One call from its first attempt to its settlement."""

    def __init__(self, books: Books, context: Context, *, tier: str = "") -> None:
        self.books, self.tier = books, tier
        self.attempts: list[AttemptRecord] = []
        self.failures: list[QuorateError] = []
        self._budget, self._trace = context.budget, context.trace
        self._worst = ZERO
        self._reservation: Reservation | None = None

    def reserve(self, targets: Iterable[Target], bound: Callable[[], Bound]) -> None:
        """Set the worst case over all targets aside, where the call has a limit of dollars."""
        if self._budget.dollars is not None:
            most = bound()
            dollars = (self._most_dollars(target, most, self._budget.dollars) for target in targets)
            self._worst = max(dollars, default=ZERO)
            self._reservation = self._budget.reserve(self._worst)

    def affordable(self, targets: Sequence[Target], bound: Callable[[], Bound]) -> Sequence[Target]:
        """Those at which the call stays within the target's own limit. Raises `BudgetExceeded` where there are none."""
        if all(target.max_cost is None for target in targets):
            return targets
        most = bound()
        judged = [(target, self._too_dear(target, most)) for target in targets]
        refused = [(target, error) for target, error in judged if error is not None]
        if len(refused) == len(targets):
            raise refused[0][1]
        for target, error in refused:
            self.pass_over(target, error)
        return [target for target, error in judged if error is None]

    def _too_dear(self, target: Target, bound: Bound) -> BudgetExceeded | None:
        limit = target.max_cost
        if limit is None:
            return None
        try:
            needed = self._most_dollars(target, bound, limit)
        except BudgetExceeded as error:
            return error
        if needed <= limit:
            return None
        return BudgetExceeded(
            f"a call to '{target.name}' may cost up to ${needed:f}, and at most ${limit} is allowed there "
            "(`max_cost` in the settings of its provider); a smaller `max_output` makes it cheaper",
            limit=limit,
            needed=needed,
        )

    def _most_dollars(self, target: Target, bound: Bound, limit: Decimal | None) -> Decimal:
        if bound.uses:
            charges = [self.books.charge(target, use, self.tier) for use in bound.uses]
            known = [charge.dollars for charge in charges if charge is not None]
            return max(known) if known else self._unpriced(target, limit)
        limits = (bound.max_output, target.defaults.get("max_output"), target.max_output, USUAL_OUTPUT)
        output = next(limit for limit in limits if limit is not None) * bound.answers
        charge = self.books.charge(target, Usage(input=bound.size, output=output), self.tier)
        if charge is None:
            return self._unpriced(target, limit)
        cached = None
        if bound.cached:
            cached = self.books.charge(target, Usage(cache_write_1h=bound.size, output=output), self.tier)
        return max(charge.dollars, cached.dollars if cached else ZERO)

    def _unpriced(self, target: Target, limit: Decimal | None) -> Decimal:
        """What is set aside for a model whose price nobody knows. Raises `BudgetExceeded` where that is not allowed."""
        if self._budget.unknown_price == "allow":
            return ZERO
        raise BudgetExceeded(
            f"the price of '{target.name}' is not known, so a limit of ${limit} cannot be "
            "kept; set a price for it, or allow unknown prices (`unknown_prices` in the settings)",
            limit=limit,
        )

    def begin(self, target: Target, fidelity: tuple[Departure, ...] = ()) -> AttemptBooks:
        """An attempt starts. What one before it used is no longer set aside for this one."""
        if self._reservation is not None and not self._reservation.is_open:
            self._reservation = self._budget.reserve(self._worst)
        return AttemptBooks(self, target, fidelity)

    def pass_over(self, target: Target, error: QuorateError) -> None:
        """A target that cannot do it: nothing was sent."""
        self.failures.append(error)
        self.note(AttemptRecord(target=target.name, outcome=error.code, seconds=0.0, detail=str(error)[:300]))

    def note(self, attempt: AttemptRecord) -> None:
        """An attempt has ended."""
        self.attempts.append(attempt)
        self._trace.append(attempt)

    def pay(self, target: Target, usage: Usage) -> Charge | None:
        """Price what an attempt used and book it; of the reservation the rest is free again."""
        charge = self.books.charge(target, usage, self.tier)
        cost = charge.dollars if charge else None
        self.books.statistics.used(target.provider, usage, cost)
        if self._reservation is not None:
            self._budget.settle(self._reservation, cost)
        elif cost is not None:
            self._budget.spent += cost
        return charge

    def close(self) -> None:
        """The call is over: what is still set aside was not spent."""
        if self._reservation is not None:
            self._budget.release(self._reservation)


class AttemptBooks:
    """One attempt. It ends once: answered, failed or left; what comes after that changes nothing."""

    __slots__ = ("_call", "_started", "fidelity", "is_over", "status", "target")

    def __init__(self, call: CallRecord, target: Target, fidelity: tuple[Departure, ...]) -> None:
        self._call, self.target, self.fidelity = call, target, fidelity
        self.status = 0
        self.is_over = False
        self._started = call.books.clock()

    @property
    def number(self) -> int:
        """Which attempt of its call it is, from 1."""
        return len(self._call.attempts) + (not self.is_over)

    def settle(self, usage: Usage) -> Receipt:
        """It answered: price it, book it, give the reservation back. Once."""
        call, target = self._call, self.target
        charge = call.pay(target, usage)
        seconds = self._end("answered", charge, usage, is_estimated=usage.quality == "estimated")
        call.books.statistics.answered(target.provider, seconds)
        return Receipt(
            provider=target.provider,
            cost=charge.dollars if charge else None,
            price_rule=charge.rule if charge else "",
            fidelity=self.fidelity,
            attempts=tuple(call.attempts),
        )

    def fail(self, error: QuorateError, used: Usage | None = None) -> Decimal | None:
        """It failed; `used` is what the provider will charge all the same. Returns what that costs."""
        if self.is_over:
            return None
        charge = self._call.pay(self.target, used) if used else None
        self._end(error.code, charge, used, detail=str(error)[:300], is_estimated=used is not None)
        self._call.books.statistics.failed(self.target.provider, error.code)
        self._call.failures.append(error)
        error.attempts = tuple(self._call.attempts)
        return charge.dollars if charge else None

    def leave(self, used: Callable[[], Usage]) -> None:
        """The caller went before the end: book what came by estimate. Nothing where it had ended."""
        if not self.is_over:
            usage = used()
            self._end("left", self._call.pay(self.target, usage), usage, is_estimated=True)
            self._call.books.statistics.left(self.target.provider)

    def _end(
        self, outcome: str, charge: Charge | None, used: Usage | None, *, detail: str = "", is_estimated: bool
    ) -> float:
        self.is_over = True
        seconds = self._call.books.clock() - self._started
        self._call.note(
            AttemptRecord(
                target=self.target.name,
                outcome=outcome,
                seconds=seconds,
                status=self.status,
                detail=detail,
                cost=charge.dollars if charge else None,
                estimated=is_estimated,
                usage=used or MISSING,
                price_rule=charge.rule if charge else "",
                began=self._started,
            )
        )
        return seconds
