"""Inserts that meet a row which is there already, for both databases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection

Insert = postgresql.Insert | sqlite.Insert

_WRITTEN: dict[tuple[str, str], str] = {}
"""(table, database) → the statement, which takes long to make."""


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
    if rows:
        await connection.exec_driver_sql(_written(table, connection.dialect), [*rows])


def _written(table: Table, dialect: Dialect) -> str:
    known = (table.name, dialect.name)
    if known not in _WRITTEN:
        insert = _insert(table, dialect).on_conflict_do_nothing()
        columns = [column.key for column in table.columns]
        _WRITTEN[known] = str(insert.compile(dialect=dialect, column_keys=columns))
    return _WRITTEN[known]


def _insert(table: Table, dialect: Dialect) -> Insert:
    return postgresql.insert(table) if dialect.name == "postgresql" else sqlite.insert(table)
