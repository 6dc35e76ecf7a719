"""A simulator behind a gateway, for a test each."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from quorate.gateway.app import Gateway
from quorate.sim.simulator import Simulator

from .house import gateway_for, route, settings_for, simulator


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    async with simulator() as running:
        yield running


@pytest.fixture
async def gateway(sim: Simulator) -> AsyncIterator[Gateway]:
    routes = {
        "relay-first": route("sim-openai/sim-swift+error-503", "sim-anthropic/sim-swift"),
        "relay-last": route("sim-anthropic/sim-swift+error-503", "sim-openai/sim-swift"),
    }
    made, household = gateway_for(
        settings_for(
            sim.url, routes=routes, aliases={"gpt-*": "sim-ollama/sim-swift", "mine": "route/relay-last"}
        )
    )
    yield made
    await household.transport.close()
