"""Clients of every protocol reach models behind Amazon Bedrock, and the other way round nothing is lost."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from quorate.gateway.app import Gateway
from quorate.providers.entry import Entry
from quorate.sim.simulator import Simulator
from quorate.types.secret import Secret
from quorate.types.value import replace
from tests.sim.asking import ask as ask_simulator
from tests.sim.asking import question

from .house import PROTOCOLS, ask, call, gateway_for, settings_for, written
from .test_roads import FEATURES, told

MODEL = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
"""A model that thinks, keeps prompts and holds to a schema."""


@pytest.fixture
async def gateway(sim: Simulator) -> AsyncIterator[Gateway]:
    entry = Entry(
        provider="bedrock",
        base_url=sim.url,
        options={"region": "us-east-1"},
        key=Secret("AKIAOFTHETESTS123:secret"),
    )
    settings = settings_for(sim.url)
    gateway, household = gateway_for(replace(settings, entries=(*settings.entries, entry)))
    yield gateway
    await household.transport.close()


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize("front", PROTOCOLS)
async def test_a_client_of_any_protocol_is_answered(
    gateway: Gateway, sim: Simulator, front: str, feature: str, stream: bool
):
    asked = replace(question(**FEATURES[feature]), model=MODEL)
    expected = await ask_simulator(sim, "bedrock", asked)

    reply, answered = await ask(gateway, front, replace(asked, model=f"bedrock/{MODEL}"), stream=stream)

    assert answered.status == 200
    assert told(reply) == told(expected)
    assert MODEL in reply.model


async def test_thoughts_that_anthropics_client_hands_back_reach_bedrock_signed(
    gateway: Gateway, sim: Simulator
):
    tool = {"name": "weather", "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}
    asked: dict[str, Any] = {
        "model": f"bedrock/{MODEL}",
        "max_tokens": 4000,
        "thinking": {"type": "enabled", "budget_tokens": 2000},
        "tools": [tool],
        "messages": [{"role": "user", "content": "What is the weather in Vienna?"}],
    }
    first = json.loads((await call(gateway, "/v1/messages", json.dumps(asked).encode())).body)
    thought, called = first["content"]
    result = {"type": "tool_result", "tool_use_id": called["id"], "content": "Fog"}
    asked["messages"] += [
        {"role": "assistant", "content": first["content"]},
        {"role": "user", "content": [result]},
    ]
    second = await call(gateway, "/v1/messages", json.dumps(asked).encode())

    assert thought["signature"].startswith("sim")
    assert second.status == 200
    assert "messages" not in fidelity(second.headers), "the thoughts were sent, not dropped"


def fidelity(headers: Mapping[str, str]) -> str:
    return headers.get("x-quorate-fidelity", "")


async def test_an_error_is_told_in_the_clients_words(gateway: Gateway):
    asked = replace(question(), model=f"bedrock/{MODEL}+rate-limited")
    sent = written("openai_chat", asked)
    answered = await call(gateway, "/v1/chat/completions", sent.body)

    assert answered.status == 429
    assert json.loads(answered.body)["error"]["type"]


async def test_vectors_and_counts_come_through_the_clients_own_paths(gateway: Gateway):
    embedded = await call(
        gateway,
        "/v1/embeddings",
        json.dumps({"model": "bedrock/amazon.titan-embed-text-v2:0", "input": ["a", "b"]}).encode(),
    )
    counted = await call(
        gateway,
        "/v1/messages/count_tokens",
        json.dumps(
            {"model": f"bedrock/{MODEL}", "messages": [{"role": "user", "content": "Hello there"}]}
        ).encode(),
    )

    assert len(json.loads(embedded.body)["data"]) == 2
    assert json.loads(counted.body)["input_tokens"] > 0
