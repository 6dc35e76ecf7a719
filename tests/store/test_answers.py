"""Kept answers: found by their tenant alone, in lines, with their events, and gone when they are deleted."""

from __future__ import annotations

import pytest

from quorate.store.answers import (
    KeptAnswer,
    add_events,
    change_running,
    delete_answer,
    delete_answers,
    find_answer,
    find_line,
    list_events,
    put_answers,
    renew_leases,
)
from quorate.store.database import Database
from quorate.store.identity import new_identity
from quorate.types.value import replace

NOW = 1_800_000_000_000_000
SCOPE = "a tenant"


def kept(name: str = "resp_1", *, at: int = NOW, **fields: object) -> KeptAnswer:
    made = KeptAnswer(
        id=new_identity(at),
        scope=SCOPE,
        name=name,
        status="completed",
        input='"One"',
        answer='{"id":"resp_1","words":"naïve 鍵"}',
    )
    return replace(made, **fields)


async def put(database: Database, *rows: KeptAnswer) -> None:
    async with database.write() as connection:
        await put_answers(connection, rows)


async def found(database: Database, name: str, scope: str = SCOPE) -> KeptAnswer | None:
    async with database.read() as connection:
        return await find_answer(connection, scope, name)


def line_of(count: int) -> list[KeptAnswer]:
    """Each goes on from the one before."""
    rows = [kept("resp_0", at=NOW)]
    for number in range(1, count):
        rows.append(kept(f"resp_{number}", at=NOW + number, parent=rows[-1].id))
    return rows


async def test_an_answer_comes_back_as_it_was_kept(database: Database):
    full = kept(
        parent=new_identity(NOW - 1),
        is_whole=False,
        provider="someone",
        status="in_progress",
        background=True,
        stream=True,
        lease_until=NOW,
    )
    await put(database, full, kept("resp_2"))

    assert await found(database, full.name) == full


async def test_another_tenant_finds_nothing(database: Database):
    mine = kept(status="queued")
    await put(database, mine)
    async with database.write() as connection:
        await add_events(connection, SCOPE, mine.id, [(0, "{}")])
        changed = await change_running(connection, replace(mine, scope="another", status="completed"))
        deleted = await delete_answer(connection, "another", mine.name)
        line = await find_line(connection, "another", mine.id, most=9, most_bytes=9)
        events = await list_events(connection, "another", mine.id, after=-1)

    assert await found(database, mine.name, "another") is None
    assert (changed, deleted, line, events) == (False, False, (), ())
    assert await found(database, mine.name) == mine


async def test_of_two_with_a_name_the_later_is_found_and_both_are_deleted(database: Database):
    first, second = kept(at=NOW), kept(at=NOW + 1)
    await put(database, second, first)

    assert await found(database, first.name) == second
    async with database.write() as connection:
        assert await delete_answer(connection, SCOPE, first.name)
        assert not await delete_answer(connection, SCOPE, first.name)
    assert await found(database, first.name) is None


async def test_writing_again_brings_what_has_changed(database: Database):
    begun = kept(status="queued", answer="{}")
    ended = replace(begun, status="completed", answer='{"id":1}', provider="someone")
    await put(database, begun)
    await put(database, ended)

    assert await found(database, begun.name) == ended


async def test_a_line_is_read_from_its_end_to_its_beginning(database: Database):
    rows = line_of(5)
    await put(database, *rows, kept("resp_aside"))

    async with database.read() as connection:
        line = await find_line(connection, SCOPE, rows[-1].id, most=9, most_bytes=10_000)

    assert list(line) == rows[::-1]


@pytest.mark.parametrize(("most", "most_bytes", "length"), [(3, 10_000, 3), (9, 1, 1), (9, 100, 3)])
async def test_a_line_is_no_longer_than_it_may_be(
    database: Database, most: int, most_bytes: int, length: int
):
    rows = line_of(6)
    await put(database, *rows)

    async with database.read() as connection:
        line = await find_line(connection, SCOPE, rows[-1].id, most=most, most_bytes=most_bytes)

    assert len(line) == length


async def test_a_line_of_another_tenants_does_not_go_on(database: Database):
    theirs = kept(at=NOW, scope="another")
    mine = kept("resp_2", at=NOW + 1, parent=theirs.id)
    await put(database, theirs, mine)

    async with database.read() as connection:
        line = await find_line(connection, SCOPE, mine.id, most=9, most_bytes=10_000)

    assert line == (mine,)


async def test_what_has_ended_is_not_changed_any_more(database: Database):
    running, ended = kept(status="in_progress"), kept("resp_2", status="cancelled", at=NOW + 1)
    await put(database, running, ended)

    async with database.write() as connection:
        assert await change_running(connection, replace(running, status="completed"))
        assert not await change_running(connection, replace(running, status="failed"))
        assert not await change_running(connection, replace(ended, status="completed"))

    assert await found(database, running.name) == replace(running, status="completed")
    assert await found(database, ended.name) == ended


async def test_only_what_is_still_made_has_its_lease_renewed(database: Database):
    running, ended = kept(status="queued"), kept("resp_2", at=NOW + 1)
    await put(database, running, ended)

    async with database.write() as connection:
        alive = await renew_leases(connection, [running.id, ended.id], NOW + 9)

    assert alive == {running.id}
    assert await found(database, running.name) == replace(running, lease_until=NOW + 9)
    assert await found(database, ended.name) == ended


async def test_events_come_in_order_from_where_they_are_known(database: Database):
    row = kept(status="in_progress", stream=True)
    await put(database, row)
    async with database.write() as connection:
        await add_events(connection, SCOPE, row.id, [(1, "b"), (0, "a"), (2, "c")])
        await add_events(connection, SCOPE, row.id, [(2, "again"), (3, "d")])

    async with database.read() as connection:
        rest = await list_events(connection, SCOPE, row.id, after=0, limit=2)
        last = await list_events(connection, SCOPE, row.id, after=2)

    assert rest == ((1, "b"), (2, "c"))
    assert last == ((3, "d"),)


async def test_old_answers_go_with_their_events(database: Database):
    old, young = kept(at=NOW), kept("resp_2", at=NOW + 10)
    await put(database, old, young)
    async with database.write() as connection:
        await add_events(connection, SCOPE, old.id, [(0, "a")])
        gone = await delete_answers(connection, NOW + 5)
        left = await list_events(connection, SCOPE, old.id, after=-1)

    assert (gone, left) == (1, ())
    assert await found(database, old.name) is None
    assert await found(database, young.name) == young
