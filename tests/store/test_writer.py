"""Rows are written soon, in batches; who puts one never waits, and a database that is gone loses none too early."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

import pytest

from quorate.errors import StoreUnavailable
from quorate.store import writer as writer_module
from quorate.store.calls import CallRow, add_calls, list_calls, size_of
from quorate.store.database import Database
from quorate.store.identity import new_identity
from quorate.store.writer import BatchWriter

LONGEST = 10.0


class Kept:
    """What was written. It can be gone, refuse some rows, or be held up."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.tries = 0
        self.is_gone = False
        self.refused: frozenset[int] = frozenset()
        self.is_open = asyncio.Event()
        self.is_open.set()

    async def write(self, rows: Sequence[int]) -> None:
        self.tries += 1
        await self.is_open.wait()
        if self.is_gone:
            raise StoreUnavailable("gone")
        if self.refused & set(rows):
            raise ValueError(rows)
        self.batches.append([*rows])

    @property
    def rows(self) -> list[int]:
        return [row for batch in self.batches for row in batch]


async def seen(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(LONGEST):
        while not what():  # noqa: ASYNC110 nobody tells of it
            await asyncio.sleep(0.005)


async def test_rows_are_written_in_their_order_and_in_batches():
    kept = Kept()
    async with BatchWriter(kept.write, batch=4, wait=0.01) as writer:
        for row in range(10):
            writer.put(row)
        assert kept.rows == []
        assert await writer.flush(LONGEST)

    assert kept.rows == list(range(10))
    assert max(map(len, kept.batches)) == 4
    assert (writer.written, writer.dropped, writer.rejected, writer.waiting) == (10, 0, 0, 0)


async def test_a_row_by_itself_is_written_soon():
    kept = Kept()
    async with BatchWriter(kept.write, wait=0.01) as writer:
        writer.put(1)
        await seen(lambda: kept.rows == [1])
        writer.put(2)
        await seen(lambda: kept.rows == [1, 2])


async def test_what_is_put_while_others_are_written_is_written_too():
    kept = Kept()
    kept.is_open.clear()
    async with BatchWriter(kept.write, wait=0) as writer:
        writer.put(1)
        await seen(lambda: kept.tries == 1)
        writer.put(2)
        assert writer.waiting == 2
        kept.is_open.set()
        assert await writer.flush(LONGEST)

    assert kept.batches == [[1], [2]]


async def test_while_the_database_is_gone_rows_wait(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(writer_module, "_FIRST_PAUSE", 0.001)
    kept = Kept()
    kept.is_gone = True
    async with BatchWriter(kept.write, wait=0) as writer:
        for row in range(3):
            writer.put(row)
        await seen(lambda: kept.tries > 3)
        assert writer.is_degraded
        assert writer.waiting == 3
        kept.is_gone = False
        assert await writer.flush(LONGEST)

    assert kept.rows == [0, 1, 2]
    assert not writer.is_degraded


async def test_who_flushes_asks_at_once_and_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(writer_module, "_FIRST_PAUSE", 600)
    kept = Kept()
    kept.is_gone = True
    async with BatchWriter(kept.write, wait=0) as writer:
        writer.put(1)
        await seen(lambda: writer.is_degraded)
        assert not await writer.flush(0.05)
        assert kept.tries == 2
        kept.is_gone = False
        assert await writer.flush(LONGEST)

    assert kept.rows == [1]


async def test_the_pause_between_tries_grows_up_to_its_limit(monkeypatch: pytest.MonkeyPatch):
    pauses: list[float] = []

    async def noted(_: BatchWriter[int], seconds: float) -> None:
        pauses.append(seconds)
        kept.is_gone = len(pauses) < 9
        await asyncio.sleep(0)

    monkeypatch.setattr(BatchWriter, "_pause", noted)
    kept = Kept()
    kept.is_gone = True
    async with BatchWriter(kept.write, wait=0) as writer:
        writer.put(1)
        assert await writer.flush(LONGEST)

    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0, 10.0]


async def test_when_too_many_wait_the_oldest_are_dropped_and_counted():
    kept = Kept()
    writer = BatchWriter(kept.write, most_rows=3)
    for row in range(10):
        writer.put(row)
    writer.start()

    assert await writer.close(LONGEST)
    assert kept.rows == [7, 8, 9]
    assert (writer.dropped, writer.written) == (7, 3)


async def test_when_too_much_waits_the_oldest_are_dropped_and_counted():
    kept = Kept()
    writer = BatchWriter(kept.write, size=lambda row: row, most_bytes=100)
    for row in (60, 30, 20, 90, 5):
        writer.put(row)
    writer.start()

    assert await writer.close(LONGEST)
    assert kept.rows == [90, 5]
    assert writer.dropped == 3


async def test_a_row_larger_than_all_there_is_room_for_is_dropped():
    kept = Kept()
    async with BatchWriter(kept.write, size=lambda row: row, most_bytes=100, wait=0) as writer:
        writer.put(101)
        writer.put(1)
        assert await writer.flush(LONGEST)

    assert (kept.rows, writer.dropped) == ([1], 1)


async def test_rows_that_cannot_be_written_hold_up_no_others(caplog: pytest.LogCaptureFixture):
    kept = Kept()
    kept.refused = frozenset({3, 7})
    with caplog.at_level(logging.ERROR, "quorate.store"):
        async with BatchWriter(kept.write, wait=0) as writer:
            for row in range(10):
                writer.put(row)
            assert await writer.flush(LONGEST)

    assert kept.rows == [0, 1, 2, 4, 5, 6, 8, 9]
    assert (writer.rejected, writer.written) == (2, 8)
    assert len(caplog.records) == 2


async def test_who_closes_waits_only_so_long_and_counts_what_is_lost():
    kept = Kept()
    kept.is_gone = True
    writer = BatchWriter(kept.write, wait=0)
    writer.start()
    for row in range(5):
        writer.put(row)

    assert not await writer.close(0.02)
    assert (writer.dropped, writer.waiting) == (5, 0)


async def test_nothing_to_write_is_flushed_at_once():
    async with BatchWriter(Kept().write) as writer:
        assert await writer.flush(0)


async def test_rows_of_calls_reach_the_database(database: Database):
    async def write(rows: Sequence[CallRow]) -> None:
        async with database.write() as connection:
            await add_calls(connection, rows)

    rows = [CallRow(id=new_identity(), started_at=0, scope="s", outcome="answered") for _ in range(700)]
    async with BatchWriter(write, size=size_of) as writer:
        for row in rows:
            writer.put(row)
        assert await writer.flush(LONGEST)

    async with database.read() as connection:
        assert len(await list_calls(connection, "s", limit=1000)) == 700
