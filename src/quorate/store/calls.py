"""The tables of calls and their attempts: one row for each call that was answered or refused, one for each try."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import groupby
from operator import attrgetter, itemgetter
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
)
from sqlalchemy.ext.asyncio import AsyncConnection

from quorate.types.chat import AttemptRecord, Departure
from quorate.types.usage import MISSING, Quality, Usage
from quorate.types.value import Value

from .columns import Count, Moment, Money, Seconds, Words, counted, lasted, words
from .identity import first_identity
from .inserts import insert_tuples
from .metadata import METADATA
from .money import picodollars
from .paging import page_of

TOKEN_CLASSES = (
    "input",
    "cache_read",
    "cache_write",
    "cache_write_1h",
    "input_audio",
    "input_image",
    "output",
    "reasoning",
    "output_audio",
    "output_image",
    "searches",
)
"""Fields of `Usage`, each a column of the same name."""
_counts = attrgetter(*TOKEN_CLASSES)

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
    *(Column(name, Count(), nullable=False) for name in TOKEN_CLASSES),
    Column("usage_quality", Words(), nullable=False),
    Column("stated_cost", Money()),
    Column("cost", Money()),
    Column("price_rule", Words(most=300), nullable=False),
    Column("error", Words(most=1000), nullable=False),
    Column("attempt_count", Integer(), nullable=False),
    # What is listed by, always newest first.
    Index(None, "scope", "id"),
    Index(None, "key_id", "id"),
    Index(None, "model", "id"),
    Index(None, "provider", "id"),
    Index(None, "outcome", "id"),
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


class CallRow(Value):
    """A call, once it is over. Make its `id` with `new_identity(started_at)`: rows are found in time by it."""

    id: str
    request_id: str = ""
    """What the client was told."""
    started_at: int
    """Microseconds since 1970."""
    seconds: float = 0.0
    first_byte_seconds: float | None = None
    scope: str
    """The tenant it belongs to."""
    key_id: str = ""
    front: str = ""
    """The client's protocol."""
    operation: str = ""
    path: str = ""
    model: str = ""
    """As the client asked."""
    stream: bool = False
    status: int = 0
    """The HTTP status that the client got."""
    outcome: str
    """'answered', 'left' (the client went before the end), or the code of the error."""
    provider: str = ""
    answered_model: str = ""
    road: str = ""
    """'relayed', 'translated', or ''."""
    decision: str = ""
    """Why that target."""
    fidelity: tuple[Departure, ...] = ()
    tags: tuple[str, ...] = ()
    usage: Usage = MISSING
    """Without `vendor`, which is not kept."""
    cost: Decimal | None = None
    """Dollars; None where it is not known."""
    price_rule: str = ""
    error: str = ""
    """A short detail, without secrets."""
    attempts: tuple[AttemptRecord, ...] = ()


def size_of(row: CallRow) -> int:
    """About how many bytes a waiting row takes."""
    return _ROW_BYTES + _ATTEMPT_BYTES * len(row.attempts) + len(row.model) + len(row.error)


async def add_calls(connection: AsyncConnection, rows: Sequence[CallRow]) -> None:
    """Write them; those that are there already stay as they are."""
    await insert_tuples(connection, CALLS, [_written(row) for row in rows])
    await insert_tuples(connection, ATTEMPTS, [each for row in rows for each in _written_attempts(row)])


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


def _written(row: CallRow) -> tuple[Any, ...]:
    """In the order of the columns."""
    usage, cost = row.usage, row.cost
    stated = usage.stated_cost
    return (
        words(row.id),
        words(row.request_id, 200),
        row.started_at,
        lasted(row.seconds),
        None if row.first_byte_seconds is None else lasted(row.first_byte_seconds),
        words(row.scope),
        words(row.key_id),
        words(row.front),
        words(row.operation),
        words(row.path, 500),
        words(row.model, 300),
        row.stream,
        row.status,
        words(row.outcome),
        words(row.provider, 300),
        words(row.answered_model, 300),
        words(row.road),
        words(row.decision, 2000),
        _text(row.fidelity),
        _text(row.tags),
        *map(counted, _counts(usage)),
        usage.quality,
        None if stated is None else picodollars(stated),
        None if cost is None else picodollars(cost),
        words(row.price_rule, 300),
        words(row.error, 1000),
        len(row.attempts),
    )


def _written_attempts(row: CallRow) -> Iterable[tuple[Any, ...]]:
    for number, attempt in enumerate(row.attempts):
        yield (
            row.id,
            number,
            words(attempt.target, 300),
            words(attempt.outcome),
            lasted(attempt.seconds),
            attempt.status,
            words(attempt.detail, 1000),
            None if attempt.cost is None else picodollars(attempt.cost),
            attempt.estimated,
        )


def _text(listed: Sequence[Any]) -> str:
    if not listed:
        return "[]"
    try:
        return msgspec.json.encode(listed).decode()
    except UnicodeEncodeError:  # half of a surrogate pair, which came in a header or a setting
        plain = json.dumps(msgspec.to_builtins(listed), ensure_ascii=False)
        return words(plain)


async def _found(connection: AsyncConnection, query: Select[Any]) -> tuple[CallRow, ...]:
    rows = (await connection.execute(query)).mappings().all()
    attempts = await _attempts_of(connection, [row["id"] for row in rows if row["attempt_count"]])
    return tuple(_row(row, attempts.get(row["id"], ())) for row in rows)


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
    counts = {name: row[name] for name in TOKEN_CLASSES}
    return CallRow(
        **{name: row[name] for name in _PLAIN},
        fidelity=msgspec.json.decode(row["fidelity"], type=tuple[Departure, ...]),
        tags=msgspec.json.decode(row["tags"], type=tuple[str, ...]),
        usage=Usage(**counts, quality=quality, stated_cost=row["stated_cost"]),
        attempts=attempts,
    )
