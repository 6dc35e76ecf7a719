"""Other gateways as providers: the real LiteLLM proxy and the real Portkey gateway, before the simulator."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from quorate import Quorate, Tool
from quorate.errors import BudgetExceeded, KeyInvalid, UpstreamBusy, UpstreamRejected
from quorate.providers.entry import Entry
from quorate.settings.settings import Fallback, ServerSettings, Settings
from quorate.sim import Simulator, simulated
from quorate.types.chat import ChatReply
from quorate.types.events import assemble
from quorate.types.secret import Secret
from quorate.types.value import replace
from tests.gateway.house import KEY, call, gateway_for

from .neighbours import MASTER, litellm, portkey

pytestmark = pytest.mark.clients

TOOL = Tool(
    name="weather",
    description="The weather in a city",
    schema={"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
)


@pytest.fixture(scope="module")
def sim() -> Iterator[Simulator]:
    with simulated(Simulator(seed=7, speed=0)) as running:
        yield running


@pytest.fixture(scope="module")
def proxy(sim: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with litellm(tmp_path_factory.mktemp("litellm"), sim.base_url("openai_chat")) as url:
        yield only(Entry(provider="litellm", base_url=url, key=Secret(MASTER), options={"tags": "rivers"}))


@pytest.fixture(scope="module")
def portal(sim: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with portkey(tmp_path_factory.mktemp("portkey")) as url:
        options = {
            "provider": "openai",
            "custom_host": sim.base_url("openai_chat"),
            "metadata": '{"team": "rivers"}',
        }
        entry = Entry(provider="portkey", form="local", base_url=url, key=Secret("sk-x"), options=options)
        yield only(entry)


def only(entry: Entry) -> Settings:
    return Settings(
        entries=(entry,),
        from_environment=False,
        fallback=Fallback(tries=1, delay=0),
        server=ServerSettings(keys=(Secret(KEY),)),
    )


def client(settings: Settings, tmp_path: Path) -> Quorate:
    return Quorate(settings, environment={"XDG_CACHE_HOME": str(tmp_path)})


async def streamed(q: Quorate, model: str) -> ChatReply:
    async with q.stream("Name three rivers", model=model) as events:
        return assemble([event async for event in events])


async def test_the_proxy_lists_its_models_with_limits_and_prices(proxy: Settings, tmp_path: Path):
    async with client(proxy, tmp_path) as q:
        offers = {offer.model.id: offer.model for offer in await q.models("litellm")}

    assert set(offers) == {"mini", "odd", "vectors"}
    assert (offers["mini"].context, offers["mini"].max_output) == (128_000, 16_384)
    assert {"chat", "tools", "schema", "vision"} <= set(offers["mini"].features)
    assert offers["vectors"].features == ("embed",)


async def test_an_answer_costs_what_the_proxy_says(proxy: Settings, tmp_path: Path):
    async with client(proxy, tmp_path) as q:
        reply = await q.chat(
            "Name three rivers", model="litellm/mini", vendor={"openai_chat": {"metadata": {"team": "a"}}}
        )

    expected = (reply.usage.input * Decimal("0.15") + reply.usage.output * Decimal("0.6")) / 1_000_000
    assert reply.price_rule == "stated by the provider"
    assert abs((reply.cost or 0) - expected) < Decimal("1e-12")


async def test_a_stream_costs_what_the_whole_answer_does(proxy: Settings, tmp_path: Path):
    async with client(proxy, tmp_path) as q:
        whole, told = (
            await q.chat("Name three rivers", model="litellm/mini"),
            await streamed(q, "litellm/mini"),
        )

    assert (told.text, told.price_rule) == (whole.text, whole.price_rule)
    assert abs((told.cost or 0) - (whole.cost or 0)) < Decimal("1e-12")


async def test_a_limit_of_dollars_can_be_kept_by_the_proxys_prices(proxy: Settings, tmp_path: Path):
    async with client(proxy, tmp_path) as q:
        with pytest.raises(BudgetExceeded, match="is not known"):
            await q.chat("Name three rivers", model="litellm/mini", max_cost=1)
        await q.models("litellm")
        reply = await q.chat("Name three rivers", model="litellm/mini", max_cost=1)

    assert 0 < (reply.cost or 0) < 1


async def test_a_price_that_the_proxy_does_not_know_is_not_known_here(proxy: Settings, tmp_path: Path):
    async with client(proxy, tmp_path) as q:
        await q.models("litellm")
        reply = await q.chat("Name three rivers", model="litellm/odd")

    assert (reply.cost, reply.usage.quality) == (None, "exact")


async def test_tools_and_vectors_pass_the_proxy(proxy: Settings, tmp_path: Path):
    async with client(proxy, tmp_path) as q:
        reply = await q.chat("What is the weather in Vienna?", model="litellm/mini", tools=[TOOL])
        vectors = await q.embed(["Danube", "Inn"], model="litellm/vectors")

    assert [each.name for each in reply.tool_calls] == ["weather"]
    assert (len(vectors.vectors), vectors.price_rule) == (2, "stated by the provider")


async def test_what_the_proxy_refuses_is_one_of_our_errors(proxy: Settings, tmp_path: Path):
    wrong = replace(proxy, entries=(replace(proxy.entries[0], key=Secret("sk-wrong")),))

    async with client(proxy, tmp_path) as q, client(wrong, tmp_path) as stranger:
        with pytest.raises(UpstreamRejected, match="Invalid model name"):
            await q.chat("hi", model="litellm/none")
        with pytest.raises(KeyInvalid):
            await stranger.chat("hi", model="litellm/mini")


async def test_the_proxys_cost_goes_on_through_our_gateway(proxy: Settings):
    gateway, household = gateway_for(proxy)
    body = {"model": "litellm/mini", "messages": [{"role": "user", "content": "Name three rivers"}]}

    answered = await call(gateway, "/v1/chat/completions", json.dumps(body).encode())
    await household.transport.close()

    assert answered.status == 200
    assert Decimal(answered.headers["x-quorate-cost"]) > 0


@pytest.mark.parametrize("way", ["options", "config"])
async def test_portkey_leads_where_options_or_a_config_say(
    portal: Settings, sim: Simulator, tmp_path: Path, way: str
):
    (entry,) = portal.entries
    config = {"provider": "openai", "api_key": "sk-x", "custom_host": sim.base_url("openai_chat")}
    options = entry.options if way == "options" else {"config": json.dumps(config)}
    settings = replace(portal, entries=(replace(entry, options=options),))

    async with client(settings, tmp_path) as q:
        whole = await q.chat("Name three rivers", model="portkey/sim-sage")
        told = await streamed(q, "portkey/sim-sage")
        offers = await q.models("portkey")

    assert whole.text == told.text
    assert whole.usage.total == told.usage.total > 0
    assert {"sim-swift", "sim-sage"} <= {offer.model.id for offer in offers}


async def test_tools_vectors_and_errors_pass_portkey(portal: Settings, tmp_path: Path):
    async with client(portal, tmp_path) as q:
        reply, vectors = await asyncio.gather(
            q.chat("What is the weather in Vienna?", model="portkey/sim-swift", tools=[TOOL]),
            q.embed(["Danube"], model="portkey/sim-embed"),
        )
        with pytest.raises(UpstreamBusy) as busy:
            await q.chat("hi", model="portkey/sim-swift+rate-limited:7")

    assert [each.name for each in reply.tool_calls] == ["weather"]
    assert len(vectors.vectors) == 1
    assert busy.value.retry_after == 7
