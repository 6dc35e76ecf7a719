"""Embeddings and lists of models, in each protocol's own form."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quorate.cli.simulated import NAMES
from quorate.gateway.app import Gateway
from quorate.sim.simulator import Simulator
from quorate.types.target import Target
from quorate.types.work import EmbedRequest
from quorate.wire.seam import WireAnswer
from quorate.wire.wires import WIRES

from .house import PLAIN, PROTOCOLS, call, gateway_for, route, settings_for

EMBEDDING = [each for each in PROTOCOLS if "embed" in WIRES[each].work]
BASES = {"openai_chat": "/v1", "gemini": "/v1beta", "ollama": ""}


@pytest.mark.parametrize("target", EMBEDDING)
@pytest.mark.parametrize("front", EMBEDDING)
async def test_vectors_come_from_a_target_of_any_protocol(gateway: Gateway, front: str, target: str):
    codec: Any = WIRES[front].work["embed"]
    model = f"{NAMES[target]}/sim-embed"
    asked = EmbedRequest(model=model, inputs=("the sea", "the mountains"))
    sent = codec.write_request(asked, Target(provider="", model=model, wire=front, base_url=""))

    answered = await call(gateway, BASES[front] + sent.path.replace("%2F", "/"), sent.body)

    reply = codec.read_reply(WireAnswer(status=answered.status, headers=answered.headers, body=answered.body))
    assert len(reply.vectors) == 2
    assert reply.vectors[0] != reply.vectors[1]
    assert answered.headers["x-quorate-provider"] == NAMES[target]
    assert answered.headers["x-quorate-attempts"] == "1"


async def test_a_target_that_embeds_nothing_says_so(gateway: Gateway):
    answered = await call(gateway, "/v1/embeddings", b'{"model": "sim-anthropic/sim-embed", "input": "x"}')

    assert answered.status == 400
    assert "no embeddings" in answered.body.decode()


LISTS: dict[str, tuple[str, dict[str, str], str, str]] = {
    "openai_chat": ("/v1/models", {}, "data", "id"),
    "anthropic": ("/v1/models", {"anthropic-version": "2023-06-01"}, "data", "id"),
    "gemini": ("/v1beta/models", {}, "models", "name"),
    "gemini on a shared path": ("/v1/models", {"x-goog-api-key": "x"}, "models", "name"),
    "ollama": ("/api/tags", {}, "models", "model"),
}


@pytest.mark.parametrize("protocol", LISTS)
async def test_every_client_can_list_models_routes_and_aliases(gateway: Gateway, protocol: str):
    path, headers, field, name = LISTS[protocol]

    answered = await call(gateway, path, method="GET", headers=PLAIN | headers)

    names = {each[name].removeprefix("models/") for each in json.loads(answered.body)[field]}
    assert {"route/relay-first", "mine", *(f"{provider}/sim-swift" for provider in NAMES.values())} <= names
    assert "gpt-*" not in names


@pytest.mark.parametrize(
    ("name", "status"),
    [("sim-gemini/sim-sage", 200), ("route/relay-first", 200), ("gpt-4", 200), ("nobody/knows", 404)],
)
async def test_one_model_can_be_looked_up(gateway: Gateway, name: str, status: int):
    answered = await call(gateway, f"/v1/models/{name}", method="GET")

    assert answered.status == status


@pytest.mark.parametrize("name", ["gpt-4", "route/of-one", "mine-too"])
async def test_a_name_of_ours_is_shown_with_what_the_model_behind_it_can_do(sim: Simulator, name: str):
    """Ollama's programs offer no tools and no pictures to a model that is shown without them."""
    settings = settings_for(
        sim.url,
        aliases={"gpt-*": "sim-ollama/sim-thrift", "mine-too": "sim-ollama/sim-thrift"},
        routes={"of-one": route("sim-ollama/sim-thrift", "sim-openai/sim-sage")},
    )
    gateway, household = gateway_for(settings)

    answered = await call(gateway, "/api/show", json.dumps({"model": name}).encode())
    plain = await call(gateway, "/api/show", b'{"model":"sim-ollama/sim-thrift"}')
    await household.transport.close()

    told, direct = json.loads(answered.body), json.loads(plain.body)
    assert told["capabilities"] == direct["capabilities"] == ["completion", "thinking", "tools", "vision"]
    assert told["model_info"]["quorate.context_length"] == 32_000
