"""Links open once and sessions end with the key they act for, in both databases."""

from __future__ import annotations

from quorate.store.database import Database
from quorate.store.keys import add_key, new_key, revoke_key, stored_key
from quorate.store.sign_ins import (
    LINK_LASTS,
    SESSION_LASTS,
    add_link,
    delete_sign_ins,
    end_session,
    open_session,
    session_key,
)

NOW = 1_000_000


async def signed_in(database: Database) -> tuple[str, str, str]:
    """The key's id, the link that was used, and the session it opened."""
    key = stored_key(new_key(), name="admin", now=NOW)
    async with database.write() as connection:
        await add_key(connection, key)
        link = (await add_link(connection, key.id, now=NOW)).reveal()
        session = await open_session(connection, link, now=NOW + 1)
    assert session is not None
    return key.id, link, session.reveal()


async def test_a_link_opens_one_session_and_no_second(database: Database):
    key, link, session = await signed_in(database)

    async with database.write() as connection:
        again = await open_session(connection, link, now=NOW + 2)
        found = await session_key(connection, session, now=NOW + 2)
        by_link = await session_key(connection, link, now=NOW + 2)

    assert again is None
    assert found is not None
    assert found.id == key
    assert by_link is None


async def test_links_and_sessions_have_an_end(database: Database):
    key, _, session = await signed_in(database)

    async with database.write() as connection:
        late = (await add_link(connection, key, now=NOW)).reveal()
        opened = await open_session(connection, late, now=NOW + LINK_LASTS)
        before = await session_key(connection, session, now=NOW + SESSION_LASTS)
        after = await session_key(connection, session, now=NOW + 1 + SESSION_LASTS)

    assert (opened, after) == (None, None)
    assert before is not None


async def test_a_session_ends_when_it_is_left_or_its_key_is_revoked(database: Database):
    (_, _, left), (key, _, revoked) = await signed_in(database), await signed_in(database)

    async with database.write() as connection:
        await end_session(connection, left)
        await revoke_key(connection, key, now=NOW + 5)
        found = [await session_key(connection, each, now=NOW + 6) for each in (left, revoked)]

    assert found == [None, None]


async def test_what_has_expired_is_swept(database: Database):
    await signed_in(database)

    async with database.write() as connection:
        early = await delete_sign_ins(connection, NOW)
        late = await delete_sign_ins(connection, NOW + 2 + SESSION_LASTS)

    assert (early, late) == (0, 1)
