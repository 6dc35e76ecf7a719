"""Embeddings and model lists, from both sides."""

from __future__ import annotations

import json

import pytest

from quorate.errors import InvalidRequest, UpstreamBroken
from quorate.types.target import Target
from quorate.types.usage import Usage
from quorate.types.value import replace
from quorate.types.work import EmbedReply, EmbedRequest, ModelInfo, ModelList, ModelsRequest
from quorate.wire.ollama import OLLAMA
from quorate.wire.seam import Call, WireAnswer

TARGET = Target(provider="local", model="nomic", wire="ollama", base_url="http://localhost:11434")
EMBED = Call(path="/api/embed", body=b'{"model":"nomic","input":"x"}')
OLD = Call(path="/api/embeddings", body=b'{"model":"nomic","prompt":"x"}')
CODEC, FRONT = OLLAMA.work["embed"], OLLAMA.work_fronts["embed"]
MODELS_CODEC, MODELS_FRONT = OLLAMA.work["models"], OLLAMA.work_fronts["models"]


def test_a_request_for_vectors_comes_back_equal():
    request = EmbedRequest(
        model="nomic",
        inputs=("a", "b"),
        dimensions=8,
        vendor={"ollama": {"truncate": False, "keep_alive": 0}},
    )

    sent = CODEC.write_request(request, TARGET)

    assert sent.path == "/api/embed"
    assert json.loads(sent.body) == {
        "model": "nomic",
        "input": ["a", "b"],
        "dimensions": 8,
        "truncate": False,
        "keep_alive": 0,
    }
    assert FRONT.read_request(Call(path=sent.path, body=sent.body)) == request


def test_an_end_user_is_told_as_dropped():
    sent = CODEC.write_request(EmbedRequest(model="nomic", inputs=("a",), user="u"), TARGET)

    assert [(departure.setting, departure.kind) for departure in sent.fidelity] == [("user", "dropped")]


def test_vectors_come_back_equal():
    reply = EmbedReply(
        model="nomic",
        vectors=((0.5, -0.25), (1.0, 0.0)),
        usage=Usage(input=9),
        vendor={"ollama": {"x_new": 1}},
    )

    got = CODEC.read_reply(FRONT.write_reply(reply, EMBED))

    assert replace(got, usage=replace(got.usage, vendor={})) == reply


def test_the_old_path_asks_with_a_prompt_and_gets_one_vector():
    reply = EmbedReply(model="nomic", vectors=((0.5, 1.0),), usage=Usage(input=1))

    answer = FRONT.write_reply(reply, OLD)

    assert FRONT.read_request(OLD).inputs == ("x",)
    assert json.loads(answer.body) == {"embedding": [0.5, 1.0]}
    assert CODEC.read_reply(answer).vectors == ((0.5, 1.0),)


@pytest.mark.parametrize("body", [b"", b"{}", b'{"embeddings":[["a"]]}', b'{"error":"boom"}', b"<html>"])
def test_garbage_instead_of_vectors_is_a_broken_upstream(body: bytes):
    with pytest.raises(UpstreamBroken):
        CODEC.read_reply(WireAnswer(body=body))


@pytest.mark.parametrize("body", [b"{}", b'{"model":"m"}', b'{"model":"m","input":[1]}', b'{"input":"x"}'])
def test_a_senseless_request_for_vectors_is_refused(body: bytes):
    with pytest.raises(InvalidRequest):
        FRONT.read_request(Call(path="/api/embed", body=body))


def test_models_are_listed_with_all_that_is_told_of_them():
    body = {
        "models": [
            {
                "name": "llama3.2:latest",
                "model": "llama3.2:latest",
                "modified_at": "2026-03-01T10:00:00.5-07:00",
                "size": 2019393189,
                "digest": "a80c",
                "details": {"family": "llama", "context_length": 131072},
                "capabilities": ["completion", "tools"],
                "x_new": True,
            }
        ]
    }

    listed = MODELS_CODEC.read_reply(WireAnswer(body=json.dumps(body).encode()))

    (model,) = listed.models
    assert (model.id, model.created, model.context) == ("llama3.2:latest", 1772384400, 131072)
    assert model.features == ("chat", "tools")
    assert json.loads(MODELS_FRONT.write_reply(listed, Call(method="GET", path="/api/tags")).body) == body


def test_models_of_others_are_told_in_the_form_clients_expect():
    listed = ModelList(models=(ModelInfo(id="gpt-5", owner="openai", created=1772359200, context=400_000),))

    answer = MODELS_FRONT.write_reply(listed, Call(method="GET", path="/api/tags"))

    (told,) = json.loads(answer.body)["models"]
    assert (told["name"], told["model"], told["modified_at"]) == ("gpt-5", "gpt-5", "2026-03-01T10:00:00Z")
    assert (told["size"], told["digest"], told["details"]["family"]) == (0, "", "openai")
    assert MODELS_CODEC.read_reply(answer).models[0].context == 400_000


def test_the_list_is_asked_for_by_get():
    sent = MODELS_CODEC.write_request(ModelsRequest(), TARGET)

    assert (sent.method, sent.path, sent.body) == ("GET", "/api/tags", b"")
    assert MODELS_FRONT.read_request(Call(method="GET", path="/api/tags")) == ModelsRequest()


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"error":"no"}', b'{"models":[3]}'])
def test_garbage_instead_of_models_is_a_broken_upstream(body: bytes):
    with pytest.raises(UpstreamBroken):
        MODELS_CODEC.read_reply(WireAnswer(body=body))
