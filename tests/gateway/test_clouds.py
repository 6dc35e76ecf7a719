"""Clients of every protocol reach Vertex AI, Azure and Replicate, whole and streamed."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from quorate.gateway.app import Gateway
from quorate.providers.entry import Entry
from quorate.sim.simulator import Simulator
from quorate.types.secret import Secret
from quorate.types.value import replace
from tests.sim.asking import question

from .house import PROTOCOLS, ask, call, gateway_for, settings_for, written

MODELS = {
    "vertex": "gemini-2.5-flash",
    "azure": "gpt-4o",
    "replicate": "meta/meta-llama-3-8b-instruct",
}


@pytest.fixture
async def gateway(sim: Simulator) -> AsyncIterator[Gateway]:
    entries = (
        Entry(provider="vertex", base_url=sim.url, key=Secret("ya29.token"), options={"project": "acme"}),
        Entry(provider="azure", base_url=sim.url, key=Secret("key-of-azure")),
        Entry(provider="replicate", base_url=sim.base_url("replicate"), key=Secret("r8_key")),
    )
    settings = settings_for(sim.url)
    gateway, household = gateway_for(replace(settings, entries=(*settings.entries, *entries)))
    yield gateway
    await household.transport.close()


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("front", PROTOCOLS)
@pytest.mark.parametrize("provider", MODELS)
async def test_a_client_of_any_protocol_is_answered(
    gateway: Gateway, provider: str, front: str, stream: bool
):
    model = f"{provider}/{MODELS[provider]}"

    reply, answered = await ask(gateway, front, replace(question(), model=model), stream=stream)

    assert answered.status == 200
    assert MODELS[provider] in reply.text


@pytest.mark.parametrize("provider", MODELS)
async def test_an_error_is_told_in_the_clients_words(gateway: Gateway, provider: str):
    asked = replace(question(), model=f"{provider}/{MODELS[provider]}+rate-limited")

    answered = await call(gateway, "/v1/chat/completions", written("openai_chat", asked).body)

    assert answered.status == 429
