"""A call's budget: attempts, time and dollars, shared by all that belongs to the call."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from quorate.errors import BudgetExceeded
from quorate.types.budget import CallBudget, Reservation


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


def budget(dollars: str | None = None, attempts: int | None = None) -> CallBudget:
    return CallBudget(clock=Clock(), attempts=attempts, dollars=Decimal(dollars) if dollars else None)


def test_attempts_run_out():
    limited = budget(attempts=2)

    assert [limited.take_attempt() for _ in range(4)] == [True, True, False, False]


def test_without_a_limit_there_is_always_an_attempt():
    unlimited = budget()

    assert all(unlimited.take_attempt() for _ in range(100))


def test_the_time_left_is_never_negative():
    clock = Clock()
    timed = CallBudget(clock=clock, deadline=110.0)
    moments = (100.0, 109.5, 110.0, 200.0)

    left = [(setattr(clock, "time", moment), timed.seconds_left())[1] for moment in moments]

    assert left == [10.0, 0.5, 0.0, 0.0]
    assert budget().seconds_left() is None


def test_what_is_reserved_is_not_there_for_others():
    shared = budget("1.00")
    shared.reserve(Decimal("0.60"))

    with pytest.raises(BudgetExceeded) as caught:
        shared.reserve(Decimal("0.41"))

    assert (caught.value.limit, caught.value.left, caught.value.needed) == (
        Decimal("1.00"),
        Decimal("0.40"),
        Decimal("0.41"),
    )
    assert shared.reserved == Decimal("0.60")
    assert shared.reserve(Decimal("0.40")).is_open


def test_settling_gives_back_what_was_too_much():
    shared = budget("1.00")
    reservation = shared.reserve(Decimal("0.60"))

    shared.settle(reservation, Decimal("0.10"))

    assert (shared.reserved, shared.spent) == (0, Decimal("0.10"))
    assert shared.reserve(Decimal("0.90"))


def test_an_unknown_cost_books_what_was_reserved():
    shared = budget("1.00")

    shared.settle(shared.reserve(Decimal("0.60")), None)

    assert (shared.reserved, shared.spent) == (0, Decimal("0.60"))


def test_settling_or_releasing_twice_changes_nothing():
    shared = budget("1.00")
    first, second = shared.reserve(Decimal("0.30")), shared.reserve(Decimal("0.30"))
    shared.settle(first, Decimal("0.20"))
    shared.release(second)

    shared.settle(first, Decimal("0.20"))
    shared.release(first)
    shared.settle(second, Decimal("0.30"))

    assert (shared.reserved, shared.spent) == (0, Decimal("0.20"))


def test_without_a_limit_everything_can_be_reserved():
    unlimited = budget()

    unlimited.settle(unlimited.reserve(Decimal(10**9)), Decimal(10**9))

    assert unlimited.spent == 10**9


amounts = st.decimals(0, 2, places=4)


class Spending(RuleBasedStateMachine):
    """Any order of reserving, settling (within the reservation) and releasing keeps to the limit."""

    def __init__(self) -> None:
        super().__init__()
        self.budget = CallBudget(clock=Clock(), dollars=Decimal(3))
        self.open: list[Reservation] = []
        self.closed: list[Reservation] = []
        self.refused = 0
        self.true_cost = Decimal(0)

    @rule(amount=amounts)
    def reserve(self, amount: Decimal) -> None:
        before = (self.budget.spent, self.budget.reserved)
        try:
            self.open.append(self.budget.reserve(amount))
        except BudgetExceeded:
            assert sum(before) + amount > 3
            assert (self.budget.spent, self.budget.reserved) == before

    @precondition(lambda self: self.open)
    @rule(data=st.data(), share=st.decimals(0, 1, places=2) | st.none())
    def settle(self, data: st.DataObject, share: Decimal | None) -> None:
        reservation = data.draw(st.sampled_from(self.open))
        self.open.remove(reservation)
        self.closed.append(reservation)
        cost = None if share is None else reservation.amount * share
        self.budget.settle(reservation, cost)
        self.true_cost += reservation.amount if cost is None else cost

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        reservation = data.draw(st.sampled_from(self.open))
        self.open.remove(reservation)
        self.closed.append(reservation)
        self.budget.release(reservation)

    @precondition(lambda self: self.closed)
    @rule(data=st.data(), cost=amounts | st.none())
    def settle_again(self, data: st.DataObject, cost: Decimal | None) -> None:
        self.budget.settle(data.draw(st.sampled_from(self.closed)), cost)

    @invariant()
    def the_limit_holds(self) -> None:
        assert self.budget.spent + self.budget.reserved <= 3
        assert self.budget.reserved == sum(reservation.amount for reservation in self.open)
        assert self.budget.spent == self.true_cost


test_no_order_of_spending_passes_the_limit = Spending.TestCase
