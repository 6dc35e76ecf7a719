"""The table of marks: numbers with a name that only grow, for telling cheaply that something has changed."""

from __future__ import annotations

from sqlalchemy import Column, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from .columns import Count, Words
from .inserts import insert_into
from .metadata import METADATA

MARKS = Table(
    "marks",
    METADATA,
    Column("name", Words(), primary_key=True),
    Column("value", Count(), nullable=False),
)


async def raise_mark(connection: AsyncConnection, name: str) -> None:
    """One more. In PostgreSQL, others who raise it wait until this transaction ends: so no two are alike."""
    insert = insert_into(connection, MARKS).values(name=name, value=1)
    await connection.execute(
        insert.on_conflict_do_update(index_elements=[MARKS.c.name], set_={"value": MARKS.c.value + 1})
    )


async def read_mark(connection: AsyncConnection, name: str) -> int:
    """0 where it was never raised."""
    return await connection.scalar(select(MARKS.c.value).where(MARKS.c.name == name)) or 0
