"""What one call may still use up: attempts, time and money, shared by everything that belongs to it.

Pure arithmetic: the clock is handed in, the durable side lives elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Literal

from quorate.errors import BudgetExceeded

ZERO = Decimal(0)


class Reservation:
    """Dollars set aside for one piece of work. Settling or releasing twice changes nothing."""

    __slots__ = ("amount", "is_open")

    def __init__(self, amount: Decimal) -> None:
        self.amount = amount
        self.is_open = True


class CallBudget:
    """Attempts left, the moment the call must end, and dollars: `spent + reserved` never passes `dollars`.

    One object per call; panel members, hedges and fallbacks share it.
    """

    __slots__ = ("_clock", "attempts", "deadline", "dollars", "reserved", "spent", "unknown_price")

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        attempts: int | None = None,
        deadline: float | None = None,
        dollars: Decimal | None = None,
        unknown_price: Literal["allow", "block"] = "block",
    ) -> None:
        """`deadline` is a reading of `clock`, seconds; None anywhere means no limit.

        `unknown_price` says what happens to a target without a price when there is a limit of dollars.
        """
        self._clock = clock
        self.attempts, self.deadline, self.dollars = attempts, deadline, dollars
        self.reserved, self.spent = ZERO, ZERO
        self.unknown_price = unknown_price

    def take_attempt(self) -> bool:
        """Use up one attempt; False when none is left."""
        if self.attempts is None:
            return True
        if self.attempts <= 0:
            return False
        self.attempts -= 1
        return True

    def return_attempt(self) -> None:
        """An attempt that was taken came to nothing: nothing was sent."""
        if self.attempts is not None:
            self.attempts += 1

    def seconds_left(self) -> float | None:
        """Until the deadline, never negative; None without one."""
        return None if self.deadline is None else max(0.0, self.deadline - self._clock())

    def reserve(self, amount: Decimal) -> Reservation:
        """Set dollars aside, or raise `BudgetExceeded` and set nothing aside."""
        if self.dollars is not None and self.spent + self.reserved + amount > self.dollars:
            left = self.dollars - self.spent - self.reserved
            raise BudgetExceeded(
                f"the call may cost up to ${amount:f} and ${left:f} of its ${self.dollars:f} is left",
                limit=self.dollars,
                left=left,
                needed=amount,
            )
        self.reserved += amount
        return Reservation(amount)

    def settle(self, reservation: Reservation, cost: Decimal | None) -> None:
        """Give the reservation back and book what was spent; an unknown cost books what was reserved."""
        if not reservation.is_open:
            return
        reservation.is_open = False
        self.reserved -= reservation.amount
        self.spent += reservation.amount if cost is None else cost

    def release(self, reservation: Reservation) -> None:
        """Give the reservation back: nothing was spent."""
        self.settle(reservation, ZERO)
