"""A gateway behind ours: what it says of costs, and wishes of ours that go along with a client's bytes."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from quorate.providers.entry import Entry
from quorate.settings.settings import ServerSettings, Settings
from quorate.transport.scripted import ScriptedTransport, answer
from quorate.types.secret import Secret

from .house import KEY, call, gateway_for

CHAT: dict[str, Any] = {
    "id": "gen-1",
    "model": "maker/model",
    "choices": [{"message": {"content": "Ems"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110},
}
WISHES = {"defaults": {"provider": {"data_collection": "deny", "sort": "price"}}}
ASKED = {"model": "there/maker/model", "messages": [{"role": "user", "content": "hi"}]}


def settings(provider: str, **entry: Any) -> Settings:
    return Settings(
        entries=(Entry(provider=provider, name="there", key=Secret("sk"), **entry),),
        from_environment=False,
        server=ServerSettings(keys=(Secret(KEY),)),
    )


async def test_the_cost_that_a_proxy_tells_in_a_header_is_told_on():
    scene = answer(json.dumps(CHAT).encode(), x_litellm_response_cost="1.875e-05")
    gateway, household = gateway_for(
        settings("litellm", base_url="http://127.0.0.1:9"), ScriptedTransport([scene])
    )

    answered = await call(gateway, "/v1/chat/completions", json.dumps(ASKED).encode())

    assert json.loads(answered.body) == CHAT
    assert answered.headers["x-quorate-cost"] == "0.00001875"
    assert household.statistics.read()["there"].cost == Decimal("0.00001875")


async def test_both_costs_of_a_call_with_a_key_of_ones_own_are_told_on_as_one():
    usage = CHAT["usage"] | {
        "cost": 0.0001,
        "is_byok": True,
        "cost_details": {"upstream_inference_cost": 0.002},
    }
    transport = ScriptedTransport([answer(json.dumps(CHAT | {"usage": usage}).encode())])
    gateway, _ = gateway_for(settings("openrouter"), transport)

    answered = await call(gateway, "/v1/chat/completions", json.dumps(ASKED).encode())

    assert json.loads(answered.body)["usage"] == usage
    assert answered.headers["x-quorate-cost"] == "0.0021"


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ({}, {"data_collection": "deny", "sort": "price"}),
        ({"provider": {"only": ["maker"]}}, {"data_collection": "deny", "sort": "price", "only": ["maker"]}),
        ({"provider": {"sort": "latency"}}, {"data_collection": "deny", "sort": "latency"}),
    ],
)
async def test_an_operators_wishes_go_under_those_of_a_client(asked: dict[str, Any], sent: dict[str, Any]):
    transport = ScriptedTransport([answer(json.dumps(CHAT).encode())])
    gateway, _ = gateway_for(settings("openrouter", quirks=WISHES), transport)

    answered = await call(gateway, "/v1/chat/completions", json.dumps(ASKED | asked).encode())

    assert answered.status == 200
    assert json.loads(transport.sent[0].body)["provider"] == sent
