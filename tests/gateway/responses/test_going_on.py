"""A call goes on from a kept answer, at a target of any protocol."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from quorate.sim.simulator import Simulator
from quorate.transport.scripted import Scripted, ScriptedTransport
from quorate.transport.seam import Send

from .kept import ABROAD, NATIVE, Tenant, events_of, keeping, words_of

TOOL = {
    "type": "function",
    "name": "weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
CHAT = "sim-openai/sim-swift"
TARGETS = [NATIVE, ABROAD, "sim-gemini/sim-swift", CHAT, "sim-ollama/sim-swift"]
THOUGHT = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "sealed"}


class Provider:
    """A provider of the protocol that tells what it was sent."""

    def __init__(self) -> None:
        self.transport = ScriptedTransport(self.answer)

    def answer(self, request: Send) -> Scripted:
        asked = msgspec.json.decode(request.body)
        said = {"type": "output_text", "text": "Well", "annotations": []}
        message = {
            "type": "message",
            "id": "msg_1",
            "role": "assistant",
            "status": "completed",
            "content": [said],
        }
        state: dict[str, Any] = {
            "id": f"resp_{len(self.transport.sent)}",
            "object": "response",
            "created_at": 1,
            "model": asked["model"],
            "status": "completed",
            "output": [THOUGHT, message],
            "previous_response_id": asked.get("previous_response_id"),
            "usage": {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2},
        }
        if not asked.get("stream"):
            return Scripted(chunks=(msgspec.json.encode(state),))
        events = [
            {"type": "response.created", "sequence_number": 0, "response": state | {"status": "in_progress"}},
            {"type": "response.completed", "sequence_number": 1, "response": state},
        ]
        lines = [f"event: {each['type']}\ndata: {msgspec.json.encode(each).decode()}\n\n" for each in events]
        head = {"content-type": "text/event-stream"}
        return Scripted(headers=head, chunks=tuple(line.encode() for line in lines))

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [msgspec.json.decode(each.body) for each in self.transport.sent]


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
async def before(provider: Provider, store: Path) -> AsyncIterator[Tenant]:
    """A tenant whose calls reach the provider."""
    async with keeping("http://provider.test", store, provider.transport) as made:
        yield made


@pytest.mark.parametrize("first", [NATIVE, ABROAD])
@pytest.mark.parametrize("second", TARGETS)
async def test_a_tool_call_of_one_target_is_answered_at_another(tenant: Tenant, first: str, second: str):
    asked = await tenant.create("What is the weather in Vienna?", first, tools=[TOOL])
    called = next(item for item in asked["output"] if item["type"] == "function_call")
    result = [{"type": "function_call_output", "call_id": called["call_id"], "output": "12 degrees"}]

    told = await tenant.create(result, second, tools=[TOOL], previous_response_id=asked["id"])

    assert told["status"] == "completed"
    assert told["previous_response_id"] == asked["id"]
    assert words_of(told)
    assert told["usage"]["input_tokens"] > asked["usage"]["input_tokens"]


async def test_a_line_of_answers_comes_whole_and_in_order(before: Tenant, provider: Provider):
    first = await before.create("One", NATIVE, instructions="Be brief")
    second = await before.create(
        [{"role": "user", "content": "Two"}], NATIVE, previous_response_id=first["id"]
    )
    third = await before.create("Three", NATIVE, previous_response_id=second["id"], temperature=0.5)

    sent = provider.bodies[-1]
    roles = [item.get("content") if item.get("role") == "user" else item["id"] for item in sent["input"]]
    assert roles == ["One", "rs_1", "msg_1", "Two", "rs_1", "msg_1", "Three"]
    assert sent["input"][1] == THOUGHT
    assert sent["temperature"] == 0.5
    assert not {"previous_response_id", "instructions"} & sent.keys()
    assert third["previous_response_id"] == second["id"]


async def test_a_relayed_stream_names_what_its_client_went_on_from(before: Tenant):
    first = await before.create("One", NATIVE)

    events = await before.stream("Two", NATIVE, previous_response_id=first["id"])

    told = [event["response"]["previous_response_id"] for event in events]
    assert told == [first["id"], first["id"]]
    assert (await before.get(events[-1]["response"]["id"]))["previous_response_id"] == first["id"]


async def test_what_one_provider_alone_can_read_goes_to_no_other(before: Tenant, provider: Provider):
    first = await before.create("One", NATIVE)

    answered = await before.send(
        "POST", "", {"model": "sim-second/m", "input": "Two", "previous_response_id": first["id"]}
    )

    items = provider.bodies[-1]["input"]
    assert [item.get("type") for item in items] == ["message", "message", "message"]
    assert not any("id" in item for item in items)
    assert answered.headers["x-quorate-fidelity"] == "previous_response_id.0=dropped"


async def test_an_id_that_only_its_provider_knows_goes_there_untouched(before: Tenant, provider: Provider):
    body = {"model": NATIVE, "input": "Two", "previous_response_id": "resp_elsewhere"}

    answered = await before.send("POST", "", body)
    again = await before.send("POST", "", body | {"previous_response_id": "resp_1", "input": "Three"})

    assert answered.status == again.status == 200
    assert [sent["previous_response_id"] for sent in provider.bodies] == ["resp_elsewhere", "resp_1"]
    assert provider.bodies[1]["input"] == "Three"  # what came before it is not all here


@pytest.mark.parametrize("name", ["resp_elsewhere", "resp_quorate_0123"])
@pytest.mark.parametrize("stream", [False, True])
async def test_an_id_that_nobody_knows_is_told_as_the_protocol_does(before: Tenant, name: str, stream: bool):
    body = {"model": ABROAD, "input": "Two", "previous_response_id": name, "stream": stream}

    status, error = await before.refused("POST", "", body)

    assert status == 400
    assert error["code"] == "previous_response_not_found"
    assert error["param"] == "previous_response_id"
    assert error["type"] == "invalid_request_error"


async def test_an_id_of_ours_that_is_gone_reaches_no_provider(before: Tenant, provider: Provider):
    body = {"model": NATIVE, "input": "Two", "previous_response_id": "resp_quorate_0123"}

    status, error = await before.refused("POST", "", body)

    assert (status, error["code"]) == (400, "previous_response_not_found")
    assert provider.bodies == []


async def test_a_line_with_a_deleted_answer_is_broken(tenant: Tenant):
    first = await tenant.create("One")
    second = await tenant.create("Two", previous_response_id=first["id"])
    await tenant.send("DELETE", f"/{first['id']}")

    status, error = await tenant.refused(
        "POST", "", {"model": ABROAD, "input": "Three", "previous_response_id": second["id"]}
    )

    assert (status, error["code"]) == (400, "previous_response_not_found")
    assert await tenant.get(second["id"]) == second


async def test_ids_of_ours_are_told_to_no_provider(before: Tenant, provider: Provider):
    item = {"type": "message", "id": "msg_quorate_0_x", "role": "assistant", "status": "completed"}
    said = item | {"content": [{"type": "output_text", "text": "Well", "annotations": []}]}

    await before.create(
        [{"role": "user", "content": "One"}, said, {"role": "user", "content": "Two"}], NATIVE
    )

    assert b"_quorate_" not in (provider.transport.sent[-1].body or b"")
    assert len(provider.bodies[-1]["input"]) == 3


@pytest.mark.parametrize(
    ("field", "kept"), [("conversation", "conv_1"), ("prompt", {"id": "pmpt_1", "variables": {"a": "b"}})]
)
async def test_what_a_provider_keeps_is_passed_on_or_refused(
    before: Tenant, provider: Provider, field: str, kept: object
):
    body = {"input": "One", field: kept}

    passed = await before.send("POST", "", body | {"model": NATIVE})
    status, error = await before.refused("POST", "", body | {"model": ABROAD})

    assert passed.status == 200
    assert provider.bodies[0][field] == kept
    assert (status, error["code"]) == (400, "unsupported")


async def test_what_is_said_of_keeping_is_no_departure(tenant: Tenant):
    answered = await tenant.send(
        "POST", "", {"model": CHAT, "input": "One", "store": True, "metadata": {"a": "b"}, "stream": True}
    )
    unkept = await tenant.send("POST", "", {"model": CHAT, "input": "One", "store": False})

    assert "x-quorate-fidelity" not in answered.headers
    assert "x-quorate-fidelity" not in unkept.headers
    assert events_of(answered)[-1]["response"]["store"] is True


async def test_where_nothing_is_kept_that_is_said(sim: Simulator, store: Path):
    async with keeping(sim.url, store, responses=False) as tenant:
        answered = await tenant.send("POST", "", {"model": CHAT, "input": "One", "store": True})
        told = msgspec.json.decode(answered.body)
        later = await tenant.refused("POST", "", {"model": CHAT, "input": "One", "background": True})

        assert answered.headers["x-quorate-fidelity"] == "store=dropped"
        assert told["store"] is False
        assert (await tenant.refused("GET", f"/{told['id']}"))[0] == 404
        assert later[0] == 400


async def test_a_provider_makes_at_once_what_its_client_does_not_wait_for(before: Tenant, provider: Provider):
    await before.stream("One", NATIVE, background=True)

    assert provider.bodies == [{"model": "sim-swift", "input": "One", "stream": True}]


@pytest.mark.parametrize("field", ["store", "background", "stream"])
async def test_a_wish_of_another_type_says_where(tenant: Tenant, field: str):
    status, error = await tenant.refused("POST", "", {"model": ABROAD, "input": "One", field: "yes"})

    assert (status, error["param"]) == (400, field)


FIELDS: dict[str, Any] = {
    "include": ["reasoning.encrypted_content"],
    "max_tool_calls": 3,
    "truncation": "auto",
    "tools": [{"type": "web_search", "search_context_size": "low"}],
    "text": {
        "format": {"type": "json_schema", "name": "a", "schema": {"type": "object"}},
        "verbosity": "low",
    },
    "metadata": {"a": "b"},
    "prompt_cache_key": "k",
}


async def test_what_the_protocol_alone_knows_reaches_a_target_of_it_untouched(
    before: Tenant, provider: Provider
):
    first = await before.create("One", NATIVE, **FIELDS)
    await before.create("Two", NATIVE, previous_response_id=first["id"], **FIELDS)

    assert [{name: sent[name] for name in FIELDS} for sent in provider.bodies] == [FIELDS, FIELDS]


async def test_what_the_protocol_alone_knows_is_told_of_where_a_target_does_not_know_it(tenant: Tenant):
    answered = await tenant.send("POST", "", {"model": CHAT, "input": "One", **FIELDS})

    told = {each.partition("=")[0] for each in answered.headers["x-quorate-fidelity"].split(", ")}
    assert {"include", "max_tool_calls", "truncation", "tools.0"} <= told
    assert "metadata" not in told
    assert msgspec.json.decode(answered.body)["metadata"] == {"a": "b"}


async def test_an_answer_that_its_client_left_is_not_kept(tenant: Tenant):
    body = {"model": f"{ABROAD}+stall-midway:30", "input": "One", "stream": True}

    left = await tenant.send("POST", "", body, leave_after=2)
    name = events_of(left)[0]["response"]["id"]

    assert (await tenant.refused("GET", f"/{name}"))[0] == 404
