"""The lesser doors of the fronts, tried through the gateway: older completions, other bases, usage on our account."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quorate.cli.simulated import NAMES
from quorate.gateway.app import Gateway
from quorate.sim.simulator import Simulator
from quorate.transport.scripted import Scripted, ScriptedTransport

from .house import PROTOCOLS, call, gateway_for, settings_for

SSE = {"content-type": "text/event-stream"}
CHUNK = b'data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"hi"}}],"usage":null}\n\n'
LAST = (
    b'data: {"id":"c","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}\n\n'
)
USAGE = (
    b'data: {"id":"c","model":"m","choices":[],'
    b'"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}\n\n'
)
DONE = b"data: [DONE]\n\n"


def body(**fields: Any) -> bytes:
    return json.dumps(fields).encode()


@pytest.mark.parametrize("target", PROTOCOLS)
async def test_a_target_of_any_protocol_completes_a_text(gateway: Gateway, target: str):
    model = f"{NAMES[target]}/sim-swift"

    whole = await call(gateway, "/v1/completions", body(model=model, prompt="Say two words", max_tokens=40))
    told = json.loads(whole.body)
    streamed = await call(
        gateway, "/v1/completions", body(model=model, prompt="Say two words", max_tokens=40, stream=True)
    )

    pieces = [json.loads(line[6:]) for line in streamed.body.split(b"\n\n")[:-2]]
    words = "".join(each["choices"][0]["text"] for each in pieces)
    assert (whole.status, told["object"], told["choices"][0]["text"]) == (200, "text_completion", words)
    assert words
    assert told["usage"]["total_tokens"] > 0
    assert streamed.body.endswith(DONE)


async def test_what_a_chat_cannot_do_is_told_before_anything_is_sent(gateway: Gateway, sim: Simulator):
    asked = body(model="sim-anthropic/sim-swift", prompt=[1, 2, 3])

    answered = await call(gateway, "/v1/completions", asked)

    assert (answered.status, sim.stats.requests) == (400, 0)
    assert "send the text" in json.loads(answered.body)["error"]["message"]


async def test_a_field_that_the_target_cannot_be_told_is_reported(gateway: Gateway):
    asked = body(model="sim-anthropic/sim-swift", prompt="Hi", best_of=3, max_tokens=20)

    answered = await call(gateway, "/v1/completions", asked)

    assert answered.status == 200
    assert "best_of=dropped" in answered.headers["x-quorate-fidelity"]


async def test_the_fields_of_one_maker_are_reported_where_another_answers(gateway: Gateway):
    turns = [{"role": "user", "content": "hi"}]
    asked = body(model="sim-anthropic/sim-swift", messages=turns, max_tokens=9, random_seed=7)

    answered = await call(gateway, "/v1/chat/completions", asked)

    assert answered.headers["x-quorate-fidelity"] == "random_seed=dropped"


@pytest.mark.parametrize(
    "path",
    [
        "/chat/completions",
        "/openai/v1/chat/completions",
        "/openai/deployments/sim-openai/sim-swift/chat/completions",
        "/v1beta/openai/chat/completions",
    ],
)
async def test_libraries_with_bases_of_their_own_are_answered(gateway: Gateway, path: str):
    asked = body(model="sim-openai/sim-swift", messages=[{"role": "user", "content": "hi"}])

    answered = await call(gateway, path, asked, query="api-version=2024-10-21")

    assert (answered.status, json.loads(answered.body)["object"]) == (200, "chat.completion")


async def test_a_gemini_call_without_a_version_is_answered(gateway: Gateway):
    asked = body(contents=[{"role": "user", "parts": [{"text": "hi"}]}])

    answered = await call(gateway, "/models/sim-openai/sim-swift:generateContent", asked)
    unknown = await call(gateway, "/v1beta/nothing", asked)

    assert (answered.status, set(json.loads(answered.body)) >= {"candidates"}) == (200, True)
    assert json.loads(unknown.body)["error"]["status"] == "NOT_FOUND"


async def test_googles_openai_shaped_lists_are_openais(gateway: Gateway):
    listed = await call(gateway, "/v1beta/openai/models", method="GET")
    one = await call(gateway, "/v1beta/openai/models/sim-openai/sim-swift", method="GET")

    assert json.loads(listed.body)["object"] == "list"
    assert json.loads(one.body)["id"] == "sim-openai/sim-swift"


@pytest.mark.parametrize(
    ("target", "status"), [("sim-openai", 200), ("sim-gemini", 400), ("sim-ollama", 400)]
)
async def test_token_numbers_are_embedded_where_they_mean_something(
    gateway: Gateway, target: str, status: int
):
    answered = await call(gateway, "/v1/embeddings", body(model=f"{target}/sim-embed", input=[[1, 2], [3]]))

    assert answered.status == status
    assert ("data" in json.loads(answered.body)) is (status == 200)


async def relayed(chunks: tuple[bytes, ...], **fields: Any) -> tuple[bytes, Any, tuple[int, int]]:
    """What a client gets of a stream, what was sent for it, and what was booked."""
    transport = ScriptedTransport([Scripted(headers=SSE, chunks=chunks)])
    gateway, household = gateway_for(settings_for("http://upstream.example"), transport)
    turns = [{"role": "user", "content": "hi"}]

    answered = await call(
        gateway,
        "/v1/chat/completions",
        body(model="sim-openai/m", messages=turns, stream=True, **fields),
    )

    booked = household.statistics.read()["sim-openai"]
    return (
        answered.body,
        json.loads(transport.sent[0].body),
        (booked.input_tokens, booked.output_tokens),
    )


@pytest.mark.parametrize("size", [1, 9, 64, 10_000])
async def test_usage_is_booked_exactly_though_the_client_did_not_ask_for_it(size: int):
    stream = CHUNK + LAST + USAGE + DONE
    cut = tuple(stream[at : at + size] for at in range(0, len(stream), size))

    seen, sent, booked = await relayed(cut)

    assert seen == CHUNK + LAST + DONE
    assert sent["stream_options"] == {"include_usage": True}
    assert booked == (9, 2)


async def test_a_client_that_asks_for_usage_sees_it():
    seen, _, booked = await relayed((CHUNK, LAST, USAGE, DONE), stream_options={"include_usage": True})

    assert seen == CHUNK + LAST + USAGE + DONE
    assert booked == (9, 2)


async def test_one_model_of_gemini_and_of_anthropic_is_told_in_their_words(gateway: Gateway):
    name = "sim-openai/sim-swift"

    found = await call(gateway, f"/v1beta/models/{name}", method="GET")
    none = await call(gateway, "/v1beta/models/nobody/knows", method="GET")

    assert json.loads(found.body)["name"] == f"models/{name}"
    assert (none.status, json.loads(none.body)["error"]["status"]) == (404, "NOT_FOUND")


async def test_what_a_target_cannot_be_told_of_an_embedding_is_reported(gateway: Gateway):
    asked = body(model="sim-openai/sim-embed", input="a", truncate=False)

    answered = await call(gateway, "/api/embed", asked)

    assert answered.headers["x-quorate-fidelity"] == "truncate=dropped"


@pytest.mark.parametrize("target", ["sim-openai", "sim-gemini"])
async def test_packed_vectors_are_the_clients_affair(gateway: Gateway, target: str):
    asked = body(model=f"{target}/sim-embed", input="a", encoding_format="base64")

    answered = await call(gateway, "/v1/embeddings", asked)

    assert isinstance(json.loads(answered.body)["data"][0]["embedding"], str)
    assert "x-quorate-fidelity" not in answered.headers
