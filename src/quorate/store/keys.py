"""The table of caller keys: who may call, until when, which models, how much a minute.

Of a key only its hash is kept. Every change raises a mark, so that who holds a copy of the live keys can ask
cheaply whether it still holds: `changed_since`.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import Boolean, Column, RowMapping, Table, bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from quorate.types.secret import Secret
from quorate.types.value import Value

from .columns import Count, Moment, Words
from .identity import new_identity
from .marks import raise_mark, read_mark
from .metadata import METADATA
from .paging import page_of

KEYS = Table(
    "keys",
    METADATA,
    Column("id", Words(), primary_key=True),
    Column("name", Words(most=200), nullable=False),
    Column("hash", Words(), nullable=False, unique=True),
    Column("shown", Words(), nullable=False),
    Column("scope", Words(), nullable=False),
    Column("models", Words(), nullable=False),
    Column("requests_per_minute", Count()),
    Column("tokens_per_minute", Count()),
    Column("created_at", Moment(), nullable=False),
    Column("expires_at", Moment()),
    Column("revoked_at", Moment()),
    Column("last_used_at", Moment()),
    Column("keep_bodies", Boolean(), nullable=False),
    Column("is_admin", Boolean(), nullable=False),
)

MARK = "keys"


class StoredKey(Value):
    """A caller's key as it is kept. Times are microseconds since 1970."""

    id: str
    name: str
    hash: str
    """SHA-256 of the key, in hexadecimal."""
    shown: str
    """Its last four characters, so that its owner knows which one it is."""
    scope: str
    """The tenant under which everything of this key is kept."""
    models: tuple[str, ...] = ()
    """Patterns, '*' stands for anything; () = any model."""
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    created_at: int
    expires_at: int | None = None
    revoked_at: int | None = None
    last_used_at: int | None = None
    keep_bodies: bool = False
    """Whether what its calls say is kept too."""
    is_admin: bool = False

    def is_live(self, at: int) -> bool:
        """Whether it opens anything at that time."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)


class LiveKeys(Value):
    """A copy of the keys that open something, and the mark it is of."""

    version: int
    keys: tuple[StoredKey, ...]


def new_key() -> Secret:
    """A key that nobody has."""
    return Secret(f"qk-{secrets.token_urlsafe(32)}")


def hash_of(key: str) -> str:
    """What is kept of a key."""
    return sha256(key.encode(errors="surrogatepass")).hexdigest()


def stored_key(key: Secret, *, name: str, now: int, scope: str = "") -> StoredKey:
    """What is to be kept of a key; `replace` the rest. Without a scope it gets one of its own."""
    identity = new_identity(now)
    return StoredKey(
        id=identity,
        name=name,
        hash=hash_of(key.reveal()),
        shown=key.tail,
        scope=scope or f"key-{identity}",
        created_at=now,
    )


async def add_key(connection: AsyncConnection, key: StoredKey) -> None:
    row = {name: getattr(key, name) for name in StoredKey.__struct_fields__}
    row["models"] = msgspec.json.encode(key.models).decode()
    await connection.execute(KEYS.insert(), row)
    await raise_mark(connection, MARK)


async def list_keys(
    connection: AsyncConnection, *, after: str = "", limit: int = 100
) -> tuple[StoredKey, ...]:
    """A page of them, revoked ones too, oldest first: those after the one with the id `after`."""
    rows = await connection.execute(
        select(KEYS).where(KEYS.c.id > after).order_by(KEYS.c.id).limit(page_of(limit))
    )
    return tuple(map(_key, rows.mappings()))


async def find_key(connection: AsyncConnection, identity: str) -> StoredKey | None:
    rows = await connection.execute(select(KEYS).where(KEYS.c.id == identity))
    row = rows.mappings().one_or_none()
    return None if row is None else _key(row)


async def revoke_key(connection: AsyncConnection, identity: str, *, now: int) -> StoredKey | None:
    """From then on it opens nothing; once revoked, it stays as it was. None where there is no such key."""
    revoked = await connection.execute(
        update(KEYS).where(KEYS.c.id == identity, KEYS.c.revoked_at.is_(None)).values(revoked_at=now)
    )
    if revoked.rowcount:
        await raise_mark(connection, MARK)
    return await find_key(connection, identity)


async def touch_keys(connection: AsyncConnection, used: Mapping[str, int]) -> None:
    """Note when keys were used last: id → time. An earlier time than the noted one changes nothing."""
    if not used:
        return
    at, identity = bindparam("at", type_=Moment()), bindparam("identity", type_=Words())
    noted = update(KEYS).where(
        KEYS.c.id == identity, or_(KEYS.c.last_used_at.is_(None), KEYS.c.last_used_at < at)
    )
    # In one order everywhere, so that two who note the same keys do not wait for one another for ever.
    rows = [{"identity": each, "at": used[each]} for each in sorted(used)]
    await connection.execute(noted.values(last_used_at=at), rows)


async def live_keys(connection: AsyncConnection, *, now: int) -> LiveKeys:
    """All that open something."""
    version = await read_mark(connection, MARK)
    rows = await connection.execute(
        select(KEYS)
        .where(KEYS.c.revoked_at.is_(None), or_(KEYS.c.expires_at.is_(None), KEYS.c.expires_at > now))
        .order_by(KEYS.c.id)
    )
    return LiveKeys(version=version, keys=tuple(map(_key, rows.mappings())))


async def changed_since(connection: AsyncConnection, version: int, *, now: int) -> LiveKeys | None:
    """The live keys, where they have changed since that copy; else None, after reading one row.

    Expiry changes nothing: whoever holds a copy asks `StoredKey.is_live`.
    """
    if await read_mark(connection, MARK) == version:
        return None
    return await live_keys(connection, now=now)


def _key(row: RowMapping) -> StoredKey:
    told: dict[str, Any] = dict(row)
    told["models"] = msgspec.json.decode(told["models"], type=tuple[str, ...])
    return StoredKey(**told)
