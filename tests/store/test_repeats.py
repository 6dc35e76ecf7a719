"""Claims of calls with an idempotency key: one has it, others wait or get the answer, nobody waits for ever."""

from __future__ import annotations

import asyncio

from quorate.store.database import Database
from quorate.store.repeats import (
    Claim,
    KeptAnswer,
    Standing,
    claim_repeat,
    delete_repeats,
    give_up_claim,
    keep_answer,
    pack,
    renew_claim,
    shrink_repeats,
)
from quorate.types.value import replace

NOW, LEASE, KEPT = 1_000, 100, 10_000
MINE = Claim(scope="team", name="once", fingerprint="f1", owner="worker-1")
THEIRS = replace(MINE, owner="worker-2")
ANSWER = KeptAnswer(
    status=200, headers={"content-type": "application/json"}, model="m", stream=True, body=b"\x00answer" * 50
)


async def claimed(database: Database, claim: Claim, now: int = NOW) -> Standing:
    async with database.write() as connection:
        return await claim_repeat(connection, claim, now=now, leased_until=now + LEASE, expires_at=now + KEPT)


async def answered(database: Database, claim: Claim) -> None:
    async with database.write() as connection:
        await keep_answer(connection, claim, ANSWER, pack(ANSWER.body), NOW + KEPT)


async def test_the_first_has_it_and_the_others_wait(database: Database):
    assert await claimed(database, MINE) == Standing(mine=True)
    assert await claimed(database, THEIRS) == Standing(leased_until=NOW + LEASE)


async def test_of_many_at_once_one_has_it(database: Database):
    claims = [replace(MINE, owner=f"worker-{number}") for number in range(8)]

    standings = await asyncio.gather(*(claimed(database, each) for each in claims))

    assert [each.mine for each in standings].count(True) == 1


async def test_once_answered_everybody_gets_the_answer(database: Database):
    await claimed(database, MINE)
    await answered(database, MINE)

    assert await claimed(database, THEIRS) == Standing(answered=ANSWER)
    assert await claimed(database, THEIRS, NOW + KEPT) == Standing(mine=True)


async def test_another_request_under_the_name_is_told_apart_before_and_after(database: Database):
    other = replace(THEIRS, fingerprint="f2")
    await claimed(database, MINE)

    assert await claimed(database, other) == Standing(differs=True)
    await answered(database, MINE)
    assert await claimed(database, other) == Standing(differs=True)


async def test_another_tenant_s_name_is_another_one(database: Database):
    await claimed(database, MINE)

    assert await claimed(database, replace(MINE, scope="others", fingerprint="f2")) == Standing(mine=True)


async def test_what_was_given_up_is_free_again(database: Database):
    await claimed(database, MINE)

    async with database.write() as connection:
        await give_up_claim(connection, THEIRS)
        await give_up_claim(connection, MINE)

    assert await claimed(database, THEIRS) == Standing(mine=True)


async def test_who_is_gone_loses_it_when_the_lease_is_over(database: Database):
    await claimed(database, MINE)

    assert await claimed(database, THEIRS, NOW + LEASE) == Standing(mine=True)
    await answered(database, MINE)
    async with database.write() as connection:
        assert not await renew_claim(connection, MINE, NOW + 5 * LEASE)
        assert await renew_claim(connection, THEIRS, NOW + 5 * LEASE)
    assert await claimed(database, replace(MINE, owner="worker-3"), NOW + 2 * LEASE) == Standing(
        leased_until=NOW + 5 * LEASE
    )


async def test_what_is_over_goes(database: Database):
    for number in range(3):
        await claimed(database, replace(MINE, name=f"n{number}"), NOW + number)
        await answered(database, replace(MINE, name=f"n{number}"))

    async with database.write() as connection:
        assert await shrink_repeats(connection, 10**6) == 0
        assert await delete_repeats(connection, NOW + KEPT) == 0
        assert await delete_repeats(connection, NOW + KEPT + 1) == 3
        assert await shrink_repeats(connection, 0) == 0


async def test_where_all_together_is_too_large_the_oldest_go(database: Database):
    await claimed(database, MINE)
    await answered(database, MINE)
    await claimed(database, replace(MINE, name="running"))

    async with database.write() as connection:
        assert await shrink_repeats(connection, 1) == 1
        assert await shrink_repeats(connection, 1) == 0

    assert await claimed(database, THEIRS) == Standing(mine=True)
    assert not (await claimed(database, replace(THEIRS, name="running"))).mine
