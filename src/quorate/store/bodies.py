"""The table of bodies: what calls asked and were answered, of keys that wish it kept. Compressed; never the headers."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Boolean, Column, ColumnElement, Index, LargeBinary, RowMapping, Table, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from quorate.types.value import Value

from .columns import Count, Words
from .identity import first_identity
from .inserts import insert_missing
from .metadata import METADATA

BODIES = Table(
    "bodies",
    METADATA,
    Column("call_id", Words(), primary_key=True),
    Column("scope", Words(), nullable=False),
    Column("key_id", Words(), nullable=False),
    Column("redacted", Boolean(), nullable=False),
    Column("asked", LargeBinary(), nullable=False),
    Column("asked_size", Count(), nullable=False),
    Column("asked_truncated", Boolean(), nullable=False),
    Column("answered", LargeBinary(), nullable=False),
    Column("answered_size", Count(), nullable=False),
    Column("answered_truncated", Boolean(), nullable=False),
    # What they are erased by.
    Index(None, "scope", "call_id"),
    Index(None, "key_id", "call_id"),
)

_DELETED_AT_ONCE = 1000
_LEVEL = 3
"""Of compression: text shrinks to a quarter, at a hundred megabytes a second."""


class Body(Value):
    """One side of a call."""

    data: bytes = b""
    """What is kept of it."""
    size: int = 0
    """Bytes that it had."""
    truncated: bool = False
    """Not all of it is kept."""


class CallBodies(Value):
    """What one call asked and was answered. The call's own row has the same id."""

    call_id: str
    scope: str
    key_id: str
    redacted: bool
    """Personal data were taken out before it was written."""
    asked: Body = Body()
    answered: Body = Body()


async def add_bodies(connection: AsyncConnection, rows: Sequence[CallBodies]) -> None:
    """Those that are there already stay as they are."""
    await insert_missing(connection, BODIES, [_written(row) for row in rows])


async def find_bodies(connection: AsyncConnection, call_id: str, *, scope: str | None) -> CallBodies | None:
    """Of one call of that tenant; of any one's for a scope of None."""
    query = select(BODIES).where(BODIES.c.call_id == call_id)
    if scope is not None:
        query = query.where(BODIES.c.scope == scope)
    row = (await connection.execute(query)).mappings().one_or_none()
    return None if row is None else _read(row)


async def erase_call_bodies(connection: AsyncConnection, call_id: str, *, scope: str | None) -> int:
    """How many there were, as of the two below."""
    fitting = BODIES.c.call_id == call_id
    return await _erase(connection, fitting if scope is None else fitting & (BODIES.c.scope == scope))


async def erase_key_bodies(connection: AsyncConnection, key_id: str) -> int:
    """A thousand at most in one transaction: go on until it says 0."""
    return await _erase(connection, BODIES.c.key_id == key_id)


async def erase_scope_bodies(connection: AsyncConnection, scope: str) -> int:
    """As of a key."""
    return await _erase(connection, BODIES.c.scope == scope)


async def delete_bodies(connection: AsyncConnection, before: int) -> int:
    """Of calls that began before that time; as of a key."""
    return await _erase(connection, BODIES.c.call_id < first_identity(before))


async def _erase(connection: AsyncConnection, fitting: ColumnElement[bool]) -> int:
    oldest = select(BODIES.c.call_id).where(fitting).order_by(BODIES.c.call_id).limit(_DELETED_AT_ONCE)
    return (await connection.execute(delete(BODIES).where(BODIES.c.call_id.in_(oldest)))).rowcount


def _written(row: CallBodies) -> dict[str, Any]:
    told: dict[str, Any] = {name: getattr(row, name) for name in ("call_id", "scope", "key_id", "redacted")}
    for side in ("asked", "answered"):
        body: Body = getattr(row, side)
        told |= {
            side: zlib.compress(body.data, _LEVEL) if body.data else b"",
            f"{side}_size": body.size,
            f"{side}_truncated": body.truncated,
        }
    return told


def _read(row: RowMapping) -> CallBodies:
    asked, answered = (
        Body(
            data=zlib.decompress(row[side]) if row[side] else b"",
            size=row[f"{side}_size"],
            truncated=row[f"{side}_truncated"],
        )
        for side in ("asked", "answered")
    )
    return CallBodies(
        call_id=row["call_id"],
        scope=row["scope"],
        key_id=row["key_id"],
        redacted=row["redacted"],
        asked=asked,
        answered=answered,
    )
