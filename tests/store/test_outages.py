"""A server that goes and comes back, or hangs: who asks is told in time, and what waits is written in the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence

import pytest
from sqlalchemy import text

from quorate.errors import StoreUnavailable
from quorate.store import database as database_module
from quorate.store import postgres as postgres_module
from quorate.store.calls import CallRow, add_calls, list_calls, size_of
from quorate.store.database import Database, open_database
from quorate.store.identity import new_identity
from quorate.store.marks import raise_mark, read_mark
from quorate.store.writer import BatchWriter

from .postgres import Postgres, find_binaries
from .test_writer import seen

pytestmark = pytest.mark.long

LONGEST = 30.0


@pytest.fixture
def server() -> Iterator[Postgres]:
    """One to be stopped."""
    server = Postgres(find_binaries())
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
async def stopped(server: Postgres) -> AsyncIterator[Database]:
    """Open, on the server to be stopped."""
    opened = await open_database(server.url())
    yield opened
    await opened.close()


async def raised(database: Database, *, after: str = "SELECT 1") -> None:
    async with database.write() as connection:
        await connection.execute(text(after))
        await raise_mark(connection, "one")


async def mark(database: Database) -> int:
    async with database.read() as connection:
        return await read_mark(connection, "one")


async def in_thread(*steps: object) -> None:
    for step in steps:
        await asyncio.to_thread(step)  # type: ignore[arg-type]  # stop and start


def row() -> CallRow:
    return CallRow(id=new_identity(), started_at=0, scope="s", outcome="answered")


async def test_rows_wait_for_a_server_that_is_stopped_and_are_written_when_it_is_back(
    server: Postgres, stopped: Database
):
    async def write(rows: Sequence[CallRow]) -> None:
        async with stopped.write() as connection:
            await add_calls(connection, rows)

    rows = [row() for _ in range(900)]
    async with BatchWriter(write, size=size_of, wait=0.01) as writer:
        for each in rows[:300]:
            writer.put(each)
        await seen(lambda: writer.written == 300)
        await in_thread(server.stop)
        for each in rows[300:600]:
            writer.put(each)
        await seen(lambda: writer.is_degraded)
        assert not await writer.flush(0.1)
        assert writer.waiting == 300
        await in_thread(server.start)
        for each in rows[600:]:
            writer.put(each)
        assert await writer.flush(LONGEST)

    assert (writer.dropped, writer.rejected, writer.is_degraded) == (0, 0, False)
    async with stopped.read() as connection:
        found = await list_calls(connection, "s", limit=1000)
    assert {each.id for each in found} == {each.id for each in rows}


async def test_who_asks_a_stopped_server_is_told_so_and_served_again_when_it_is_back(
    server: Postgres, stopped: Database
):
    await raised(stopped)
    await in_thread(server.stop)
    with pytest.raises(StoreUnavailable):
        await mark(stopped)
    with pytest.raises(StoreUnavailable):
        await raised(stopped)

    await in_thread(server.start)

    assert await mark(stopped) == 1


async def test_a_server_that_goes_in_the_middle_of_a_transaction_undoes_it(
    server: Postgres, stopped: Database
):
    writing = asyncio.create_task(raised(stopped, after="SELECT pg_sleep(20)"))
    await asyncio.sleep(0.3)
    await in_thread(server.stop)

    with pytest.raises(StoreUnavailable):
        await writing

    await in_thread(server.start)
    assert await mark(stopped) == 0


async def test_a_server_that_hangs_is_given_up_in_time(
    server: Postgres, stopped: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(database_module, "_LONGEST_WAIT", 0.5)
    await raised(stopped)
    server.freeze()
    async with asyncio.timeout(LONGEST):
        with pytest.raises(StoreUnavailable):
            await mark(stopped)
        with pytest.raises(StoreUnavailable):
            await raised(stopped)

    server.thaw()

    assert await mark(stopped) == 1


async def test_a_statement_that_hangs_is_given_up_in_time(server: Postgres, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(postgres_module, "_STATEMENT", 0.2)
    database = await open_database(server.url())

    async with asyncio.timeout(LONGEST):
        with pytest.raises(StoreUnavailable):
            await raised(database, after="SELECT pg_sleep(25)")

    assert await mark(database) == 0
    await database.close()


async def test_a_statement_that_the_server_ends_is_told_as_unavailable(stopped: Database):
    async def slow() -> None:
        async with stopped.write() as connection:
            await connection.execute(text("SET LOCAL statement_timeout = 50"))
            await connection.execute(text("SELECT pg_sleep(20)"))

    with pytest.raises(StoreUnavailable, match="statement timeout"):
        await slow()
