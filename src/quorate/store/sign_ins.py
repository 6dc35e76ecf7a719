"""The table of sign-ins: links that open once, and the sessions of browsers that came by them. Kept as hashes."""

from __future__ import annotations

import secrets

from sqlalchemy import Column, ForeignKey, Table, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from quorate.types.secret import Secret

from .columns import Moment, Words
from .keys import KEYS, StoredKey, find_key, hash_of
from .metadata import METADATA
from .times import SECOND

LINK_LASTS = 10 * 60 * SECOND
SESSION_LASTS = 12 * 60 * 60 * SECOND

SIGN_INS = Table(
    "sign_ins",
    METADATA,
    Column("hash", Words(), primary_key=True),
    Column("kind", Words(), nullable=False),
    Column("key_id", Words(), ForeignKey(KEYS.c.id, ondelete="CASCADE"), nullable=False),
    Column("expires_at", Moment(), nullable=False),
)


async def add_link(connection: AsyncConnection, key_id: str, *, now: int) -> Secret:
    """A word that signs in once, within ten minutes, with the rights of that key."""
    return await _add(connection, "link", key_id, now + LINK_LASTS)


async def open_session(connection: AsyncConnection, link: str, *, now: int) -> Secret | None:
    """The session that a link is good for; None where it was used, has expired or never was."""
    used = (
        delete(SIGN_INS)
        .where(
            SIGN_INS.c.hash == hash_of(link),
            SIGN_INS.c.kind == "link",
            SIGN_INS.c.expires_at > now,
        )
        .returning(SIGN_INS.c.key_id)
    )
    key_id = await connection.scalar(used)
    return None if key_id is None else await _add(connection, "session", key_id, now + SESSION_LASTS)


async def session_key(connection: AsyncConnection, session: str, *, now: int) -> StoredKey | None:
    """The key with whose rights that session acts, if both still hold."""
    key_id = await connection.scalar(
        select(SIGN_INS.c.key_id).where(
            SIGN_INS.c.hash == hash_of(session),
            SIGN_INS.c.kind == "session",
            SIGN_INS.c.expires_at > now,
        )
    )
    key = None if key_id is None else await find_key(connection, key_id)
    return key if key is not None and key.is_live(now) else None


async def end_session(connection: AsyncConnection, session: str) -> None:
    await connection.execute(delete(SIGN_INS).where(SIGN_INS.c.hash == hash_of(session)))


async def delete_sign_ins(connection: AsyncConnection, before: int) -> int:
    """Delete those that expired before that time; how many."""
    return (await connection.execute(delete(SIGN_INS).where(SIGN_INS.c.expires_at < before))).rowcount


async def _add(connection: AsyncConnection, kind: str, key_id: str, expires_at: int) -> Secret:
    word = Secret(secrets.token_urlsafe(32))
    row = {"hash": hash_of(word.reveal()), "kind": kind, "key_id": key_id, "expires_at": expires_at}
    await connection.execute(SIGN_INS.insert(), row)
    return word
