"""SQLite: the file, and engines for reading and writing it.

Python's driver opens transactions in its own way, which leaves out statements that define tables and those that
only read. It is told to leave that alone, and every transaction begins with a BEGIN of ours.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, Connection, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from quorate.errors import StoreMismatch, StoreUnavailable

PATIENCE = 5.0
"""Seconds to wait for another who writes."""
MIGRATION_PATIENCE = 120.0
"""Seconds to wait for another process that migrates."""
_READERS = 4
_HEADER = b"SQLite format 3\0"
_LOG_LIMIT = 64 * 1024 * 1024


def prepare_file(path: Path) -> None:
    """Make the file where there is none, for its owner alone, and have it keep a log ahead of writing."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        with path.open("rb") as file:
            header = file.read(len(_HEADER))
    except OSError as error:
        raise StoreUnavailable(f"the store '{path}' cannot be opened: {error.strerror}") from error
    if header and header != _HEADER:
        raise StoreMismatch(f"'{path}' is not a SQLite database: name another file for the store")
    try:
        with closing(sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.Error as error:
        raise StoreUnavailable(f"the store '{path}' cannot be opened: {error}") from error


def reading_engine(path: Path) -> AsyncEngine:
    """Some connections that cannot write; each transaction sees one state of the database."""
    return _engine(path, begin="BEGIN", pragmas=("query_only = ON",), size=_READERS, patience=PATIENCE)


def writing_engine(path: Path) -> AsyncEngine:
    """One connection: within a process the pool lets in one writer at a time, and between processes SQLite does."""
    pragmas = (
        "foreign_keys = ON",
        "secure_delete = ON",
    )  # who erases what was said wants it gone from the file
    return _engine(path, begin="BEGIN IMMEDIATE", pragmas=pragmas, size=1, patience=PATIENCE)


def migrating_engine(path: Path) -> AsyncEngine:
    """As a writing one that waits longer. Foreign keys are off: a table that is made anew under its old name must
    not take the rows that point to it along.
    """
    return _engine(
        path, begin="BEGIN IMMEDIATE", pragmas=("foreign_keys = OFF",), size=1, patience=MIGRATION_PATIENCE
    )


def _engine(path: Path, *, begin: str, pragmas: tuple[str, ...], size: int, patience: float) -> AsyncEngine:
    url = URL.create("sqlite+aiosqlite", database=str(path))
    engine = create_async_engine(
        url,
        connect_args={"isolation_level": None, "timeout": patience},
        pool_size=size,
        max_overflow=0,
        pool_timeout=patience,
        hide_parameters=True,
    )

    def on_connect(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for pragma in ("synchronous = NORMAL", f"journal_size_limit = {_LOG_LIMIT}", *pragmas):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine.sync_engine, "connect", on_connect)
    event.listen(engine.sync_engine, "begin", on_begin)
    return engine
