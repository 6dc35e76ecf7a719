"""Clients of every protocol reach Cohere's models; Cohere's own clients reach everybody's reranking."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
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

MODEL = "command-a-reasoning-08-2025"
DOCUMENTS = ["Bread and salt", {"text": "The Loire is a river in France"}, "Nothing"]


@pytest.fixture
async def gateway(sim: Simulator) -> AsyncIterator[Gateway]:
    entry = Entry(provider="cohere", base_url=sim.base_url("cohere"), key=Secret("key-of-cohere"))
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
    expected = await ask_simulator(sim, "cohere", asked)

    reply, answered = await ask(gateway, front, replace(asked, model=f"cohere/{MODEL}"), stream=stream)

    assert answered.status == 200
    assert told(reply) == told(expected)
    assert MODEL in reply.model


async def test_an_error_is_told_in_the_clients_words(gateway: Gateway):
    sent = written("openai_chat", replace(question(), model=f"cohere/{MODEL}+rate-limited"))

    answered = await call(gateway, "/v1/chat/completions", sent.body)

    assert answered.status == 429


@pytest.mark.parametrize("path", ["/v1/rerank", "/v2/rerank", "/rerank"])
@pytest.mark.parametrize("model", ["cohere/rerank-v3.5", "sim-openai/sim-swift"])
async def test_documents_are_put_in_order_by_targets_of_both_protocols(
    gateway: Gateway, path: str, model: str
):
    asked: dict[str, Any] = {
        "model": model,
        "query": "a river in France",
        "documents": DOCUMENTS,
        "top_n": 2,
        "return_documents": True,
    }

    answered = await call(gateway, path, json.dumps(asked).encode())

    ordered = json.loads(answered.body)
    assert answered.status == 200
    assert [each["index"] for each in ordered["results"]][:1] == [1]
    assert len(ordered["results"]) == 2
    assert ordered["results"][0]["document"] == DOCUMENTS[1]
    assert answered.headers["x-quorate-provider"] == model.partition("/")[0]


async def test_a_target_that_ranks_nothing_says_so(gateway: Gateway):
    asked = {"model": "sim-anthropic/sim-swift", "query": "q", "documents": ["a"]}

    answered = await call(gateway, "/v2/rerank", json.dumps(asked).encode())

    assert answered.status == 400
