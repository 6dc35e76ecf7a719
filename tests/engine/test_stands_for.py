"""A deployment with a name of its own goes by the model behind it."""

from __future__ import annotations

import json
from decimal import Decimal

from quorate import Quorate
from quorate.providers.entry import Entry
from quorate.settings.settings import Settings
from quorate.transport.scripted import ScriptedTransport, answer
from quorate.types.secret import Secret

SAID = json.dumps(
    {
        "model": "gpt-5-mini-2025-08-07",
        "choices": [{"message": {"content": "Rhine"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100},
    }
).encode()


async def test_quirks_limits_and_prices_are_those_of_the_model_behind_a_name():
    transport = ScriptedTransport(lambda send: answer(SAID))
    entry = Entry(
        provider="azure",
        key=Secret("key-1"),
        options={"resource": "acme"},
        stands_for={"my-own": "gpt-5-mini"},
    )

    async with Quorate(Settings(entries=(entry,)), environment={}, transport=transport) as client:
        known = await client.chat("A river?", model="azure/my-own", temperature=0.2)
        unknown = await client.chat("A river?", model="azure/another", temperature=0.2)

    assert "/deployments/my-own/" in transport.sent[0].url
    assert json.loads(transport.sent[0].body)["temperature"] == 1.0
    assert known.cost == Decimal("0.00045")
    assert json.loads(transport.sent[1].body)["temperature"] == 0.2
    assert unknown.cost is None
