"""Models of several makers behind one entry for Vertex AI: each is asked in the protocol that it speaks there."""

from __future__ import annotations

import json

import pytest

from quorate import Quorate
from quorate.errors import ModelUnavailable, SettingsInvalid, UnknownModel, Unsupported
from quorate.providers.book import ProviderBook
from quorate.providers.entry import Entry
from quorate.providers.targets import configured, make_target
from quorate.settings.settings import Fallback, Settings
from quorate.transport.scripted import Answer, ScriptedTransport, answer
from quorate.types.events import PartDelta
from quorate.types.secret import Secret

HOST = "https://europe-west4-aiplatform.googleapis.com"
PLACE = "/v1/projects/acme/locations/europe-west4"
CLAUDE = "vertex/claude-sonnet-4-5@20250929"
SAID = answer(
    json.dumps(
        {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "claude-sonnet-4-5-20250929",
            "content": [{"type": "text", "text": "Rhine"}],
            "stop_reason": "end_turn",
            "usage": {"input_tokens": 9, "output_tokens": 2},
        }
    ).encode()
)
START = {
    "id": "m",
    "type": "message",
    "role": "assistant",
    "model": "c",
    "content": [],
    "usage": {"input_tokens": 9},
}
EVENTS = (
    {"type": "message_start", "message": START},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Rhine"}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}},
    {"type": "message_stop"},
)
STREAMED = answer("".join(f"event: {each['type']}\ndata: {json.dumps(each)}\n\n" for each in EVENTS).encode())


def door(told: Answer) -> tuple[Quorate, ScriptedTransport]:
    transport = ScriptedTransport(lambda send: told)
    entry = Entry(
        provider="vertex", key=Secret("ya29.token"), options={"project": "acme", "location": "europe-west4"}
    )
    settings = Settings(entries=(entry,), fallback=Fallback(tries=1))
    return Quorate(settings, environment={}, transport=transport), transport


async def test_claude_is_asked_in_its_own_protocol_and_priced():
    client, transport = door(SAID)

    async with client:
        reply = await client.chat("A river?", model=CLAUDE, max_output=99)

    assert (reply.text, reply.usage.input, reply.fidelity) == ("Rhine", 9, ())
    assert reply.cost is not None
    assert (
        transport.sent[0].url
        == f"{HOST}{PLACE}/publishers/anthropic/models/claude-sonnet-4-5@20250929:rawPredict"
    )
    assert transport.sent[0].headers["authorization"] == "Bearer ya29.token"
    assert json.loads(transport.sent[0].body) == {
        "max_tokens": 99,
        "messages": [{"role": "user", "content": "A river?"}],
        "anthropic_version": "vertex-2023-10-16",
    }


async def test_claude_streams_from_an_address_of_its_own():
    client, transport = door(STREAMED)

    async with client, client.stream("A river?", model=CLAUDE) as events:
        text = "".join([event.text async for event in events if isinstance(event, PartDelta)])

    assert text == "Rhine"
    assert transport.sent[0].url.endswith(":streamRawPredict")
    assert json.loads(transport.sent[0].body)["stream"] is True


async def test_googles_own_error_in_a_list_is_read_in_any_protocol():
    told = [{"error": {"code": 404, "message": "Publisher Model was not found.", "status": "NOT_FOUND"}}]
    client, _ = door(answer(json.dumps(told).encode(), 404))

    async with client:
        for model in (CLAUDE, "vertex/mistral-medium-3", "vertex/gemini-2.5-flash"):
            with pytest.raises(ModelUnavailable, match=r"Publisher Model was not found\."):
                await client.chat("A river?", model=model)


@pytest.mark.parametrize(
    ("model", "wire", "path"),
    [
        ("gemini-2.5-pro", "gemini", "/publishers/google/models/{model}:{method}"),
        ("endpoints/123", "gemini", "/{model}:{method}"),
        ("codestral-2", "openai_chat", "/publishers/mistralai/models/{model}:rawPredict"),
        (
            "meta/llama-4-maverick-17b-128e-instruct-maas",
            "openai_chat",
            "/endpoints/openapi/chat/completions",
        ),
    ],
)
def test_the_form_goes_by_the_models_name(model, wire, path):
    book = ProviderBook(plug_ins=dict)
    entry = Entry(provider="vertex", options={"project": "acme", "location": "europe-west4"})

    target = make_target(book.row_for(entry, model), entry, model, {})

    assert (target.wire, target.quirks.paths["chat"]) == (wire, PLACE + path)


def test_a_form_that_was_chosen_holds_for_every_name():
    book = ProviderBook(plug_ins=dict)

    assert book.row_for(Entry(provider="vertex", form="openapi"), "claude-opus-4-5").wire == "openai_chat"


@pytest.mark.parametrize(
    ("location", "host"),
    [
        ("", "aiplatform.googleapis.com"),
        ("us", "aiplatform.us.rep.googleapis.com"),
        ("us-east5", "us-east5-aiplatform.googleapis.com"),
    ],
)
def test_the_host_goes_by_the_location(location, host):
    book = ProviderBook(plug_ins=dict)
    entry = Entry(provider="vertex", options={"project": "acme", "location": location})

    assert make_target(book.row_of(entry), entry, "gemini", {}).base_url == f"https://{host}"


def test_a_project_is_demanded_or_found_in_the_credentials_file(tmp_path):
    file = tmp_path / "key.json"
    file.write_text('{"type": "service_account", "project_id": "of-the-file"}')
    book, entry = ProviderBook(plug_ins=dict), Entry(provider="vertex")

    found = make_target(book.row_of(entry), entry, "g", {"GOOGLE_APPLICATION_CREDENTIALS": str(file)})

    assert found.quirks.paths["chat"].startswith("/v1/projects/of-the-file/locations/global/")
    with pytest.raises(SettingsInvalid, match=r"options\.project"):
        make_target(book.row_of(entry), entry, "g", {})


def test_the_environment_alone_makes_it_ready(tmp_path):
    book = ProviderBook(plug_ins=dict)
    set_up = {"GOOGLE_CLOUD_PROJECT": "acme", "GOOGLE_APPLICATION_CREDENTIALS": str(tmp_path / "key.json")}

    assert [entry.provider for entry in configured(book, set_up)] == ["vertex"]
    assert configured(book, {"GOOGLE_CLOUD_PROJECT": "acme"}) == ()


async def test_what_a_form_lacks_is_not_asked_for():
    client, transport = door(SAID)

    async with client:
        with pytest.raises((Unsupported, UnknownModel)):
            await client.embed(["a"], model="vertex/mistral-medium-3")

    assert transport.sent == []
