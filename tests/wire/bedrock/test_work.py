"""Vectors, counts, and the two lists of models."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quorate.errors import Unsupported, UpstreamBroken
from quorate.types.chat import Tool
from quorate.types.target import Quirks, Target
from quorate.types.usage import MISSING
from quorate.types.value import replace
from quorate.types.work import CountRequest, EmbedRequest, ModelsRequest
from quorate.wire.seam import WireAnswer
from tests.wire import laws

from .making import WIRE, ask, target

EMBED, COUNT, MODELS = WIRE.work["embed"], WIRE.work["count"], WIRE.work["models"]


def embedder(form: Any) -> Target:
    return target(Quirks(embedding=form), model="m:0")


@pytest.mark.parametrize(
    ("form", "length", "body"),
    [
        ("titan", 256, {"inputText": "river", "dimensions": 256}),
        ("titan_plain", None, {"inputText": "river"}),
        ("titan_multimodal", 384, {"inputText": "river", "embeddingConfig": {"outputEmbeddingLength": 384}}),
        ("cohere", None, {"texts": ["river"], "input_type": "search_document"}),
        (
            "cohere_sized",
            512,
            {
                "texts": ["river"],
                "input_type": "search_document",
                "embedding_types": ["float"],
                "output_dimension": 512,
            },
        ),
        (
            "nova",
            256,
            {
                "taskType": "SINGLE_EMBEDDING",
                "singleEmbeddingParams": {
                    "embeddingPurpose": "GENERIC_INDEX",
                    "embeddingDimension": 256,
                    "text": {"truncationMode": "NONE", "value": "river"},
                },
            },
        ),
    ],
)
def test_each_maker_is_asked_for_vectors_in_its_own_form(form: str, length: int | None, body: dict[str, Any]):
    sent = EMBED.write_request(EmbedRequest(model="m", inputs=("river",), dimensions=length), embedder(form))

    assert (sent.path, json.loads(sent.body), sent.fidelity) == ("/model/m%3A0/invoke", body, ())


def test_a_makers_own_fields_go_along():
    asked = EmbedRequest(model="m", inputs=("a",), vendor={"bedrock": {"input_type": "search_query"}})

    assert json.loads(EMBED.write_request(asked, embedder("cohere")).body)["input_type"] == "search_query"


@pytest.mark.parametrize("form", ["titan_plain", "cohere"])
def test_a_length_that_cannot_be_chosen_is_reported(form: str):
    sent = EMBED.write_request(EmbedRequest(model="m", inputs=("a",), dimensions=9, user="u"), embedder(form))

    assert [each.setting for each in sent.fidelity] == ["user", "dimensions"]


@pytest.mark.parametrize(
    ("asked", "form"),
    [
        (EmbedRequest(model="m", inputs=("a", "b")), "titan"),
        (EmbedRequest(model="m", inputs=(), tokens=((1, 2),)), "cohere"),
        (EmbedRequest(model="m", inputs=("a",)), ""),
    ],
)
def test_what_no_maker_takes_is_unsupported(asked: EmbedRequest, form: str):
    with pytest.raises(Unsupported):
        EMBED.write_request(asked, embedder(form))


@pytest.mark.parametrize(
    ("body", "vectors"),
    [
        ({"embedding": [0.5, 1], "inputTextTokenCount": 3}, ((0.5, 1.0),)),
        ({"embedding": [0.5], "embeddingsByType": {"float": [0.5]}, "inputTextTokenCount": 3}, ((0.5,),)),
        ({"embeddings": [[0.5], [0.25]], "id": "x", "response_type": "embeddings_floats"}, ((0.5,), (0.25,))),
        ({"embeddings": {"float": [[0.5]]}, "response_type": "embeddings_by_type"}, ((0.5,),)),
        ({"embeddings": [{"embeddingType": "TEXT", "embedding": [0.5]}]}, ((0.5,),)),
        ({"embeddingsByType": {"binary": [1, 0]}}, ((1.0, 0.0),)),
    ],
)
def test_vectors_come_in_each_makers_form(body: dict[str, Any], vectors: tuple[tuple[float, ...], ...]):
    told = WireAnswer(body=json.dumps(body).encode(), headers={"x-amzn-bedrock-input-token-count": "3"})
    reply = EMBED.read_reply(told)

    assert (reply.vectors, reply.usage.input, reply.usage.quality) == (vectors, 3, "exact")
    assert EMBED.read_reply(replace(told, headers={})).usage.quality in ("exact", "missing")


@pytest.mark.parametrize("body", [b"", b"{}", b'{"embedding":"x"}', b'{"embeddings":[]}', b"<html>"])
def test_an_answer_without_vectors_is_a_broken_upstream(body: bytes):
    with pytest.raises(UpstreamBroken):
        EMBED.read_reply(laws.answer_of(body))


def test_without_a_count_the_usage_of_vectors_is_missing():
    assert EMBED.read_reply(laws.answer_of(b'{"embedding":[1]}')).usage == MISSING


def test_only_what_is_read_is_counted():
    asked = ask(tools=(Tool(name="now"),), max_output=9, seed=4, service_tier="flex")
    sent = COUNT.write_request(CountRequest(model="m", request=asked), target(model="m:0"))

    assert sent.path == "/model/m%3A0/count-tokens"
    assert set(json.loads(sent.body)["input"]["converse"]) == {"messages", "toolConfig"}
    assert sent.fidelity == ()
    assert COUNT.read_reply(laws.answer_of(b'{"inputTokens": 11}')).tokens == 11


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"inputTokens":-1}', b'{"inputTokens":true}', b'{"inputTokens":"3"}']
)
def test_an_answer_without_a_count_is_a_broken_upstream(body: bytes):
    with pytest.raises(UpstreamBroken):
        COUNT.read_reply(laws.answer_of(body))


def test_models_are_listed_by_another_host():
    first = MODELS.write_request(ModelsRequest(), target())
    second = MODELS.write_request(ModelsRequest(page="profiles"), target())
    third = MODELS.write_request(ModelsRequest(page="profiles:abc"), target())

    assert {each.base_url for each in (first, second, third)} == {"https://bedrock.us-east-1.amazonaws.com"}
    assert (first.path, first.query) == ("/foundation-models", {})
    assert (second.path, second.query) == ("/inference-profiles", {"maxResults": "1000"})
    assert third.query == {"maxResults": "1000", "nextToken": "abc"}


@pytest.mark.parametrize(
    "base", ["http://127.0.0.1:9", "https://vpce-1.bedrock-runtime.us-east-1.vpce.amazonaws.com"]
)
def test_an_address_of_the_operators_own_serves_both(base: str):
    assert MODELS.write_request(ModelsRequest(), replace(target(), base_url=base)).base_url == ""


def test_models_that_can_be_called_are_told_with_what_they_can():
    listed = MODELS.read_reply(
        laws.answer_of(
            json.dumps(
                {
                    "modelSummaries": [
                        {
                            "modelId": "a.one-v1:0",
                            "modelName": "One",
                            "providerName": "A",
                            "inputModalities": ["TEXT", "IMAGE"],
                            "outputModalities": ["TEXT"],
                            "responseStreamingSupported": True,
                            "inferenceTypesSupported": ["ON_DEMAND"],
                        },
                        {"modelId": "a.two-v1:0", "inferenceTypesSupported": ["INFERENCE_PROFILE"]},
                        {"modelId": "a.three-v1:0", "outputModalities": ["EMBEDDING", "SMELL"]},
                    ]
                }
            ).encode()
        )
    )

    assert [(model.id, model.name, model.owner, model.features) for model in listed.models] == [
        ("a.one-v1:0", "One", "A", ("chat", "vision", "stream")),
        ("a.three-v1:0", "", "", ("embed",)),
    ]
    assert listed.next_page == "profiles"


def test_profiles_are_models_under_the_names_by_which_they_are_called():
    own = "arn:aws:bedrock:us-east-1:1:application-inference-profile/x"
    listed = MODELS.read_reply(
        laws.answer_of(
            json.dumps(
                {
                    "inferenceProfileSummaries": [
                        {
                            "inferenceProfileId": "us.a.two-v1:0",
                            "inferenceProfileName": "US Two",
                            "type": "SYSTEM_DEFINED",
                            "createdAt": "2026-07-13T14:00:42.680622Z",
                        },
                        {
                            "inferenceProfileId": "x",
                            "inferenceProfileArn": own,
                            "type": "APPLICATION",
                            "createdAt": "?",
                        },
                    ],
                    "nextToken": "abc",
                }
            ).encode()
        )
    )

    assert [(model.id, model.name, model.created) for model in listed.models] == [
        ("us.a.two-v1:0", "US Two", 1783951242),
        (own, "", 0),
    ]
    assert listed.next_page == "profiles:abc"


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"<html>"])
def test_an_answer_that_is_no_list_is_a_broken_upstream(body: bytes):
    with pytest.raises(UpstreamBroken):
        MODELS.read_reply(laws.answer_of(body))
