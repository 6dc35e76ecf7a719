"""Reading and writing: one transaction at a time, whole or not at all, and our errors where it does not answer."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from quorate.errors import SettingsInvalid, StoreMismatch, StoreUnavailable
from quorate.store import sqlite
from quorate.store.address import PostgresServer, SqliteFile
from quorate.store.database import Database, open_database
from quorate.store.marks import MARKS, raise_mark, read_mark

from .postgres import Postgres


async def mark(database: Database, name: str) -> int:
    async with database.read() as connection:
        return await read_mark(connection, name)


async def raised(database: Database, name: str, *, before: asyncio.Event | None = None) -> None:
    async with database.write() as connection:
        await raise_mark(connection, name)
        if before is not None:
            await before.wait()


async def test_what_is_written_is_read(database: Database):
    await raised(database, "one")
    await raised(database, "one")

    assert (await mark(database, "one"), await mark(database, "other")) == (2, 0)


async def test_an_exception_undoes_the_whole_transaction(database: Database):
    async def failing() -> None:
        async with database.write() as connection:
            await raise_mark(connection, "one")
            await raise_mark(connection, "other")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await failing()

    assert (await mark(database, "one"), await mark(database, "other")) == (0, 0)


async def test_a_writer_that_is_cancelled_leaves_nothing_and_blocks_nobody(database: Database):
    never = asyncio.Event()
    writing = asyncio.create_task(raised(database, "one", before=never))
    await asyncio.sleep(0.05)
    writing.cancel()
    await asyncio.wait([writing])

    await raised(database, "other")

    assert writing.cancelled()
    assert (await mark(database, "one"), await mark(database, "other")) == (0, 1)


async def test_writers_at_the_same_time_lose_nothing(database: Database):
    async with asyncio.TaskGroup() as group:
        for _ in range(30):
            group.create_task(raised(database, "one"))

    assert await mark(database, "one") == 30


async def test_readers_see_one_state_while_others_write(database: Database):
    async with database.read() as connection:
        before = await read_mark(connection, "one")
        await raised(database, "one")
        after = await read_mark(connection, "one")

    assert (before, after) == (0, 0)
    assert await mark(database, "one") == 1


async def test_who_reads_can_change_nothing(database: Database):
    with pytest.raises(StoreUnavailable):
        async with database.read() as connection:
            await raise_mark(connection, "one")

    assert await mark(database, "one") == 0


async def test_a_faulty_statement_stays_what_it_is(database: Database):
    async def twice(connection: AsyncConnection) -> None:
        await connection.execute(MARKS.insert(), [{"name": "one", "value": 1}] * 2)

    with pytest.raises(IntegrityError):
        async with database.write() as connection:
            await twice(connection)
    with pytest.raises(SQLAlchemyError):
        async with database.write() as connection:
            await connection.execute(text("SELECT nothing FROM nowhere"))

    assert await mark(database, "one") == 0


async def test_words_are_ordered_by_their_bytes_in_both(database: Database):
    names = ["B", "a", "Z", "ä", "_", "1", "a-b", "ab", "é", "z"]
    async with database.write() as connection:
        await connection.execute(MARKS.insert(), [{"name": each, "value": 1} for each in names])

    async with database.read() as connection:
        ordered = (await connection.scalars(select(MARKS.c.name).order_by(MARKS.c.name))).all()

    assert ordered == sorted(names)


async def test_a_database_that_is_open_twice_is_one(url: str):
    first, second = await open_database(url), await open_database(url)
    await raised(first, "one")

    assert await mark(second, "one") == 1

    await first.close()
    await second.close()


async def test_a_passing_database_leaves_nothing():
    first, second = await open_database("sqlite://"), await open_database("sqlite://")
    await raised(first, "one")
    assert isinstance(first.address, SqliteFile)
    folder = first.address.path.parent

    assert await mark(second, "one") == 0
    assert folder.exists()

    await first.close()
    await second.close()
    assert not folder.exists()


async def test_the_file_and_its_folder_are_for_their_owner_alone(tmp_path: Path):
    path = tmp_path / "folder of its own" / "quorate.db"
    database = await open_database(f"sqlite:///{path}")
    await raised(database, "one")

    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}

    assert set(modes) >= {"quorate.db", "quorate.db-wal"}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    await database.close()


async def test_a_path_may_hold_anything(tmp_path: Path):
    path = tmp_path / "a ? b % c # d é" / "q&a=1.db"
    database = await open_database(f"sqlite:///{path}")
    await database.close()

    assert path.exists()


async def test_a_writer_that_waits_too_long_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sqlite, "PATIENCE", 0.05)
    url, never = f"sqlite:///{tmp_path / 'quorate.db'}", asyncio.Event()
    database, elsewhere = await open_database(url), await open_database(url)
    writing = asyncio.create_task(raised(database, "one", before=never))
    await asyncio.sleep(0.05)

    with pytest.raises(StoreUnavailable, match="is in use"):
        await raised(database, "same process")
    with pytest.raises(StoreUnavailable, match="locked"):
        await raised(elsewhere, "as of another process")

    never.set()
    await writing
    await database.close()
    await elsewhere.close()


async def test_what_is_deleted_from_a_file_is_gone_from_it(tmp_path: Path):
    path = tmp_path / "quorate.db"
    database = await open_database(f"sqlite:///{path}")
    async with database.write() as connection:
        await connection.execute(
            MARKS.insert(), [{"name": f"canary-word-{number}", "value": 1} for number in range(500)]
        )
    async with database.write() as connection:
        await connection.execute(MARKS.delete())
    await database.close()

    assert b"canary-word" not in path.read_bytes()


@pytest.mark.parametrize("content", [b"not a database, but a text of some length\n", b"short"])
async def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path, content: bytes):
    path = tmp_path / "notes.txt"
    path.write_bytes(content)

    with pytest.raises(StoreMismatch, match="is not a SQLite database"):
        await open_database(f"sqlite:///{path}")

    assert path.read_bytes() == content


async def test_a_file_that_is_spoilt_is_told_of(tmp_path: Path):
    path = tmp_path / "quorate.db"
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)

    with pytest.raises(StoreUnavailable):
        await open_database(f"sqlite:///{path}")


async def test_a_path_through_a_file_is_told_of(tmp_path: Path):
    (tmp_path / "file").write_text("x")

    with pytest.raises(StoreUnavailable, match="cannot be opened"):
        await open_database(f"sqlite:///{tmp_path / 'file' / 'quorate.db'}")


async def test_a_server_that_is_not_there_is_told_of_without_its_password(tmp_path: Path):
    url = f"postgresql://someone:canary-word@/nowhere?host={tmp_path}"

    with pytest.raises(StoreUnavailable) as caught:
        await open_database(url)

    assert "canary-word" not in str(caught.value) + repr(caught.value)
    assert caught.value.http_status == 503


async def test_a_database_that_is_not_there_is_told_of(postgres: Postgres):
    with pytest.raises(StoreUnavailable, match="does not exist"):
        await open_database(postgres.url("no-such-database"))


async def test_an_open_server_is_shown_without_its_password(postgres: Postgres):
    database = await open_database(postgres.url().replace("postgres@", "postgres:canary-word@"))

    assert isinstance(database.address, PostgresServer)
    assert database.is_postgres
    assert "canary-word" not in f"{database.address!r} {database.address.shown} {vars(database)}"
    await database.close()


@pytest.mark.parametrize(
    "url", ["", "mysql://u:canary-word@h/d", "quorate.db", "canary-word", "sqlite:/x", "://"]
)
async def test_what_is_no_address_is_refused_without_being_shown(url: str):
    with pytest.raises(SettingsInvalid) as caught:
        await open_database(url)

    assert "canary-word" not in str(caught.value)
    assert caught.value.problems
