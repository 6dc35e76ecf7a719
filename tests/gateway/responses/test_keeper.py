"""Keeping answers: nobody waits for it, a database that is gone is waited for, what is lost is counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from quorate.errors import TooLarge, UnknownPrevious
from quorate.gateway.answers import keeper as keeping_module
from quorate.gateway.answers.keeper import MOST_BYTES, Keeper
from quorate.sim.simulator import Simulator
from quorate.store.answers import KeptAnswer
from quorate.store.database import open_database
from quorate.store.identity import new_identity
from quorate.types.value import replace
from tests.gateway.house import seen

from .kept import Tenant, keeping

SCOPE = "a tenant"


def kept(name: str, parent: str = "", **fields: Any) -> KeptAnswer:
    made = KeptAnswer(
        id=new_identity(),
        scope=SCOPE,
        name=name,
        parent=parent,
        status="completed",
        input='"One"',
        answer="{}",
    )
    return replace(made, **fields)


async def test_answers_go_on_and_are_found_while_nothing_can_be_written(tenant: Tenant):
    async with tenant.database.write():
        first = await tenant.create("One")
        second = await tenant.create("Two", previous_response_id=first["id"])
        waiting = tenant.answers.keeper.waiting
        found = await tenant.get(second["id"])
    await seen(lambda: tenant.answers.keeper.waiting == 0)

    assert waiting == 2
    assert found == second
    assert await tenant.get(first["id"]) == first
    assert tenant.answers.keeper.lost == 0


async def test_a_line_is_found_half_of_it_written(store: Path):
    database = await open_database(f"sqlite:///{store}")
    first = kept("resp_1")
    second = kept("resp_2", first.id)
    third = kept("resp_3", second.id)
    async with Keeper(database).open() as keeper:
        keeper.put(first)
        await seen(lambda: keeper.waiting == 0)
        async with database.write():
            keeper.put(second)
            keeper.put(third)
            line = await keeper.line(third)
    await database.close()

    assert line == [first, second, third]


async def test_what_was_deleted_before_it_was_written_is_never_written(store: Path):
    database = await open_database(f"sqlite:///{store}")
    async with Keeper(database).open() as keeper:
        keeper.put(kept("resp_1"))
        was_there = await keeper.delete(SCOPE, "resp_1")
        await seen(lambda: keeper.waiting == 0)
        found = await keeper.find(SCOPE, "resp_1")
    await database.close()

    assert was_there
    assert found is None


async def test_what_is_too_large_is_counted_as_lost(store: Path):
    database = await open_database(f"sqlite:///{store}")
    async with Keeper(database).open() as keeper:
        keeper.put(kept("resp_1", answer="x" * (MOST_BYTES + 1)))

        assert keeper.lost == 1
        assert await keeper.find(SCOPE, "resp_1") is None
    await database.close()


async def test_a_line_has_its_limits(store: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(keeping_module, "MOST_LINKS", 2)
    database = await open_database(f"sqlite:///{store}")
    first = kept("resp_1")
    second = kept("resp_2", first.id)
    third = kept("resp_3", second.id)
    orphan = kept("resp_4", new_identity())
    async with Keeper(database).open() as keeper:
        for row in (first, second, third, orphan):
            keeper.put(row)

        assert await keeper.line(second) == [first, second]
        with pytest.raises(TooLarge):
            await keeper.line(third)
        with pytest.raises(UnknownPrevious):
            await keeper.line(orphan)
    await database.close()


async def test_another_worker_finds_an_answer_that_is_just_made(sim: Simulator, store: Path):
    other = await open_database(f"sqlite:///{store}")
    async with keeping(sim.url, store) as tenant:
        told = await tenant.create("One")
        scope = next(scope for scope, _ in tenant.answers.keeper._by_name)
        async with Keeper(other, is_shared=True).open() as keeper:
            found = await keeper.find(scope, told["id"])
    await other.close()

    assert found is not None
    assert found.name == told["id"]


async def test_the_gateway_answers_without_its_store_and_keeps_what_it_could_not_when_that_is_back(
    tenant: Tenant, store: Path
):
    told = await tenant.create("One")
    await seen(lambda: tenant.answers.keeper.waiting == 0)
    await tenant.database.close()
    away = taken_away(store)

    status, error = await tenant.refused("GET", f"/{told['id']}")
    unkept = await tenant.create("Two")
    await seen(lambda: tenant.answers.keeper.is_degraded)
    bring_back(away, store)
    await seen(lambda: tenant.answers.keeper.waiting == 0)

    assert (status, error["code"]) == (503, "store_unavailable")
    assert await tenant.get(told["id"]) == told
    assert await tenant.get(unkept["id"]) == unkept
    assert not tenant.answers.keeper.is_degraded


def taken_away(store: Path) -> Path:
    """The database is no file any more."""
    away = store.rename(store.with_suffix(".away"))
    store.mkdir()
    return away


def bring_back(away: Path, store: Path) -> None:
    store.rmdir()
    away.rename(store)
