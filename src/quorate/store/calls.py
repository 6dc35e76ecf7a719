"""The tables of calls and their attempts: one row for each call that was answered or refused, one for each try."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, get_args

import msgspec
from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    Select,
    Table,
    delete,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from quorate.types.chat import AttemptRecord, Departure
from quorate.types.usage import Quality, Usage

from .call_row import COLUMN_OF, CallRow, Written, written
from .columns import Count, Moment, Money, Seconds, Words
from .identity import first_identity
from .inserts import insert_tuples
from .metadata import METADATA
from .paging import page_of

_FAILED = text("outcome <> 'answered'")

CALLS = Table(
    "calls",
    METADATA,
    Column("id", Words(), primary_key=True),
    Column("request_id", Words(most=200), nullable=False),
    Column("started_at", Moment(), nullable=False),
    Column("seconds", Seconds(), nullable=False),
    Column("first_byte_seconds", Seconds()),
    Column("scope", Words(), nullable=False),
    Column("key_id", Words(), nullable=False),
    Column("front", Words(), nullable=False),
    Column("operation", Words(), nullable=False),
    Column("path", Words(most=500), nullable=False),
    Column("model", Words(most=300), nullable=False),
    Column("stream", Boolean(), nullable=False),
    Column("status", Integer(), nullable=False),
    Column("outcome", Words(), nullable=False),
    Column("provider", Words(most=300), nullable=False),
    Column("answered_model", Words(most=300), nullable=False),
    Column("road", Words(), nullable=False),
    Column("decision", Words(most=2000), nullable=False),
    Column("fidelity", Words(), nullable=False),
    Column("tags", Words(), nullable=False),
    *(Column(name, Count(), nullable=False) for name in COLUMN_OF.values()),
    Column("usage_quality", Words(), nullable=False),
    Column("stated_cost", Money()),
    Column("cost", Money()),
    Column("price_rule", Words(most=300), nullable=False),
    Column("error", Words(most=1000), nullable=False),
    Column("attempt_count", Integer(), nullable=False),
    Column("upstream_seconds", Seconds()),
    # What is listed by, always newest first; what was answered is found among the newest.
    Index(None, "scope", "id"),
    Index(None, "key_id", "id"),
    Index(None, "model", "id"),
    Index(None, "provider", "id"),
    Index(None, "outcome", "id", sqlite_where=_FAILED, postgresql_where=_FAILED),
    sqlite_with_rowid=False,
)

ATTEMPTS = Table(
    "attempts",
    METADATA,
    Column("call_id", Words(), ForeignKey(CALLS.c.id, ondelete="CASCADE"), primary_key=True),
    Column("number", Integer(), primary_key=True),
    Column("target", Words(most=300), nullable=False),
    Column("outcome", Words(), nullable=False),
    Column("seconds", Seconds(), nullable=False),
    Column("status", Integer(), nullable=False),
    Column("detail", Words(most=1000), nullable=False),
    Column("cost", Money()),
    Column("estimated", Boolean(), nullable=False),
)

_PLAIN = (
    "id",
    "request_id",
    "started_at",
    "seconds",
    "first_byte_seconds",
    "scope",
    "key_id",
    "front",
    "operation",
    "path",
    "model",
    "stream",
    "status",
    "outcome",
    "provider",
    "answered_model",
    "road",
    "decision",
    "cost",
    "price_rule",
    "error",
)
"""Fields of `CallRow` that are columns as they are."""

_OF_ATTEMPTS = ("target", "outcome", "seconds", "status", "detail", "cost", "estimated")
_DELETED_AT_ONCE = 2000
_ROW_BYTES, _ATTEMPT_BYTES = 1500, 700


def size_of(row: CallRow) -> int:
    """About how many bytes a waiting row takes."""
    return _ROW_BYTES + _ATTEMPT_BYTES * len(row.attempts) + len(row.model) + len(row.error)


async def add_calls(connection: AsyncConnection, rows: Sequence[CallRow]) -> None:
    """Write them; those that are there already stay as they are."""
    await add_written(connection, written(rows))


async def add_written(connection: AsyncConnection, rows: Written) -> None:
    """The same of rows that are ready."""
    await insert_tuples(connection, CALLS, rows.calls)
    await insert_tuples(connection, ATTEMPTS, rows.attempts)


async def list_calls(
    connection: AsyncConnection,
    scope: str | None,
    *,
    before: str = "",
    limit: int = 100,
    model: str | None = None,
    provider: str | None = None,
    outcome: str | None = None,
    key_id: str | None = None,
    since: int | None = None,
    until: int | None = None,
) -> tuple[CallRow, ...]:
    """A page of them, newest first: those before the one with the id `before`; of every tenant for a scope of None.

    `since` counts in, `until` does not; both are microseconds since 1970.
    """
    exact = {"scope": scope, "model": model, "provider": provider, "outcome": outcome, "key_id": key_id}
    query = select(CALLS).where(*(CALLS.c[name] == word for name, word in exact.items() if word is not None))
    if outcome not in (None, "answered"):
        query = query.where(_FAILED)  # says to SQLite that its index will do
    if before:
        query = query.where(CALLS.c.id < before)
    if since is not None:
        query = query.where(CALLS.c.id >= first_identity(since))
    if until is not None:
        query = query.where(CALLS.c.id < first_identity(until))
    return await _found(connection, query.order_by(CALLS.c.id.desc()).limit(page_of(limit)))


async def find_call(connection: AsyncConnection, scope: str | None, identity: str) -> CallRow | None:
    """That call, where it belongs to the tenant; whichever tenant's for a scope of None."""
    query = select(CALLS).where(CALLS.c.id == identity)
    if scope is not None:
        query = query.where(CALLS.c.scope == scope)
    return next(iter(await _found(connection, query)), None)


async def delete_calls(connection: AsyncConnection, before: int) -> int:
    """Delete the oldest of those that began before that time, and their attempts; how many.

    A few thousand in one transaction, so that nobody waits long for it: go on until it says 0.
    """
    oldest = (
        select(CALLS.c.id)
        .where(CALLS.c.id < first_identity(before))
        .order_by(CALLS.c.id)
        .limit(_DELETED_AT_ONCE)
    )
    return (await connection.execute(delete(CALLS).where(CALLS.c.id.in_(oldest)))).rowcount


async def _found(connection: AsyncConnection, query: Select[Any]) -> tuple[CallRow, ...]:
    rows = (await connection.execute(query)).mappings().all()
    apart = [row["id"] for row in rows if row["attempt_count"] and row["upstream_seconds"] is None]
    attempts = await _attempts_of(connection, apart)
    return tuple(
        _row(row, attempts.get(row["id"], ()) if row["upstream_seconds"] is None else (_attempt_told(row),))
        for row in rows
    )


def _attempt_told(row: RowMapping) -> AttemptRecord:
    """The attempt of such a call."""
    return AttemptRecord(
        target=f"{row['provider']}/{row['answered_model']}",
        outcome=row["outcome"],
        seconds=row["upstream_seconds"],
        status=row["status"],
        detail=row["error"],
        cost=row["cost"],
        estimated=row["usage_quality"] == "estimated",
    )


async def _attempts_of(
    connection: AsyncConnection, calls: Sequence[str]
) -> dict[str, tuple[AttemptRecord, ...]]:
    if not calls:
        return {}
    wanted: ColumnElement[bool] = ATTEMPTS.c.call_id.in_(calls)
    query = select(ATTEMPTS).where(wanted).order_by(ATTEMPTS.c.call_id, ATTEMPTS.c.number)
    rows = (await connection.execute(query)).mappings()
    return {call: tuple(map(_attempt, group)) for call, group in groupby(rows, itemgetter("call_id"))}


def _attempt(row: RowMapping) -> AttemptRecord:
    return AttemptRecord(**{name: row[name] for name in _OF_ATTEMPTS})


def _row(row: RowMapping, attempts: tuple[AttemptRecord, ...]) -> CallRow:
    quality: Quality = row["usage_quality"] if row["usage_quality"] in get_args(Quality) else "missing"
    counts = {name: row[column] for name, column in COLUMN_OF.items()}
    return CallRow(
        **{name: row[name] for name in _PLAIN},
        fidelity=msgspec.json.decode(row["fidelity"], type=tuple[Departure, ...]),
        tags=msgspec.json.decode(row["tags"], type=tuple[str, ...]),
        usage=Usage(**counts, quality=quality, stated_cost=row["stated_cost"]),
        attempts=attempts,
    )
