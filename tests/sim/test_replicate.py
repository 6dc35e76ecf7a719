"""The simulator as Replicate, asked through the library: whole, streamed, asked after, refused."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from quorate import Quorate
from quorate.errors import UpstreamBusy
from quorate.providers.entry import Entry
from quorate.settings.settings import Fallback, Settings
from quorate.sim import Simulator
from quorate.types.events import PartDelta, ReplyEnd
from quorate.types.secret import Secret

MODEL = "replicate/acme/chat"


@pytest.fixture
async def sim() -> AsyncGenerator[Simulator]:
    async with Simulator(seed=0, speed=0) as running:
        yield running


def door(sim: Simulator, **quirks: object) -> Quorate:
    entry = Entry(
        provider="replicate", base_url=sim.base_url("replicate"), key=Secret("r8_test"), quirks=quirks
    )
    return Quorate(Settings(entries=(entry,), fallback=Fallback(tries=1)), environment={})


async def test_a_whole_answer_and_a_stream_say_the_same(sim):
    async with door(sim) as client:
        whole = await client.chat("Name three rivers", model=MODEL, system="Be brief.")
        async with client.stream("Name three rivers", model=MODEL, system="Be brief.") as events:
            seen = [event async for event in events]

    assert whole.text
    assert whole.text == "".join(event.text for event in seen if isinstance(event, PartDelta))
    assert isinstance(seen[-1], ReplyEnd)
    assert whole.usage.output > 0


async def test_an_answer_that_is_not_waited_for_is_asked_after(sim):
    async with door(sim, headers={"prefer": "respond-async"}) as client:
        reply = await client.chat("Name three rivers", model=MODEL)

    assert reply.text
    assert sim.stats.requests == 2


async def test_a_refusal_is_read(sim):
    async with door(sim) as client:
        with pytest.raises(UpstreamBusy):
            await client.chat("Name three rivers", model=f"{MODEL}+rate-limited")


async def test_its_models_are_listed(sim):
    async with door(sim) as client:
        models = await client.models("replicate")

    assert models
