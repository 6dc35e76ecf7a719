"""Embeddings and the list of models, in both directions."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.errors import (
    InvalidRequest,
    KeyInvalid,
    ModelUnavailable,
    UnknownModel,
    Unsupported,
    UpstreamBroken,
)
from quorate.types.target import Quirks
from quorate.types.usage import MISSING, Usage
from quorate.types.value import replace
from quorate.types.work import EmbedReply, EmbedRequest, ModelInfo, ModelList, ModelsRequest
from quorate.wire.gemini import GEMINI
from quorate.wire.seam import Call
from tests.wire.laws import answer_of, call_of

from .making import TARGET

EMBED, EMBED_FRONT = GEMINI.work["embed"], GEMINI.work_fronts["embed"]
MODELS, MODELS_FRONT = GEMINI.work["models"], GEMINI.work_fronts["models"]
ONE = Call(path="/v1beta/models/e:embedContent")
MANY = Call(path="/v1beta/models/e:batchEmbedContents")


def wanted(*inputs: str, **more: Any) -> EmbedRequest:
    return EmbedRequest(model="asked", inputs=inputs, **more)


def test_one_text_is_asked_for_alone_and_many_at_once():
    one, many = (
        EMBED.write_request(wanted("a"), TARGET),
        EMBED.write_request(wanted("a", "b", dimensions=9), TARGET),
    )

    assert one.path == "/models/gemini-2.5-flash:embedContent"
    assert json.loads(one.body) == {"model": "models/gemini-2.5-flash", "content": {"parts": [{"text": "a"}]}}
    assert many.path == "/models/gemini-2.5-flash:batchEmbedContents"
    assert json.loads(many.body)["requests"][1] == {
        "model": "models/gemini-2.5-flash",
        "content": {"parts": [{"text": "b"}]},
        "outputDimensionality": 9,
    }


def test_vertex_is_asked_the_older_way_where_the_row_says_so():
    target = replace(TARGET, quirks=Quirks(paths={"embed": "/models/{model}:predict"}))

    request = EMBED.write_request(wanted("a", dimensions=9, vendor={"gemini": {"taskType": "QUERY"}}), target)

    assert request.path == "/models/gemini-2.5-flash:predict"
    assert json.loads(request.body) == {
        "instances": [{"content": "a", "task_type": "QUERY"}],
        "parameters": {"outputDimensionality": 9},
    }


def test_the_end_user_is_told_to_be_dropped():
    assert [each.setting for each in EMBED.write_request(wanted("a", user="u"), TARGET).fidelity] == ["user"]


@given(
    st.lists(st.text(st.characters(codec="utf-8")), min_size=1, max_size=3),
    st.sampled_from([None, 256]),
    st.sampled_from([{}, {"gemini": {"taskType": "RETRIEVAL_QUERY", "newField": [1]}}]),
)
def test_a_request_for_vectors_comes_back_as_it_was_written(texts: list[str], dimensions: Any, vendor: Any):
    request = wanted(*texts, dimensions=dimensions, vendor=vendor)

    returned = EMBED_FRONT.read_request(call_of(EMBED.write_request(request, TARGET), "/v1beta"))

    assert returned == replace(request, model="gemini-2.5-flash")


@pytest.mark.parametrize(
    ("body", "vectors", "usage"),
    [
        ({"embedding": {"values": [1, 0.5]}}, ((1.0, 0.5),), MISSING),
        ({"embeddings": [{"values": [1]}, {"values": [2]}]}, ((1.0,), (2.0,)), MISSING),
        (
            {"embeddings": [{"values": [1]}], "usageMetadata": {"promptTokenCount": 8}},
            ((1.0,),),
            Usage(input=8, vendor={"gemini": {"promptTokenCount": 8}}),
        ),
        (
            {"predictions": [{"embeddings": {"values": [1], "statistics": {"token_count": 5.0}}}]},
            ((1.0,),),
            Usage(input=5),
        ),
    ],
)
def test_vectors_are_read_from_each_shape(body: Any, vectors: Any, usage: Usage):
    reply = EMBED.read_reply(answer_of(json.dumps(body).encode()))

    assert (reply.vectors, reply.usage) == (vectors, usage)


@pytest.mark.parametrize("call", [ONE, MANY])
def test_vectors_come_back_as_they_were_written(call: Call):
    reply = EmbedReply(model="", vectors=((0.25, -1.0),), usage=Usage(input=3), vendor={"gemini": {"new": 1}})

    returned = EMBED.read_reply(EMBED_FRONT.write_reply(reply, call))

    assert replace(returned, usage=replace(returned.usage, vendor={})) == reply


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b'{"embedding": {"values": ["a"]}}', b'{"embeddings": 5}', b"<html>", b'{"embeddings": []}'],
)
def test_an_answer_without_vectors_is_broken(body: bytes):
    with pytest.raises(UpstreamBroken):
        EMBED.read_reply(answer_of(body))


def test_an_error_in_place_of_vectors_is_raised():
    body = json.dumps({"error": {"code": 404, "message": "gone", "status": "NOT_FOUND"}}).encode()

    with pytest.raises(ModelUnavailable):
        EMBED.read_reply(answer_of(body))


@pytest.mark.parametrize(
    ("call", "body", "where"),
    [
        (ONE, b"", ""),
        (ONE, b"{}", "content"),
        (ONE, b'{"content": {"parts": [{"inlineData": {}}]}}', "content.parts.0"),
        (MANY, b'{"requests": []}', "requests"),
        (
            MANY,
            b'{"requests": [{"content": {"parts": {"text": "a"}}},{"content": {"parts": {"text": "b"}}, "x": 9}]}',
            "requests.1",
        ),
    ],
)
def test_a_call_for_vectors_that_makes_no_sense_says_where(call: Call, body: bytes, where: str):
    with pytest.raises(InvalidRequest) as caught:
        EMBED_FRONT.read_request(replace(call, body=body))

    assert caught.value.where == where


def test_models_are_asked_for_page_by_page():
    first, next_one = (
        MODELS.write_request(ModelsRequest(), TARGET),
        MODELS.write_request(ModelsRequest(page="t"), TARGET),
    )

    assert (first.method, first.path, first.query) == ("GET", "/models", {"pageSize": "1000"})
    assert next_one.query == {"pageSize": "1000", "pageToken": "t"}


def test_a_page_of_models_is_read():
    listed: Any = {
        "models": [
            {
                "name": "models/gemini-2.5-pro",
                "displayName": "Gemini 2.5 Pro",
                "inputTokenLimit": 1048576,
                "outputTokenLimit": 65536,
                "supportedGenerationMethods": ["generateContent", "countTokens", "createCachedContent"],
                "thinking": True,
            },
            {"name": "tunedModels/mine", "supportedGenerationMethods": "odd"},
        ],
        "nextPageToken": "t",
    }

    found = MODELS.read_reply(answer_of(json.dumps(listed).encode()))

    assert found.next_page == "t"
    assert [(each.id, each.name, each.context, each.max_output, each.features) for each in found.models] == [
        ("gemini-2.5-pro", "Gemini 2.5 Pro", 1048576, 65536, ("chat", "cache", "reasoning")),
        ("tunedModels/mine", "", None, None, ()),
    ]


def test_vertex_s_list_is_read():
    body = json.dumps({"publisherModels": [{"name": "publishers/google/models/gemini-2.5-pro"}]}).encode()

    assert [each.id for each in MODELS.read_reply(answer_of(body)).models] == ["gemini-2.5-pro"]


def test_a_list_of_models_comes_back_as_it_was_written():
    listed = ModelList(
        models=(ModelInfo(id="route/fast", name="Fast", context=9, max_output=3),), next_page="n"
    )

    answer = MODELS_FRONT.write_reply(listed, Call(method="GET", path="/v1beta/models"))
    returned = MODELS.read_reply(answer)

    assert returned.next_page == "n"
    assert replace(returned.models[0], features=(), vendor={}) == listed.models[0]
    assert returned.models[0].features == ("chat",)


FIVE = ModelList(models=tuple(ModelInfo(id=name) for name in "abcde"))


@pytest.mark.parametrize(
    ("query", "listed", "token"),
    [
        ({}, "abcde", None),
        ({"pageSize": "2"}, "ab", "b"),
        ({"pageSize": "2", "pageToken": "b"}, "cd", "d"),
        ({"pageSize": "2", "pageToken": "d"}, "e", None),
        ({"pageSize": "0"}, "abcde", None),
        ({"pageSize": "5000"}, "abcde", None),
    ],
)
def test_a_list_comes_in_the_pieces_that_are_asked_for(query: dict[str, str], listed: str, token: Any):
    call = Call(method="GET", path="/v1beta/models", query=query)

    answer = json.loads(MODELS_FRONT.write_reply(FIVE, call).body)

    names = [each["name"].removeprefix("models/") for each in answer["models"]]
    assert ("".join(names), answer.get("nextPageToken")) == (listed, token)


@pytest.mark.parametrize(
    ("query", "where"),
    [({"pageSize": "x"}, "pageSize"), ({"pageSize": "-1"}, "pageSize"), ({"pageToken": "z"}, "pageToken")],
)
def test_a_piece_that_makes_no_sense_is_refused(query: dict[str, str], where: str):
    with pytest.raises(InvalidRequest) as raised:
        MODELS_FRONT.write_reply(FIVE, Call(method="GET", path="/v1beta/models", query=query))

    assert raised.value.where == where


def test_one_model_is_told_alone_slashes_included():
    listed = ModelList(models=(ModelInfo(id="openai/gpt", context=9),))
    call = Call(method="GET", path="/v1beta/models/openai/gpt")

    assert MODELS_FRONT.read_request(call).wanted == "openai/gpt"
    assert json.loads(MODELS_FRONT.write_reply(listed, call).body)["name"] == "models/openai/gpt"
    with pytest.raises(UnknownModel):
        MODELS_FRONT.write_reply(listed, Call(method="GET", path="/v1beta/models/none"))


def test_token_numbers_are_refused_with_what_to_do():
    with pytest.raises(Unsupported, match="send the texts") as raised:
        EMBED.write_request(EmbedRequest(model="e", inputs=(), tokens=((1, 2),)), TARGET)

    assert raised.value.settings == ("input",)


@pytest.mark.parametrize("body", [b"", b'{"odd": 1}', b'{"models": 5}', b"<html>"])
def test_an_answer_without_models_is_broken(body: bytes):
    with pytest.raises(UpstreamBroken):
        MODELS.read_reply(answer_of(body))


def test_an_error_in_place_of_models_is_raised():
    detail = {"reason": "API_KEY_INVALID"}
    body = json.dumps(
        [{"error": {"code": 400, "message": "API key not valid", "details": [detail]}}]
    ).encode()

    with pytest.raises(KeyInvalid):
        MODELS.read_reply(answer_of(body))


def test_an_empty_list_of_models_is_a_list():
    assert MODELS.read_reply(answer_of(b"{}")).models == ()
