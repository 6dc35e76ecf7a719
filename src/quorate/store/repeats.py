"""The table of repeats: calls with an idempotency key, claimed by who answers them, then with their answer.

A claim is a row without an answer. It holds until its lease is over, so that a worker that died holds nobody up.
"""

from __future__ import annotations

import zlib
from typing import Any

import msgspec
from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Index,
    Integer,
    LargeBinary,
    RowMapping,
    Select,
    Table,
    bindparam,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from quorate.types.value import Value

from .columns import Count, Moment, Words
from .inserts import insert_into
from .metadata import METADATA

REPEATS = Table(
    "repeats",
    METADATA,
    Column("scope", Words(), primary_key=True),
    Column("name", Words(), primary_key=True),
    Column("fingerprint", Words(), nullable=False),
    Column("owner", Words(), nullable=False),
    Column("leased_until", Moment(), nullable=False),
    Column("expires_at", Moment(), nullable=False),
    Column("status", Integer()),
    Column("headers", Words(), nullable=False),
    Column("model", Words(), nullable=False),
    Column("stream", Boolean(), nullable=False),
    Column("body", LargeBinary(), nullable=False),
    Column("size", Count(), nullable=False),
    Index(None, "expires_at"),
)

_DELETED_AT_ONCE = 1000
_LEVEL = 3


class Claim(Value):
    """That someone answers this call, or wants to."""

    scope: str
    name: str
    """The idempotency key."""
    fingerprint: str
    """Of the request."""
    owner: str
    """Who answers: nobody else's claim has it."""


class KeptAnswer(Value):
    """An answer as a client got it."""

    status: int
    headers: dict[str, str]
    model: str
    """As it was asked for: whoever gets the answer must be allowed to ask for it."""
    stream: bool = False
    """It came in pieces."""
    body: bytes


class Standing(Value):
    """How a claim stands: `mine` from this moment on, or `answered`, or somebody else's until `leased_until`."""

    mine: bool = False
    answered: KeptAnswer | None = None
    leased_until: int = 0
    differs: bool = False
    """The name stands for another request."""


async def claim_repeat(
    connection: AsyncConnection, claim: Claim, *, now: int, leased_until: int, expires_at: int
) -> Standing:
    """Claim it, unless it is claimed or answered already; times in microseconds since 1970."""
    row = _claimed(claim, leased_until, expires_at)
    inserted = await connection.execute(insert_into(connection, REPEATS).on_conflict_do_nothing(), row)
    if inserted.rowcount:
        return Standing(mine=True)
    found = await _row(connection, claim)
    if found is not None and found["expires_at"] > now:
        if found["fingerprint"] != claim.fingerprint:
            return Standing(differs=True)
        if found["status"] is not None:
            return Standing(answered=_answer(found))
        if found["leased_until"] > now:
            return Standing(leased_until=found["leased_until"])
    # Its time is over, or whoever had it is gone. Of several who want it now, the first has it.
    owner = "" if found is None else found["owner"]
    taken = await connection.execute(
        update(REPEATS).where(*_named(claim), REPEATS.c.owner == owner).values(row)
    )
    return Standing(mine=True) if taken.rowcount else Standing(leased_until=leased_until)


async def renew_claim(connection: AsyncConnection, claim: Claim, leased_until: int) -> bool:
    """Whether it is still one's own."""
    renewed = await connection.execute(
        update(REPEATS)
        .where(*_named(claim), REPEATS.c.owner == claim.owner)
        .values(leased_until=leased_until)
    )
    return bool(renewed.rowcount)


def pack(body: bytes) -> bytes:
    """As it stands in the row. Of a large one it takes a while: do it where nobody waits."""
    return zlib.compress(body, _LEVEL)


async def keep_answer(
    connection: AsyncConnection, claim: Claim, answer: KeptAnswer, packed: bytes, expires_at: int
) -> None:
    """From then on everybody gets it. Where the claim has gone to somebody else, nothing is kept.

    `packed` is the answer's body, packed.
    """
    await connection.execute(
        update(REPEATS)
        .where(*_named(claim), REPEATS.c.owner == claim.owner)
        .values(
            status=answer.status,
            headers=msgspec.json.encode(answer.headers).decode(),
            model=answer.model,
            stream=answer.stream,
            body=packed,
            size=len(packed),
            expires_at=expires_at,
        )
    )


async def give_up_claim(connection: AsyncConnection, claim: Claim) -> None:
    """There is no answer to keep: the next one tries again."""
    await connection.execute(
        delete(REPEATS).where(*_named(claim), REPEATS.c.owner == claim.owner, REPEATS.c.status.is_(None))
    )


async def delete_repeats(connection: AsyncConnection, before: int) -> int:
    """Of those whose time was over by then, a thousand at most: go on until it says 0."""
    over = (
        select(REPEATS.c.scope, REPEATS.c.name)
        .where(REPEATS.c.expires_at < before)
        .order_by(REPEATS.c.expires_at)
        .limit(_DELETED_AT_ONCE)
    )
    return await _delete(connection, over)


async def shrink_repeats(connection: AsyncConnection, most_bytes: int) -> int:
    """Delete the oldest where all together are larger than that, a thousand at most: go on until it says 0."""
    total = await connection.scalar(select(func.coalesce(func.sum(REPEATS.c.size), 0)))
    if int(total or 0) <= most_bytes:
        return 0
    oldest = (
        select(REPEATS.c.scope, REPEATS.c.name)
        .where(REPEATS.c.status.is_not(None))
        .order_by(REPEATS.c.expires_at)
        .limit(_DELETED_AT_ONCE)
    )
    return await _delete(connection, oldest)


async def _delete(connection: AsyncConnection, listed: Select[str, str]) -> int:
    rows = [{"of_scope": each[0], "of_name": each[1]} for each in await connection.execute(listed)]
    if rows:
        scope, name = bindparam("of_scope", type_=Words()), bindparam("of_name", type_=Words())
        await connection.execute(
            delete(REPEATS).where(REPEATS.c.scope == scope, REPEATS.c.name == name), rows
        )
    return len(rows)


def _named(claim: Claim) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return REPEATS.c.scope == claim.scope, REPEATS.c.name == claim.name


async def _row(connection: AsyncConnection, claim: Claim) -> RowMapping | None:
    return (await connection.execute(select(REPEATS).where(*_named(claim)))).mappings().one_or_none()


def _claimed(claim: Claim, leased_until: int, expires_at: int) -> dict[str, Any]:
    told: dict[str, Any] = {name: getattr(claim, name) for name in Claim.__struct_fields__}
    return told | {
        "leased_until": leased_until,
        "expires_at": expires_at,
        "status": None,
        "headers": "{}",
        "model": "",
        "stream": False,
        "body": b"",
        "size": 0,
    }


def _answer(row: RowMapping) -> KeptAnswer:
    return KeptAnswer(
        status=row["status"],
        headers=msgspec.json.decode(row["headers"], type=dict[str, str]),
        model=row["model"],
        stream=row["stream"],
        body=zlib.decompress(row["body"]) if row["body"] else b"",
    )
