"""The simulator tells what it has charged, as a gateway with credits does."""

from __future__ import annotations

from decimal import Decimal

from quorate import Quorate
from quorate.sim import Simulator


async def test_answers_are_billed_and_paid_from_the_credits():
    async with Simulator(seed=1, speed=0) as sim:
        environment = {"OPENROUTER_API_KEY": "sk", "OPENROUTER_BASE_URL": sim.base_url("openai_chat")}
        async with Quorate(environment=environment) as q:
            reply = await q.chat("Name three rivers", model="openrouter/sim-sage")
            bill, account = await q.bill("openrouter", reply.id), await q.account("openrouter")

    expected = (reply.usage.input * Decimal(3) + reply.usage.output * Decimal(15)) / 1_000_000
    assert (bill.id, bill.model, bill.cost) == (reply.id, "sim-sage", expected)
    assert (account.label, account.spent) == ("simulated", expected)
    assert account.balance == 100 - expected
