"""The tables of kept answers, which clients find again and go on from, and of the events of those made for later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    RowMapping,
    Table,
    delete,
    literal,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from quorate.types.value import Value

from .columns import Count, Moment, Words
from .identity import first_identity
from .inserts import insert_into, insert_missing
from .metadata import METADATA
from .paging import page_of

RUNNING = ("queued", "in_progress")
"""States of an answer that is still made."""

ANSWERS = Table(
    "answers",
    METADATA,
    Column("id", Words(), primary_key=True),
    Column("scope", Words(), nullable=False),
    Column("name", Words(), nullable=False),
    Column("parent", Words(), nullable=False),
    Column("is_whole", Boolean(), nullable=False),
    Column("provider", Words(), nullable=False),
    Column("status", Words(), nullable=False),
    Column("background", Boolean(), nullable=False),
    Column("stream", Boolean(), nullable=False),
    Column("lease_until", Moment(), nullable=False),
    Column("size", Count(), nullable=False),
    Column("input", Words(), nullable=False),
    Column("answer", Words(), nullable=False),
    Index(None, "scope", "name", "id"),
)

ANSWER_EVENTS = Table(
    "answer_events",
    METADATA,
    Column("answer_id", Words(), ForeignKey(ANSWERS.c.id, ondelete="CASCADE"), primary_key=True),
    Column("sequence", Integer(), primary_key=True),
    Column("scope", Words(), nullable=False),
    Column("data", Words(), nullable=False),
)

_FIELDS = (
    "id",
    "scope",
    "name",
    "parent",
    "is_whole",
    "provider",
    "status",
    "background",
    "stream",
    "lease_until",
    "input",
    "answer",
)
_CHANGING = ("status", "provider", "lease_until", "size", "answer")
"""What is not known from the beginning."""

_DELETED_AT_ONCE = 200


class KeptAnswer(Value):
    """One answer, and what was asked for it. Make its `id` with `new_identity()`: rows grow old by it."""

    id: str
    scope: str
    """The tenant it belongs to."""
    name: str
    """The id that its client knows. A provider may give the same twice: then the later one holds."""
    parent: str = ""
    """The `id` of the answer that it goes on from; '' for a beginning."""
    is_whole: bool = True
    """All that was asked is here and in its parents, and nothing of it at a provider."""
    provider: str = ""
    """Who made it: what only that one can read goes back to it alone."""
    status: str
    background: bool = False
    """Made without a client waiting."""
    stream: bool = False
    """Its events are kept too."""
    lease_until: int = 0
    """While it is made: the time by which whoever makes it says that it still does. Microseconds since 1970."""
    input: str
    """JSON: a text or a list of items. Without what its parents hold."""
    answer: str
    """JSON: the whole response."""

    @property
    def size(self) -> int:
        """About its bytes."""
        return len(self.input) + len(self.answer)

    @property
    def is_running(self) -> bool:
        return self.status in RUNNING


async def put_answers(connection: AsyncConnection, rows: Sequence[KeptAnswer]) -> None:
    """Write them; one that is there already becomes what is given."""
    if not rows:
        return
    insert = insert_into(connection, ANSWERS)
    changed = {
        name: insert.excluded[name] for name in ("status", "provider", "lease_until", "size", "answer")
    }
    await connection.execute(
        insert.on_conflict_do_update(index_elements=[ANSWERS.c.id], set_=changed),
        [_written(row) for row in rows],
    )


async def find_answer(connection: AsyncConnection, scope: str, name: str) -> KeptAnswer | None:
    """The tenant's answer of that name."""
    query = select(ANSWERS).where(ANSWERS.c.scope == scope, ANSWERS.c.name == name)
    row = (await connection.execute(query.order_by(ANSWERS.c.id.desc()).limit(1))).mappings().first()
    return None if row is None else _read(row)


async def find_line(
    connection: AsyncConnection, scope: str, identity: str, *, most: int, most_bytes: int
) -> tuple[KeptAnswer, ...]:
    """That answer and those it goes on from, newest first; it ends early where so many or so much are found."""
    own = ANSWERS.c
    found = (
        select(own.id, own.parent, literal(1).label("place"), own.size.label("total"))
        .where(own.scope == scope, own.id == identity)
        .cte("line", recursive=True)
    )
    before = ANSWERS.alias()
    line = found.union_all(
        select(before.c.id, before.c.parent, found.c.place + 1, found.c.total + before.c.size)
        .join(found, before.c.id == found.c.parent)
        .where(before.c.scope == scope, found.c.place < most, found.c.total < most_bytes)
    )
    query = select(ANSWERS).join(line, own.id == line.c.id).order_by(line.c.place)
    return tuple(map(_read, (await connection.execute(query)).mappings()))


async def delete_answer(connection: AsyncConnection, scope: str, name: str) -> bool:
    """Whether there was one. Those that go on from it stay, without a beginning."""
    wanted = (ANSWERS.c.scope == scope, ANSWERS.c.name == name)
    return (await connection.execute(delete(ANSWERS).where(*wanted))).rowcount > 0


async def delete_answers(connection: AsyncConnection, before: int) -> int:
    """Delete some of all tenants' that began before that time; how many."""
    oldest = (
        select(ANSWERS.c.id)
        .where(ANSWERS.c.id < first_identity(before))
        .order_by(ANSWERS.c.id)
        .limit(_DELETED_AT_ONCE)
    )
    return (await connection.execute(delete(ANSWERS).where(ANSWERS.c.id.in_(oldest)))).rowcount


async def change_running(connection: AsyncConnection, row: KeptAnswer) -> bool:
    """Write how an answer stands that is still made; False where it is so no more, and stays as it is."""
    own = ANSWERS.c
    wanted = (own.scope == row.scope, own.id == row.id, own.status.in_(RUNNING))
    told = {name: getattr(row, name) for name in _CHANGING}
    return (await connection.execute(update(ANSWERS).where(*wanted).values(told))).rowcount > 0


async def renew_leases(connection: AsyncConnection, identities: Sequence[str], until: int) -> frozenset[str]:
    """Say of answers, of whichever tenants, that they are still made; those of them of which that is true."""
    wanted = (ANSWERS.c.id.in_(identities), ANSWERS.c.status.in_(RUNNING))
    await connection.execute(update(ANSWERS).where(*wanted).values(lease_until=until))
    return frozenset(await connection.scalars(select(ANSWERS.c.id).where(*wanted)))


async def add_events(
    connection: AsyncConnection, scope: str, identity: str, events: Sequence[tuple[int, str]]
) -> None:
    """Sequence number and data of each; those that are there already stay as they are."""
    rows = [
        {"answer_id": identity, "sequence": number, "scope": scope, "data": data} for number, data in events
    ]
    await insert_missing(connection, ANSWER_EVENTS, rows)


async def list_events(
    connection: AsyncConnection, scope: str, identity: str, *, after: int, limit: int = 500
) -> tuple[tuple[int, str], ...]:
    """Those with a sequence number beyond `after`, in order."""
    event = ANSWER_EVENTS.c
    query = (
        select(event.sequence, event.data)
        .where(event.scope == scope, event.answer_id == identity, event.sequence > after)
        .order_by(event.sequence)
        .limit(page_of(limit))
    )
    return tuple((number, data) for number, data in await connection.execute(query))


def _written(row: KeptAnswer) -> dict[str, Any]:
    return {name: getattr(row, name) for name in (*_FIELDS, "size")}


def _read(row: RowMapping) -> KeptAnswer:
    return KeptAnswer(**{name: row[name] for name in _FIELDS})
