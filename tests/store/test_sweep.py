"""What is older than it may be goes, in transactions short enough for others."""

from __future__ import annotations

import pytest

from quorate.store import calls
from quorate.store.calls import CallRow, add_calls, list_calls
from quorate.store.database import Database
from quorate.store.identity import new_identity
from quorate.store.sweep import EXPIRE, Retention, sweep
from quorate.store.times import DAY

NOW = 1_800_000_000_000_000


async def added(database: Database, *ages: float) -> list[CallRow]:
    times = [NOW - round(age * DAY) for age in ages]
    rows = [CallRow(id=new_identity(at), started_at=at, scope="s", outcome="answered") for at in times]
    async with database.write() as connection:
        await add_calls(connection, rows)
    return rows


async def kept(database: Database) -> list[CallRow]:
    async with database.read() as connection:
        return [*await list_calls(connection, None)]


async def test_calls_go_after_their_days(database: Database, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(calls, "_DELETED_AT_ONCE", 2)
    young, *_ = await added(database, 1, 31, 32, 33, 34, 35)

    assert (await sweep(database, NOW, Retention(calls=30)))["calls"] == 5
    assert (await sweep(database, NOW, Retention(calls=30)))["calls"] == 0
    assert await kept(database) == [young]


async def test_nought_days_are_for_ever(database: Database):
    rows = await added(database, 10_000)

    assert (await sweep(database, NOW, Retention(calls=0)))["calls"] == 0
    assert await kept(database) == rows


def test_everything_with_a_retention_is_swept():
    assert set(EXPIRE) == set(Retention.__struct_fields__)
