"""Dollars and the integers of rows."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from quorate.errors import InvalidRequest
from quorate.store.calls import CALLS, CallRow, add_calls
from quorate.store.database import Database
from quorate.store.identity import new_identity
from quorate.store.money import MOST, dollars, picodollars, sum_of, sum_told

NOW = 1_800_000_000_000_000


@given(st.integers(min_value=-MOST, max_value=MOST))
def test_what_a_row_holds_comes_back_exactly(amount: int):
    assert picodollars(dollars(amount)) == amount


def test_less_than_a_picodollar_is_rounded():
    assert picodollars(Decimal("0.0000000000015")) == 2
    assert picodollars(Decimal("0.00000000000049")) == 0


@pytest.mark.parametrize("amount", ["1e8", "-1e8", "NaN", "Infinity", "-Infinity"])
def test_what_a_row_cannot_hold_is_refused(amount: str):
    with pytest.raises(InvalidRequest) as caught:
        picodollars(Decimal(amount))

    assert caught.value.where == "cost"


async def test_a_sum_may_be_larger_than_a_row(database: Database):
    largest = dollars(MOST)
    costs = [largest, largest, largest, Decimal("0.000000000001"), None]
    rows = [
        CallRow(id=new_identity(), started_at=NOW, scope="s", outcome="answered", cost=each) for each in costs
    ]
    async with database.write() as connection:
        await add_calls(connection, rows)

    async with database.read() as connection:
        all_of_them = (await connection.execute(select(*sum_of(CALLS.c.cost)))).one()
        none = (await connection.execute(select(*sum_of(CALLS.c.cost)).where(CALLS.c.scope == ""))).one()

    assert sum_told(*all_of_them) == largest * 3 + Decimal("0.000000000001")
    assert sum_told(*none) == 0
