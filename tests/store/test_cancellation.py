"""Whoever goes in the middle of it leaves the database whole, and free for the next."""

from __future__ import annotations

import asyncio
import random

import pytest

from quorate.store.database import Database
from quorate.store.marks import raise_mark, read_mark


async def raised_twice(database: Database) -> None:
    async with database.write() as connection:
        await raise_mark(connection, "first")
        await raise_mark(connection, "second")


async def both(database: Database) -> tuple[int, int]:
    async with database.read() as connection:
        return await read_mark(connection, "first"), await read_mark(connection, "second")


@pytest.mark.parametrize(("rounds", "seed"), [(40, 1), pytest.param(800, 2, marks=pytest.mark.long)])
async def test_cancelled_at_any_place_writers_write_all_or_nothing(
    database: Database, rounds: int, seed: int
):
    chance, done = random.Random(seed), 0
    for _ in range(rounds):
        tasks = [asyncio.create_task(raised_twice(database)) for _ in range(3)]
        tasks += [asyncio.create_task(both(database))]
        await asyncio.sleep(chance.random() * 0.006)
        for each in tasks:
            each.cancel()
        await asyncio.wait(tasks)
        done += sum(not each.cancelled() for each in tasks[:3])
        faults = [each.exception() for each in tasks if not each.cancelled() and each.exception()]
        assert faults == []

    async with asyncio.timeout(10):
        await raised_twice(database)
        first, second = await both(database)
    assert first == second
    assert first >= done + 1  # who is cancelled while it commits may have committed
