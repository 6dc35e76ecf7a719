"""Keys in the store: made at the first start, followed while the gateway runs, noted when they are used."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from quorate.errors import StoreUnavailable, UnknownCaller
from quorate.gateway.callers import Caller, KeyRing
from quorate.gateway.opening import prepare, stored_rights
from quorate.gateway.record import AccessRecord
from quorate.gateway.stored_keys import StoredKeys, make_first_keys
from quorate.store.database import open_database
from quorate.store.keys import add_key, list_keys, new_key, revoke_key, stored_key
from quorate.store.times import now
from quorate.types.secret import Secret


def url_in(folder: Path) -> str:
    return f"sqlite:///{folder / 'quorate.db'}"


def bytes_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


def replace_by_folder(path: Path) -> None:
    """No database can be opened there any more."""
    path.unlink()
    path.mkdir()


def found(ring: KeyRing, key: Secret) -> Caller:
    return ring.find({"x-api-key": key.reveal()}, {})


async def test_the_first_start_makes_keys_and_keeps_no_word_of_them(tmp_path: Path):
    url = Secret(url_in(tmp_path))
    first, link = await prepare(url, with_caller=True)
    again, other = await prepare(url, with_caller=True)

    assert first is not None
    assert first.caller is not None
    assert again is None
    kept = bytes_in(tmp_path)
    words = [each.reveal().encode() for each in (first.admin, first.caller, link, other)]
    assert not any(word in kept for word in words)
    assert len(set(words)) == 4


async def test_where_the_settings_have_keys_only_an_admins_is_made(tmp_path: Path):
    first, _ = await prepare(Secret(url_in(tmp_path)), with_caller=False)

    assert first is not None
    assert first.caller is None


async def test_what_the_store_opens_is_known_before_anybody_listens(tmp_path: Path):
    url = Secret(url_in(tmp_path))
    before = await stored_rights(url)
    await prepare(url, with_caller=False)
    admin_alone = await stored_rights(url)
    database = await open_database(url.reveal())
    async with database.write() as connection:
        await add_key(connection, stored_key(new_key(), name="client", now=now()))
    await database.close()

    assert (before, admin_alone) == ((False, False), (False, True))
    assert await stored_rights(url) == (True, True)


async def test_of_starts_at_once_only_one_makes_keys(tmp_path: Path):
    database = await open_database(url_in(tmp_path))
    made = await asyncio.gather(*(make_first_keys(database) for _ in range(8)))
    async with database.read() as connection:
        kept = await list_keys(connection)
    await database.close()

    assert sum(each is not None for each in made) == 1
    assert [key.name for key in kept] == ["admin", "first"]


async def test_keys_that_change_elsewhere_are_followed(tmp_path: Path):
    here, elsewhere = await open_database(url_in(tmp_path)), await open_database(url_in(tmp_path))
    ring, key = KeyRing(), new_key()
    stored = StoredKeys(here, ring)
    await stored.refresh()
    made = stored_key(key, name="made elsewhere", now=now())
    async with elsewhere.write() as connection:
        await add_key(connection, made)
    await stored.refresh()
    opened = found(ring, key)
    async with elsewhere.write() as connection:
        await revoke_key(connection, made.id, now=now())
    await stored.refresh()

    assert (opened.key, opened.scope) == (made.id, f"key-{made.id}")
    with pytest.raises(UnknownCaller):
        found(ring, key)
    await here.close()
    await elsewhere.close()


async def test_when_a_key_was_used_is_noted(tmp_path: Path):
    database = await open_database(url_in(tmp_path))
    stored = StoredKeys(database, KeyRing())
    key = stored_key(new_key(), name="used", now=now())
    async with database.write() as connection:
        await add_key(connection, key)
    await stored.refresh()
    records = [AccessRecord(str(number), "POST", "/") for number in range(2)]
    records[0].key, records[1].key = key.id, "another"
    stored.take(records)
    await stored.note_used()
    async with database.read() as connection:
        (kept,) = await list_keys(connection)
    await database.close()

    assert kept.last_used_at == int(records[0].started_at * 1_000_000)


async def test_a_store_that_is_gone_leaves_the_known_keys_in_force(tmp_path: Path):
    database = await open_database(url_in(tmp_path))
    ring, key = KeyRing(), new_key()
    stored = StoredKeys(database, ring)
    async with database.write() as connection:
        await add_key(connection, stored_key(key, name="known", now=now()))
    await stored.refresh()
    await database.close()
    replace_by_folder(tmp_path / "quorate.db")

    with pytest.raises(StoreUnavailable):
        await stored.refresh()
    assert found(ring, key).name == "known"
