"""Caller keys: kept as hashes, found, revoked, and a copy of the live ones that is cheap to keep true."""

from __future__ import annotations

import pytest

from quorate.store.database import Database
from quorate.store.keys import (
    StoredKey,
    add_key,
    changed_since,
    find_key,
    hash_of,
    list_keys,
    live_keys,
    new_key,
    revoke_key,
    stored_key,
    touch_keys,
)
from quorate.types.value import replace

NOW = 1_800_000_000_000_000


def key(name: str = "a key", *, now: int = NOW) -> StoredKey:
    return stored_key(new_key(), name=name, now=now)


async def added(database: Database, *keys: StoredKey) -> None:
    async with database.write() as connection:
        for each in keys:
            await add_key(connection, each)


async def version_of(database: Database) -> int:
    async with database.read() as connection:
        return (await live_keys(connection, now=NOW)).version


async def test_a_key_comes_back_as_it_was_kept(database: Database):
    plain = key()
    full = replace(
        key("naïve 鍵"),
        scope="team",
        models=("gpt-*", "route/fast"),
        requests_per_minute=60,
        tokens_per_minute=10**12,
        expires_at=NOW + 1,
        revoked_at=NOW + 2,
        last_used_at=NOW + 3,
        keep_bodies=True,
        is_admin=True,
    )
    await added(database, plain, full)

    async with database.read() as connection:
        assert await find_key(connection, plain.id) == plain
        assert await find_key(connection, full.id) == full
        assert await find_key(connection, "elsewhere") is None


def test_of_a_key_only_its_hash_and_its_end_are_kept():
    secret = new_key()
    kept = stored_key(secret, name="mine", now=NOW)

    assert secret.reveal().startswith("qk-")
    assert len(secret.reveal()) == 46
    assert secret.reveal() not in repr(kept)
    assert (kept.hash, kept.shown) == (hash_of(secret.reveal()), secret.reveal()[-4:])
    assert kept.scope == f"key-{kept.id}"


async def test_keys_are_listed_page_by_page_in_the_order_they_were_made(database: Database):
    made = [key(f"key {number}", now=NOW + number) for number in range(5)]
    await added(database, *reversed(made))

    async with database.read() as connection:
        first = await list_keys(connection, limit=2)
        second = await list_keys(connection, after=first[-1].id, limit=2)
        third = await list_keys(connection, after=second[-1].id, limit=2)

    assert [*first, *second, *third] == made
    assert len(third) == 1


async def test_a_key_is_revoked_once_and_stays_so(database: Database):
    made = key()
    await added(database, made)
    before = await version_of(database)

    async with database.write() as connection:
        first = await revoke_key(connection, made.id, now=NOW + 1)
        again = await revoke_key(connection, made.id, now=NOW + 2)
        assert await revoke_key(connection, "elsewhere", now=NOW) is None

    assert first == again == replace(made, revoked_at=NOW + 1)
    assert await version_of(database) == before + 1


async def test_keys_that_open_nothing_are_not_live(database: Database):
    live, later = key("live"), replace(key("later"), expires_at=NOW + 1)
    revoked, expired = (
        replace(key("revoked"), revoked_at=NOW - 1),
        replace(key("expired"), expires_at=NOW),
    )
    await added(database, live, later, revoked, expired)

    async with database.read() as connection:
        found = await live_keys(connection, now=NOW)

    assert {each.name for each in found.keys} == {"live", "later"}
    assert [each.is_live(NOW) for each in (live, later, revoked, expired)] == [True, True, False, False]


async def test_a_copy_of_the_live_keys_is_read_again_only_where_it_has_changed(database: Database):
    await added(database, key("first"))
    async with database.read() as connection:
        copy = await live_keys(connection, now=NOW)
        unchanged = await changed_since(connection, copy.version, now=NOW)
    await added(database, key("second"))
    async with database.read() as connection:
        changed = await changed_since(connection, copy.version, now=NOW)

    assert unchanged is None
    assert changed is not None
    assert changed.version > copy.version
    assert {each.name for each in changed.keys} == {"first", "second"}


async def test_a_change_that_is_undone_leaves_the_mark_where_it_was(database: Database):
    before = await version_of(database)

    async def undone() -> None:
        async with database.write() as connection:
            await add_key(connection, key())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await undone()

    assert await version_of(database) == before


async def test_use_is_noted_for_many_at_once_and_changes_no_mark(database: Database):
    used, unused = key("used"), key("unused")
    await added(database, used, unused)
    before = await version_of(database)

    async with database.write() as connection:
        await touch_keys(connection, {used.id: NOW + 5, "elsewhere": NOW})
        await touch_keys(connection, {used.id: NOW + 4})
        await touch_keys(connection, {})

    async with database.read() as connection:
        found = {each.name: each.last_used_at for each in await list_keys(connection)}
    assert found == {"used": NOW + 5, "unused": None}
    assert await version_of(database) == before
