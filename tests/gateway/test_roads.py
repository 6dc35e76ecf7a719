"""The two roads: bytes that pass as they are, and calls that are translated; one call may take both in turn."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest

from quorate.cli.simulated import NAMES
from quorate.errors import UpstreamBusy, UpstreamError
from quorate.gateway.app import Gateway
from quorate.sim.simulator import Simulator
from quorate.types.chat import OutputFormat, Thinking, Tool
from quorate.types.value import replace
from tests.sim.asking import ask as ask_simulator
from tests.sim.asking import question

from .house import PROTOCOLS, ask, call, gateway_for, seen, settings_for, written

TOOL = Tool(
    name="weather",
    description="The weather in a city",
    schema={"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
)
FEATURES: dict[str, dict[str, Any]] = {
    "plain": {},
    "tools": {"text": "What is the weather in Vienna?", "tools": (TOOL,)},
    "reasoning": {
        "model": "sim-thinker",
        "thinking": Thinking(effort="medium", show=True),
        "max_output": 4000,
    },
    "schema": {"output": OutputFormat(kind="schema", schema=TOOL.schema, name="place")},
}


def told(reply: Any) -> tuple[Any, ...]:
    """What a client reads of an answer in every protocol."""
    calls = [(each.name, json.loads(each.arguments)) for each in reply.tool_calls]
    return reply.text, calls, reply.reasoning, reply.finish.reason


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("feature", FEATURES)
@pytest.mark.parametrize("target", PROTOCOLS)
@pytest.mark.parametrize("front", PROTOCOLS)
async def test_a_client_of_any_protocol_gets_the_answer_of_a_target_of_any(
    gateway: Gateway, sim: Simulator, front: str, target: str, feature: str, stream: bool
):
    asked = question(**FEATURES[feature])
    expected = await ask_simulator(sim, target, asked)

    reply, answered = await ask(
        gateway, front, replace(asked, model=f"{NAMES[target]}/{asked.model}"), stream=stream
    )

    assert told(reply) == told(expected)
    assert reply.id or front == "ollama"
    assert answered.headers["x-quorate-provider"] == NAMES[target]
    assert answered.headers["x-quorate-model"] == asked.model
    assert answered.headers["x-quorate-attempts"] == "1"
    assert answered.headers["x-request-id"]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
async def test_a_protocols_own_word_for_an_end_stays_with_its_clients(gateway: Gateway, stream: bool):
    asked = written("openai_chat", question(model="sim-anthropic/sim-swift"), stream=stream)

    answered = await call(gateway, asked.path, asked.body)

    assert b'"finish_reason":"stop"' in answered.body
    assert b"end_turn" not in answered.body


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_between_equals_the_bytes_pass_as_they_are(
    gateway: Gateway, sim: Simulator, protocol: str, stream: bool
):
    direct = written(protocol, question(), stream=stream)
    through = written(protocol, question(model=f"{NAMES[protocol]}/sim-swift"), stream=stream)
    url = sim.url + direct.path + (f"?{direct.query}" if direct.query else "")

    async with aiohttp.ClientSession() as session, session.post(url, data=direct.body) as reply:
        expected, kind = await reply.read(), reply.headers["content-type"]
    answered = await call(gateway, through.path, through.body, query=through.query)

    assert answered.body == expected
    assert answered.headers["content-type"] == kind
    assert "x-quorate-fidelity" not in answered.headers


@pytest.mark.parametrize("target", PROTOCOLS)
@pytest.mark.parametrize("front", PROTOCOLS)
async def test_an_upstreams_refusal_is_told_in_the_clients_protocol(
    gateway: Gateway, front: str, target: str
):
    asked = question(model=f"{NAMES[target]}/sim-swift+rate-limited")

    with pytest.raises(UpstreamBusy) as caught:
        await ask(gateway, front, asked)

    assert caught.value.retry_after


@pytest.mark.parametrize("target", PROTOCOLS)
@pytest.mark.parametrize("front", PROTOCOLS)
async def test_an_answer_that_breaks_off_ends_in_the_protocols_own_error(
    gateway: Gateway, front: str, target: str
):
    asked = question(model=f"{NAMES[target]}/sim-swift+truncated:hard")

    with pytest.raises(UpstreamError) as caught:
        await ask(gateway, front, asked, stream=True)

    assert "ended before" not in str(caught.value)


@pytest.mark.parametrize("front", PROTOCOLS)
async def test_an_error_that_the_upstream_tells_inside_its_stream_is_told_once(gateway: Gateway, front: str):
    asked = written(front, question(model=f"{NAMES[front]}/sim-swift+error-in-stream"), stream=True)

    answered = await call(gateway, asked.path, asked.body, query=asked.query)

    assert answered.body.count(b'"error"') in (1, 2)
    assert answered.body.count(b"broke off") == 1
    assert answered.is_whole


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("model", ["route/relay-first", "route/relay-last", "mine"])
async def test_a_call_falls_back_from_one_road_to_the_other(gateway: Gateway, model: str, stream: bool):
    reply, answered = await ask(gateway, "openai_chat", question(model=model), stream=stream)

    assert "rivers" in reply.text
    assert answered.headers["x-quorate-attempts"] == "2"


async def test_an_alias_with_wildcards_catches_the_names_that_programs_bring(gateway: Gateway):
    _, answered = await ask(gateway, "openai_chat", question(model="gpt-99-turbo"))

    assert answered.headers["x-quorate-provider"] == "sim-ollama"


async def test_what_a_target_cannot_take_stands_in_a_header(gateway: Gateway):
    _, answered = await ask(
        gateway, "openai_chat", question(model="sim-anthropic/sim-swift", seed=5, max_output=9)
    )

    assert answered.headers["x-quorate-fidelity"] == "seed=dropped"


async def test_a_models_name_makes_no_header_of_its_own(gateway: Gateway):
    name = "sim-openai/a\r\nx-evil: 1\x00\x7f模"

    _, answered = await ask(gateway, "openai_chat", question(model=name))

    assert answered.headers["x-quorate-model"] == "a  x-evil: 1  ?"
    assert "x-evil" not in answered.headers


async def test_a_whole_answer_tells_what_it_cost(gateway: Gateway):
    for target in ("sim-openai", "sim-anthropic"):
        _, answered = await ask(gateway, "openai_chat", question(model=f"{target}/sim-swift"))

        assert 0 < float(answered.headers["x-quorate-cost"]) < 1


@pytest.mark.parametrize(
    ("quirks", "asked"),
    [
        ({"drop": ["seed"]}, {"seed": 5}),
        ({"clamp": {"temperature": [0.0, 1.0]}}, {"temperature": 1.5}),
        ({"schema": "object"}, {"output": OutputFormat(kind="schema", schema=TOOL.schema, name="place")}),
    ],
)
async def test_what_a_quirk_rewrites_does_not_pass_as_it_is(
    sim: Simulator, quirks: dict[str, Any], asked: dict[str, Any]
):
    settings = settings_for(sim.url)
    settings.rows["sim-openai"]["quirks"] = quirks
    gateway, household = gateway_for(settings)

    _, translated = await ask(gateway, "openai_chat", question(model="sim-openai/sim-swift", **asked))
    _, passed = await ask(gateway, "openai_chat", question(model="sim-openai/sim-swift"))
    await household.transport.close()

    assert "x-quorate-fidelity" in translated.headers
    assert json.loads(passed.body)["id"].startswith("sim-")


@pytest.mark.parametrize("target", PROTOCOLS)
@pytest.mark.parametrize("stream", [False, True], ids=["relayed", "translated"])
async def test_a_client_that_hangs_up_stops_the_upstream(sim: Simulator, target: str, stream: bool):
    """Half the answer is out, the rest would come after a minute."""
    front = target if stream else next(each for each in PROTOCOLS if each != target)
    asked = written(front, question(model=f"{NAMES[target]}/sim-swift+stall-midway:60"), stream=True)
    gateway, household = gateway_for(settings_for(sim.url))

    answered = await call(gateway, asked.path, asked.body, query=asked.query, leave_after=1)
    await seen(lambda: sim.stats.cancelled == 1)
    await household.transport.close()

    statistics = household.statistics.read()[NAMES[target]]
    assert not answered.is_whole
    assert (statistics.left, statistics.answered, statistics.failures) == (1, 0, 0)
    assert statistics.input_tokens > 0
    assert statistics.output_tokens > 0


@pytest.mark.parametrize(("model", "is_lowered"), [("claude-big", True), ("sim-gemini/sim-swift", False)])
async def test_a_number_of_tokens_meant_for_another_model_is_lowered_to_what_the_target_can_say(
    sim: Simulator, model: str, is_lowered: bool
):
    gateway, household = gateway_for(settings_for(sim.url, aliases={"claude-*": "sim-gemini/sim-swift"}))
    await call(gateway, "/v1/models", method="GET")  # the provider tells its models' limits

    _, answered = await ask(gateway, "anthropic", question(model=model, max_output=128_000))
    await household.transport.close()

    told = answered.headers.get("x-quorate-fidelity", "")
    assert ("max_output=changed" in told) is is_lowered
