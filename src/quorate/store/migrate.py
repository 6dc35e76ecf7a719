"""Bringing a database to the schema of this version, or refusing it.

One process migrates, any other that starts meanwhile waits for it. Everything happens in one transaction: a
migration that fails leaves the database as it was.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, Text, column, inspect, select, table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from quorate.errors import StoreMismatch

from . import postgres, sqlite
from .address import Address, PostgresServer, SqliteFile
from .faults import unavailable_told, unreachable_told
from .history import History
from .metadata import VERSION_TABLE
from .snapshots import newest_snapshot, take_snapshot

_LOCK = int.from_bytes(b"quorate", "big")
"""The number of our advisory lock in PostgreSQL."""
_FOUND: Select[Any] = select(table(VERSION_TABLE, column("version_num", Text())).c.version_num)


async def bring_up_to_date(
    reading: AbstractAsyncContextManager[AsyncConnection],
    address: Address,
    history: History,
    *,
    migrate: bool,
) -> None:
    """Migrate where that is needed and allowed; `StoreMismatch` where it is not, or cannot be."""
    async with reading as connection:
        found = await _revision(connection, address, history)
    head = history.revisions()[-1]
    if found == head:
        return
    if not migrate:
        raise StoreMismatch(
            f"the store '{address.shown}' is of revision '{found or 'none'}' and needs '{head}':"
            " start the gateway once, which migrates it",
            found=found,
            known=head,
        )
    async with _alone(address) as connection:
        # Another process may have done it while this one waited.
        found = await _revision(connection, address, history)
        if found != head:
            await _upgraded(connection, address, history, found)


async def _upgraded(connection: AsyncConnection, address: Address, history: History, found: str) -> None:
    head, snapshot = history.revisions()[-1], ""
    try:
        if found and isinstance(address, SqliteFile):
            snapshot = str(await asyncio.to_thread(take_snapshot, address.path, found))
        await connection.run_sync(_run_alembic, history.folder)
        await _check_references(connection)
    except Exception as error:
        kept = f"; a copy of it is '{snapshot}'" if snapshot else ""
        raise StoreMismatch(
            f"the store '{address.shown}' could not be migrated from '{found or 'none'}' to '{head}' and is as it was"
            f"{kept}: {' '.join(str(error).split())[:300]}",
            found=found,
            known=head,
            snapshot=snapshot,
        ) from error


def _run_alembic(connection: Connection, folder: Path) -> None:
    """All migrations that are missing. `env.py` takes the connection, and with it our transaction."""
    from alembic import command  # noqa: PLC0415  # heavy, and seldom needed
    from alembic.config import Config  # noqa: PLC0415  # comes with it

    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def _check_references(connection: AsyncConnection) -> None:
    """SQLite's foreign keys are off while it migrates, so what dangles is looked for at the end."""
    if connection.dialect.name == "sqlite":
        dangling = (await connection.exec_driver_sql("PRAGMA foreign_key_check")).first()
        if dangling is not None:
            raise StoreMismatch(f"the migration left rows of '{dangling[0]}' that point to nothing")


async def _revision(connection: AsyncConnection, address: Address, history: History) -> str:
    """'' for an empty database. `StoreMismatch` for one that is not ours or of a later version."""
    tables = await connection.run_sync(lambda within: inspect(within).get_table_names())
    known = history.revisions()
    if VERSION_TABLE not in tables:
        if not tables:
            return ""
        raise StoreMismatch(
            f"'{address.shown}' holds tables that are not Quorate's ('{min(tables)}'): give the store a database of"
            " its own",
            known=known[-1],
        )
    found: Any = await connection.scalar(_FOUND)
    if found in known:
        return found
    snapshot = None
    if isinstance(address, SqliteFile):
        snapshot = await asyncio.to_thread(newest_snapshot, address.path)
    way_back = f", or put back the copy '{snapshot}'" if snapshot else ""
    raise StoreMismatch(
        f"the store '{address.shown}' is of revision '{found}', and this version of Quorate knows none later than"
        f" '{known[-1]}': start the version that wrote it{way_back}",
        found=str(found),
        known=known[-1],
        snapshot=str(snapshot or ""),
    )


@asynccontextmanager
async def _alone(address: Address) -> AsyncGenerator[AsyncConnection]:
    """One transaction that no other process migrates beside."""
    match address:
        case SqliteFile(path=path):
            engine = sqlite.migrating_engine(path)
        case PostgresServer(url=url):
            engine = postgres.migrating_engine(url)
    try:
        with unreachable_told(address.shown):
            connection = await engine.connect()
        try:
            with unavailable_told(address.shown):
                async with connection.begin():
                    if isinstance(address, PostgresServer):
                        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
                    yield connection
        finally:
            await connection.close()
    finally:
        await engine.dispose()
