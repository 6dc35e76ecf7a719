"""Kept bodies: found by their call and tenant, erased by call, key, tenant and age."""

from __future__ import annotations

import pytest

from quorate.store.bodies import (
    Body,
    CallBodies,
    add_bodies,
    delete_bodies,
    erase_call_bodies,
    erase_key_bodies,
    erase_scope_bodies,
    find_bodies,
)
from quorate.store.database import Database
from quorate.store.identity import new_identity
from quorate.store.times import SECOND

NOW = 1_800_000_000_000_000


def kept(number: int = 0, *, scope: str = "team", key: str = "k1") -> CallBodies:
    return CallBodies(
        call_id=new_identity(NOW + number * SECOND),
        scope=scope,
        key_id=key,
        redacted=False,
        asked=Body(data=b"\x00\xff question" * 100, size=5_000, truncated=True),
        answered=Body(data=b"", size=0),
    )


async def added(database: Database, *rows: CallBodies) -> None:
    async with database.write() as connection:
        await add_bodies(connection, rows)


async def left(database: Database, *rows: CallBodies) -> list[bool]:
    async with database.read() as connection:
        return [await find_bodies(connection, row.call_id, scope=None) is not None for row in rows]


async def test_bodies_come_back_as_they_were_kept(database: Database):
    row = kept()
    await added(database, row)
    await added(database, row)

    async with database.read() as connection:
        assert await find_bodies(connection, row.call_id, scope="team") == row
        assert await find_bodies(connection, row.call_id, scope=None) == row


async def test_no_tenant_sees_or_erases_another_ones(database: Database):
    row = kept()
    await added(database, row)

    async with database.write() as connection:
        assert await find_bodies(connection, row.call_id, scope="others") is None
        assert await erase_call_bodies(connection, row.call_id, scope="others") == 0
        assert await erase_call_bodies(connection, row.call_id, scope="team") == 1


@pytest.mark.parametrize("by", ["key", "scope", "age"])
async def test_bodies_are_erased_by_whatever_they_are_of(database: Database, by: str):
    rows = kept(0), kept(1, scope="others", key="k2"), kept(2, scope="others", key="k3")
    await added(database, *rows)

    async with database.write() as connection:
        match by:
            case "key":
                count = await erase_key_bodies(connection, "k2")
            case "scope":
                count = await erase_scope_bodies(connection, "others")
            case _:
                count = await delete_bodies(connection, NOW + 2 * SECOND)

    expected = {"key": [True, False, True], "scope": [True, False, False], "age": [False, False, True]}[by]
    assert await left(database, *rows) == expected
    assert count == expected.count(False)
