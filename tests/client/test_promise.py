"""The program that the client was made for, word for word, against the simulator over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pydantic
import pytest

from quorate import Message, Quorate, QuorateError, Text
from quorate.sim import Simulator
from quorate.types.events import assemble


class City(msgspec.Struct):
    name: str
    people: int


class Town(pydantic.BaseModel):
    name: str


def weather(city: str) -> str:
    """The weather in a city."""
    return f"sunny in {city}"


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    async with Simulator(seed=1, speed=0) as running:
        yield running


@pytest.fixture(autouse=True)
def providers_are_simulated(simulator: Simulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-simulated")
    monkeypatch.setenv("OPENAI_BASE_URL", simulator.base_url("openai_chat"))
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-simulated")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", simulator.base_url("anthropic"))
    monkeypatch.setenv("OLLAMA_HOST", simulator.base_url("ollama"))


async def test_it_feels_like_this():
    messages = [Message(role="user", parts=(Text(text="What is the weather in Lima?"),))]
    async with Quorate() as q:
        reply = await q.chat("Name three rivers", model="openai/gpt-5-mini")
        print(reply.text, reply.usage.output, reply.cost, reply.provider, reply.fidelity)
        async with q.stream(messages, model="anthropic/claude-sonnet-4-5", tools=[weather]) as events:
            seen = [event async for event in events]
        typed = await q.chat("The capital of Peru", model="ollama/llama3.2", output=City)
        town = await q.chat("The capital of Peru", model="openai/gpt-5-mini", output=list[Town])
        stats = q.stats()

    assert reply.text
    assert reply.cost is not None
    assert (reply.provider, reply.fidelity) == ("openai", ())
    assert assemble(seen).provider == "anthropic"
    assert isinstance(typed.output, City)
    assert all(isinstance(each, Town) for each in town.output)
    assert {name: each.requests for name, each in stats.items()} == {"openai": 2, "anthropic": 1, "ollama": 1}


async def test_tools_run_over_real_sockets():
    async with Quorate() as q:
        reply = await q.run(
            "What is the weather in Lima?",
            model="anthropic/claude-sonnet-4-5",
            tools=[weather],
            tool_choice="weather",
        )

    assert len(reply.attempts) == 2
    assert reply.text


async def test_a_stream_left_early_stops_the_upstream(simulator: Simulator):
    async with Quorate() as q:
        async with q.stream("Tell me a long story", model="openai/sim-sage+stall-midway:60") as events:
            await anext(events)
        with pytest.raises(QuorateError):
            await q.chat("Hello", model="openai/sim-swift+unauthorized")

    assert simulator.stats.cancelled >= 1


async def test_providers_and_models_are_there():
    async with Quorate() as q:
        found = [await q.is_available(name) for name in ("openai", "ollama/sim-swift", "ollama/none")]
        names = {offer.name for offer in await q.models("ollama")}

    assert found == [True, True, False]
    assert "ollama/sim-swift" in names
