"""A row for each call, and rows that have been kept long enough."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from decimal import Decimal

from quorate.gateway.operating.call_rows import keep_swept, row_of
from quorate.gateway.operating.spent import spent
from quorate.sim.simulator import Simulator
from quorate.store.calls import CallRow, add_calls, list_calls
from quorate.store.database import open_database
from quorate.store.identity import new_identity
from quorate.store.sweep import Retention
from quorate.store.times import DAY, now
from quorate.types.usage import MISSING, Usage
from quorate.types.value import replace
from tests.gateway.house import call, route, settings_for
from tests.gateway.house import written as asked
from tests.sim.asking import question

from .stage import NOBODY, attempt, operated, record


async def test_calls_are_found_in_the_store(sim: Simulator):
    routes = {"two": route("sim-openai/sim-swift+error-503", "sim-anthropic/sim-swift")}
    async with operated(settings_for(sim.url, routes=routes)) as stage:
        sent = asked("openai_chat", question(model="route/two"), stream=True)
        answered = await call(stage.gateway, sent.path, sent.body)
        await call(stage.gateway, "/v1/chat/completions", b"{}", headers=NOBODY)
        await call(stage.gateway, "/health", method="GET", headers=NOBODY)
        stage.journal.flush()
        assert await stage.watch.rows.writer.flush(5)
        async with stage.database.read() as connection:
            refused, kept = await list_calls(connection, None)
            own = await list_calls(connection, kept.scope)

    assert own == (kept,)
    assert kept.id == answered.headers["x-quorate-decision"]
    assert (kept.front, kept.operation, kept.stream, kept.road) == ("openai_chat", "chat", True, "translated")
    assert (kept.model, kept.provider, kept.answered_model) == ("route/two", "sim-anthropic", "sim-swift")
    assert (kept.status, kept.outcome) == (200, "answered")
    assert [each.target for each in kept.attempts] == [
        "sim-openai/sim-swift+error-503",
        "sim-anthropic/sim-swift",
    ]
    assert kept.usage.quality == "exact"
    assert kept.usage.output > 0
    assert kept.cost is not None
    assert (refused.status, refused.outcome, refused.scope, refused.key_id) == (401, "unknown_caller", "", "")


def test_a_row_holds_what_all_attempts_used():
    failed = attempt(
        "main/one",
        "stream_interrupted",
        usage=Usage(input=4, output=1),
        cost=Decimal("0.125"),
        price_rule="a",
    )
    row = row_of(record(failed, attempt("main/two", "unreachable"), attempt(price_rule="b"), started_at=1.5))

    assert row.started_at == 1_500_000
    assert (row.usage.input, row.usage.output) == (14, 8)
    assert (row.cost, row.price_rule) == (Decimal("0.375"), "b")
    assert len(row.attempts) == 3


def test_what_one_attempt_cost_that_nobody_knows_leaves_the_sum_unknown():
    assert spent([attempt(), attempt("main/two", cost=None)])[1] is None
    assert spent([attempt("main/one", "unreachable"), attempt(usage=MISSING, cost=None)]) == (MISSING, None)
    assert spent([]) == (MISSING, None)


def test_what_a_provider_said_of_usage_is_not_kept():
    row = row_of(record(attempt(usage=Usage(input=1, vendor={"openai_chat": {"prompt_tokens": 1}}))))

    assert row.usage == Usage(input=1)


async def test_rows_are_deleted_when_they_have_been_kept_long_enough():
    database = await open_database("sqlite://")
    old = CallRow(id=new_identity(now() - 3 * DAY), started_at=now() - 3 * DAY, scope="a", outcome="answered")
    fresh = replace(old, id=new_identity(now()))
    async with database.write() as connection:
        await add_calls(connection, [old, fresh])

    left: tuple[CallRow, ...] = ()
    with suppress(TimeoutError):
        async with asyncio.timeout(5):
            sweeping = asyncio.create_task(
                keep_swept(database, lambda: Retention(calls=2), first=0, every=0.01)
            )
            while len(left) != 1:
                await asyncio.sleep(0.01)
                async with database.read() as connection:
                    left = await list_calls(connection, None)
            sweeping.cancel()
    await database.close()

    assert [row.id for row in left] == [fresh.id]
