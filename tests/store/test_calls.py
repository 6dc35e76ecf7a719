"""Rows of calls: what is written comes back, page by page, to whom it belongs."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, text

from quorate.store.call_row import COLUMN_OF, TOKEN_CLASSES
from quorate.store.calls import (
    ATTEMPTS,
    CALLS,
    CallRow,
    add_calls,
    delete_calls,
    find_call,
    list_calls,
    size_of,
)
from quorate.store.columns import LARGEST
from quorate.store.database import Database
from quorate.store.identity import new_identity
from quorate.types.chat import AttemptRecord, Departure
from quorate.types.usage import Usage
from quorate.types.value import replace

NOW = 1_800_000_000_000_000
PLAIN = CallRow(id=new_identity(NOW), started_at=NOW, scope="ours", outcome="answered")
FULL = CallRow(
    id=new_identity(NOW),
    request_id="abc-1",
    started_at=NOW,
    seconds=1.25,
    first_byte_seconds=0.5,
    scope="ours",
    key_id="key",
    front="anthropic",
    operation="chat",
    path="/v1/messages",
    model="claude-最新",
    stream=True,
    status=200,
    outcome="answered",
    provider="openai",
    answered_model="gpt-5",
    road="translated",
    decision="the first was busy",
    fidelity=(Departure(setting="top_k", kind="dropped", detail="it knows no 'top_k'"),),
    tags=("nightly", "a \0 tag"),
    usage=Usage(
        **{name: number for number, name in enumerate(TOKEN_CLASSES, 1)},  # type: ignore[arg-type]  # by name
        quality="estimated",
        stated_cost=Decimal("0.5"),
    ),
    cost=Decimal("0.000000000001"),
    price_rule="shipped 2026-11 gpt-5*",
    error="",
    attempts=(
        AttemptRecord(
            target="groq/llama", outcome="upstream_busy", seconds=0.1, status=429, detail="slow down"
        ),
        AttemptRecord(
            target="openai/gpt-5",
            outcome="answered",
            seconds=1,
            status=200,
            cost=Decimal("1.5"),
            estimated=True,
        ),
    ),
)


def call(at: int = NOW, /, **fields: Any) -> CallRow:
    return replace(PLAIN, id=new_identity(at), started_at=at, **fields)


async def added(database: Database, *rows: CallRow) -> None:
    async with database.write() as connection:
        await add_calls(connection, rows)


async def listed(database: Database, scope: str | None = "ours", **filters: Any) -> list[CallRow]:
    async with database.read() as connection:
        return [*await list_calls(connection, scope, **filters)]


async def counted(database: Database) -> tuple[int, int]:
    async with database.read() as connection:
        counts = [
            await connection.scalar(select(func.count()).select_from(each)) for each in (CALLS, ATTEMPTS)
        ]
    return counts[0] or 0, counts[1] or 0


ATTEMPT = AttemptRecord(target="openai/gpt-5", outcome="answered", seconds=1, status=200)
ANSWERED = replace(FULL, usage=Usage(input=1, output=2), cost=None, attempts=(ATTEMPT,))


@pytest.mark.parametrize(
    "row",
    [
        PLAIN,
        FULL,
        ANSWERED,
        replace(ANSWERED, cost=Decimal("0.25"), attempts=(replace(ATTEMPT, cost=Decimal("0.25")),)),
        replace(ANSWERED, attempts=(replace(ATTEMPT, target="openai/gpt-4"),)),
        replace(ANSWERED, attempts=(replace(ATTEMPT, outcome="left", status=0),)),
        replace(ANSWERED, attempts=(replace(ATTEMPT, detail="late", estimated=True),)),
        replace(
            ANSWERED, answered_model="m" * 300, attempts=(replace(ATTEMPT, target="openai/" + "m" * 293),)
        ),
    ],
    ids=["plain", "full", "answered", "priced", "elsewhere", "left", "told", "long"],
)
async def test_a_call_comes_back_as_it_was_written(database: Database, row: CallRow):
    await added(database, row)

    async with database.read() as connection:
        assert await find_call(connection, "ours", row.id) == row
    assert await listed(database) == [row]


def test_every_class_of_tokens_has_its_column():
    classes = {name for name, kind in Usage.__annotations__.items() if kind in ("int", int)}

    assert set(TOKEN_CLASSES) == classes


def test_every_field_of_a_call_has_its_column():
    apart = {"usage", "attempts"}
    more = {*COLUMN_OF.values(), "usage_quality", "stated_cost", "attempt_count", "upstream_seconds"}

    assert {*CALLS.columns.keys()} == ({*CallRow.__struct_fields__} - apart) | more


async def test_a_call_is_found_by_nobody_elses_key(database: Database):
    await added(database, FULL)

    async with database.read() as connection:
        assert await find_call(connection, "theirs", FULL.id) is None
        assert await find_call(connection, None, FULL.id) == FULL
        assert await list_calls(connection, "theirs") == ()


async def test_what_may_have_been_written_already_is_written_again_without_harm(database: Database):
    await added(database, FULL)
    await added(database, PLAIN, FULL)

    assert await counted(database) == (2, 2)


async def test_calls_are_listed_page_by_page_newest_first(database: Database):
    rows = [call(NOW + number) for number in range(5)]
    await added(database, *rows)

    first = await listed(database, limit=2)
    second = await listed(database, limit=2, before=first[-1].id)
    third = await listed(database, limit=2, before=second[-1].id)

    assert [*first, *second, *third] == rows[::-1]


@pytest.mark.parametrize("limit", [-1, 0, 10**9])
async def test_a_page_has_a_bounded_length(database: Database, limit: int):
    await added(database, *(call() for _ in range(3)))

    assert len(await listed(database, limit=limit)) == min(max(limit, 1), 3)


@pytest.mark.parametrize("name", ["model", "provider", "outcome", "key_id"])
async def test_calls_are_filtered_by_what_they_are(database: Database, name: str):
    one, other = call(**{name: "one"}), call(**{name: "other"})
    await added(database, one, other)

    assert await listed(database, **{name: "one"}) == [one]
    assert await listed(database, None, **{name: "other"}) == [other]
    assert await listed(database, **{name: "none of them"}) == []


async def test_calls_are_filtered_by_when_they_began(database: Database):
    early, late = call(NOW), call(NOW + 1000)
    await added(database, early, late)

    assert await listed(database, since=NOW + 1) == [late]
    assert await listed(database, until=NOW + 1000) == [early]
    assert await listed(database, since=NOW, until=NOW + 1001) == [late, early]


async def test_the_oldest_are_deleted_with_their_attempts(database: Database):
    old = [call(NOW + number, attempts=FULL.attempts) for number in range(3)]
    kept = call(NOW + 10, attempts=FULL.attempts)
    await added(database, *old, kept)

    async with database.write() as connection:
        assert await delete_calls(connection, NOW + 10) == 3
        assert await delete_calls(connection, NOW + 10) == 0

    assert await listed(database) == [kept]
    assert await counted(database) == (1, 2)


async def test_absurd_values_are_written_as_the_nearest_that_fit(database: Database):
    absurd = call(
        model="a\0b\ud800" + "x" * 1000,
        seconds=math.nan,
        first_byte_seconds=math.inf,
        tags=("\ud800",),
        usage=Usage(input=10**30, output=-5),
    )
    await added(database, absurd)

    (kept,) = await listed(database)

    assert kept.model == "a�b�" + "x" * 296
    assert (kept.seconds, kept.first_byte_seconds) == (0.0, 0.0)
    assert (kept.usage.input, kept.usage.output) == (LARGEST, 0)
    assert kept.tags == ("�",)


@pytest.mark.parametrize("name", ["scope", "key_id", "model", "provider", "outcome"])
async def test_each_way_of_listing_has_its_index(database: Database, name: str):
    explain = "EXPLAIN (COSTS OFF) " if database.is_postgres else "EXPLAIN QUERY PLAN "
    prepare = "SET LOCAL enable_seqscan = off" if database.is_postgres else "SELECT 1"
    query = select(CALLS).where(CALLS.c[name] == "x", CALLS.c.id < "y", CALLS.c.outcome != "answered")
    query = query.order_by(CALLS.c.id.desc()).limit(5)
    async with database.read() as connection:
        await connection.execute(text(prepare))
        told = query.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
        plan = str((await connection.execute(text(explain + str(told)))).all())

    assert f"ix_calls_{name}_id" in plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan


async def test_an_attempt_that_says_no_more_than_its_call_has_no_row_of_its_own(database: Database):
    await added(database, ANSWERED)

    assert await counted(database) == (1, 0)


def test_a_row_with_more_in_it_is_larger():
    assert size_of(FULL) > size_of(PLAIN) > 0
