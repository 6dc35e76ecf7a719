"""Vectors, reranking and the list of models, asked of Cohere and read."""

from __future__ import annotations

import json
import struct
from base64 import b64encode
from typing import Any

import pytest

from quorate.errors import TooLong, Unsupported, UpstreamBroken, UpstreamError
from quorate.sim.cohere import SIMULATED_COHERE
from quorate.types.usage import Usage
from quorate.types.value import replace
from quorate.types.work import (
    EmbedReply,
    EmbedRequest,
    ModelInfo,
    ModelsRequest,
    Ranked,
    RerankReply,
    RerankRequest,
)
from quorate.wire.cohere import COHERE
from quorate.wire.seam import WireAnswer, WireRequest
from tests.wire.laws import call_of

from .making import answer, target

EMBED, RERANK, MODELS = (COHERE.work[name] for name in ("embed", "rerank", "models"))
TEXTS = EmbedRequest(model="any", inputs=("a", "b"))
DOCUMENTS = RerankRequest(model="any", query="q", documents=("a", "b", "c"))


def asked(written: WireRequest) -> Any:
    return json.loads(written.body)


def test_texts_are_embedded_as_documents_where_nobody_says_what_for():
    written = EMBED.write_request(replace(TEXTS, dimensions=256), target())

    assert (written.path, written.fidelity) == ("/v2/embed", ())
    assert asked(written) == {
        "model": "command-a-reasoning-08-2025",
        "texts": ["a", "b"],
        "input_type": "search_document",
        "embedding_types": ["float"],
        "output_dimension": 256,
    }


def test_what_texts_are_embedded_for_can_be_said():
    request = replace(
        TEXTS, packed=True, vendor={"cohere": {"input_type": "search_query", "truncate": "START"}}
    )

    body = asked(EMBED.write_request(request, target()))

    assert (body["input_type"], body["truncate"]) == ("search_query", "START")
    assert body["embedding_types"] == ["base64"]


def test_what_embedding_cannot_take_is_told():
    written = EMBED.write_request(replace(TEXTS, user="u"), target())

    assert [(each.setting, each.kind) for each in written.fidelity] == [("user", "dropped")]
    with pytest.raises(Unsupported, match="token numbers"):
        EMBED.write_request(EmbedRequest(model="any", inputs=(), tokens=((1, 2),)), target())


PACKED = b64encode(struct.pack("<2f", 0.5, -0.25)).decode()


@pytest.mark.parametrize(
    "embeddings",
    [{"float": [[0.5, -0.25]]}, {"base64": [PACKED]}, [[0.5, -0.25]], {"float": None, "base64": [PACKED]}],
)
def test_vectors_come_as_numbers_or_packed(embeddings):
    told = {
        "id": "e",
        "embeddings": embeddings,
        "meta": {"billed_units": {"input_tokens": 4, "image_tokens": 0}},
    }

    reply = EMBED.read_reply(answer(told))

    assert reply.vectors == ((0.5, -0.25),)
    assert replace(reply.usage, vendor={}) == Usage(input=4)
    assert reply.vendor == {"cohere": {"id": "e"}}


@pytest.mark.parametrize(
    "embeddings",
    [None, [], {"float": []}, {"float": [[]]}, {"float": [["x"]]}, {"base64": ["?"]}, {"int8": [[1]]}],
)
def test_vectors_that_cannot_be_read_are_broken(embeddings):
    with pytest.raises(UpstreamBroken):
        EMBED.read_reply(answer({"embeddings": embeddings}))


def test_documents_are_sent_to_be_put_in_order():
    request = replace(
        DOCUMENTS,
        top_n=2,
        max_document_tokens=100,
        user="u",
        vendor={"cohere": {"priority": 1, "query": "no"}},
    )

    written = RERANK.write_request(request, target(model="rerank-v3.5"))

    assert written.path == "/v2/rerank"
    assert asked(written) == {
        "model": "rerank-v3.5",
        "query": "q",
        "documents": ["a", "b", "c"],
        "top_n": 2,
        "max_tokens_per_doc": 100,
        "priority": 1,
    }
    assert [(each.setting, each.kind) for each in written.fidelity] == [("user", "dropped")]


def test_places_are_read_best_first_and_their_bill_in_search_units():
    told = {
        "id": "r",
        "results": [
            {"index": 2, "relevance_score": 0.25},
            {"index": 0, "relevance_score": 0.75, "document": {"text": "a"}, "mark": 1},
        ],
        "meta": {"api_version": {"version": "2"}, "billed_units": {"search_units": 1}},
    }

    reply = RERANK.read_reply(answer(told))

    assert reply.results == (
        Ranked(index=0, score=0.75, vendor={"cohere": {"mark": 1}}),
        Ranked(index=2, score=0.25),
    )
    assert replace(reply.usage, vendor={}) == Usage(searches=1)
    assert reply.vendor == {"cohere": {"id": "r"}}


@pytest.mark.parametrize(
    "results",
    [
        None,
        {},
        [1],
        [{}],
        [{"index": -1, "relevance_score": 1}],
        [{"index": 0, "relevance_score": "1"}],
        [{"index": 0}],
    ],
)
def test_places_that_cannot_be_read_are_broken(results):
    with pytest.raises(UpstreamBroken):
        RERANK.read_reply(answer({"results": results}))


def test_models_are_listed_page_by_page():
    written = MODELS.write_request(ModelsRequest(page="p2"), target())
    told = {
        "models": [
            {
                "name": "command-a-03-2025",
                "endpoints": ["generate", "chat"],
                "features": ["tools", "strict_tools", "json_mode"],
                "context_length": 288000,
                "finetuned": False,
            },
            {"name": "rerank-v3.5", "endpoints": ["rerank"], "context_length": 4096.0, "features": None},
            {"endpoints": ["chat"]},
        ],
        "next_page_token": "p3",
    }

    listed = MODELS.read_reply(answer(told))

    assert (written.method, written.path) == ("GET", "/v1/models")
    assert written.query == {"page_size": "1000", "page_token": "p2"}
    assert listed.next_page == "p3"
    assert listed.models == (
        ModelInfo(
            id="command-a-03-2025",
            context=288000,
            features=("chat", "tools", "json"),
            vendor={"cohere": {"finetuned": False, "endpoints": ["generate", "chat"]}},
        ),
        ModelInfo(
            id="rerank-v3.5", context=4096, features=("rerank",), vendor={"cohere": {"endpoints": ["rerank"]}}
        ),
    )


@pytest.mark.parametrize("codec", [EMBED, RERANK, MODELS])
@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"models":1}', b'{"results":1}', b"\xff"])
def test_answers_without_sense_are_broken(codec, body):
    with pytest.raises(UpstreamBroken):
        codec.read_reply(WireAnswer(body=body))


@pytest.mark.parametrize("codec", [EMBED, RERANK, MODELS])
def test_an_error_inside_a_success_is_raised(codec):
    with pytest.raises(UpstreamError) as caught:
        codec.read_reply(answer({"message": "too many tokens", "error_type": "TOO_MANY_TOKENS"}))

    assert isinstance(caught.value, TooLong)


def test_what_is_written_is_read_back_by_the_simulator_s_side():
    fronts = SIMULATED_COHERE.work_fronts
    embed = EMBED.write_request(replace(TEXTS, packed=True), target(model="m"))
    rerank = RERANK.write_request(replace(DOCUMENTS, top_n=1), target(model="m"))

    assert fronts["embed"].read_request(call_of(embed)) == EmbedRequest(model="m", inputs=("a", "b"))
    assert fronts["rerank"].read_request(call_of(rerank)) == replace(DOCUMENTS, model="m", top_n=1)


def test_what_the_simulator_s_side_writes_is_read_back():
    fronts = SIMULATED_COHERE.work_fronts
    vectors = EmbedReply(model="m", vectors=((0.5, -0.25),), usage=Usage(input=2))
    ranks = RerankReply(model="m", results=(Ranked(index=1, score=0.5),), usage=Usage(input=2))
    embed = EMBED.write_request(replace(TEXTS, packed=True), target())
    rerank = RERANK.write_request(DOCUMENTS, target())

    embedded = EMBED.read_reply(fronts["embed"].write_reply(vectors, call_of(embed)))
    ranked = RERANK.read_reply(fronts["rerank"].write_reply(ranks, call_of(rerank)))

    assert (embedded.vectors, embedded.usage.input) == (((0.5, -0.25),), 2)
    assert (ranked.results, ranked.usage.searches) == (ranks.results, 1)
