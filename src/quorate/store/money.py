"""Dollars to the integers that rows hold, and back: picodollars, 10⁻¹² of a dollar."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, func, type_coerce

from quorate.errors import InvalidRequest

PLACES = 12
MOST = 2**63 - 1
"""Picodollars that one row can hold: something over nine million dollars."""

_EXACT = Context(prec=80, rounding=ROUND_HALF_EVEN)
_UNIT = Decimal(1).scaleb(-PLACES)
_SPLIT = 10**9
_PER_DOLLAR = Decimal(10**PLACES)


def picodollars(amount: Decimal) -> int:
    """Rounded to the nearest. `InvalidRequest` where a row cannot hold it."""
    if amount.is_finite():
        scaled = _EXACT.multiply(amount, _PER_DOLLAR)
        whole = int(scaled)
        if whole == scaled and -MOST <= whole <= MOST:
            return whole
    if not amount.is_finite() or abs(amount) > MOST * _UNIT:
        raise InvalidRequest(f"an amount of {amount} dollars does not fit into a row", where="cost")
    return int(_EXACT.scaleb(_EXACT.quantize(amount, _UNIT), PLACES))


def dollars(amount: int | Decimal) -> Decimal:
    """What so many picodollars are: exact, however many digits a sum has."""
    return _EXACT.scaleb(Decimal(amount), -PLACES)


def sum_of(column: ColumnElement[Any]) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Two columns that select the sum of one of money; `sum_told` puts them together.

    In two, since SQLite refuses a sum beyond 63 bits where PostgreSQL gives a decimal.
    """
    whole = type_coerce(column, BigInteger)
    return func.sum(whole // _SPLIT), func.sum(whole % _SPLIT)


def sum_told(high: int | Decimal | None, low: int | Decimal | None) -> Decimal:
    """The sum in dollars of what the two columns of `sum_of` gave; 0 for no rows."""
    return dollars(int(high or 0) * _SPLIT + int(low or 0))
