"""Inserts that meet a row which is there already, for both databases."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection

Insert = postgresql.Insert | sqlite.Insert

_TOGETHER, _MOST_VALUES = 40, 32_000 if sqlite3.sqlite_version_info >= (3, 32) else 999
"""Rows that SQLite is handed in one step, and values: its thread and the loop's hinder each other at every step."""

_WRITTEN: dict[tuple[str, str, int], str] = {}
"""(table, database, rows) → the statement, which takes long to make."""


def insert_into(connection: AsyncConnection, table: Table) -> Insert:
    """An insert with `on_conflict_do_nothing` and `on_conflict_do_update`, for the connection's database."""
    return _insert(table, connection.dialect)


async def insert_missing(
    connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Insert those rows whose primary key is not there yet.

    So writing again what may have been written is harmless: a connection can break while it commits.
    """
    if rows:
        await connection.execute(insert_into(connection, table).on_conflict_do_nothing(), [*rows])


async def insert_tuples(connection: AsyncConnection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """The same for very many: each row in the order of the table's columns, and ready for the driver.

    The kinds of the columns are passed by, which halves the time; `words` and its like do by hand what they do.
    """
    if connection.dialect.name == "sqlite":
        size = min(_TOGETHER, _MOST_VALUES // len(table.columns))
        rest = len(rows) % size
        joined = [tuple(chain.from_iterable(rows[at : at + size])) for at in range(0, len(rows) - rest, size)]
        if joined:
            await connection.exec_driver_sql(_written(table, connection.dialect, size), joined)
        rows = rows[len(rows) - rest :]
    if rows:
        await connection.exec_driver_sql(_written(table, connection.dialect), [*rows])


def _written(table: Table, dialect: Dialect, rows: int = 1) -> str:
    """For so many rows at once."""
    known = (table.name, dialect.name, rows)
    if known not in _WRITTEN:
        insert = _insert(table, dialect).on_conflict_do_nothing()
        columns = [column.key for column in table.columns]
        one = str(insert.compile(dialect=dialect, column_keys=columns))
        row = f"({', '.join('?' * len(columns))})"
        _WRITTEN[known] = one if rows == 1 else one.replace(row, ", ".join([row] * rows))
    return _WRITTEN[known]


def _insert(table: Table, dialect: Dialect) -> Insert:
    return postgresql.insert(table) if dialect.name == "postgresql" else sqlite.insert(table)
