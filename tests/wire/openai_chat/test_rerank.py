"""Reranking: asked of servers that took Cohere's shape over, and for clients that speak it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from quorate.errors import InvalidRequest, UpstreamBroken, UpstreamError
from quorate.types.target import Quirks, Target
from quorate.types.usage import Usage
from quorate.types.value import replace
from quorate.types.work import Ranked, RerankReply, RerankRequest
from quorate.wire.openai_chat import OPENAI_CHAT
from quorate.wire.seam import Call, WireAnswer
from tests.wire.laws import answer_of, call_of

CODEC, FRONT = OPENAI_CHAT.work["rerank"], OPENAI_CHAT.work_fronts["rerank"]
ASKED = RerankRequest(model="m", query="q", documents=("a", "b"))


def target(**quirks: Any) -> Target:
    return Target(
        provider="here", model="m", wire="openai_chat", base_url="http://localhost", quirks=Quirks(**quirks)
    )


def answer(document: Any) -> WireAnswer:
    return answer_of(json.dumps(document).encode())


def call(**fields: Any) -> Call:
    body = {"model": "m", "query": "q", "documents": ["a", "b"]} | fields
    return Call(path="/v1/rerank", body=json.dumps(body).encode())


def test_documents_are_sent_to_be_put_in_order():
    written = CODEC.write_request(replace(ASKED, top_n=1, user="u"), target())

    assert (written.path, written.fidelity) == ("/rerank", ())
    assert json.loads(written.body) == {
        "model": "m",
        "query": "q",
        "documents": ["a", "b"],
        "top_n": 1,
        "user": "u",
    }


def test_a_target_has_its_own_path_and_names():
    quirks = {"paths": {"rerank": "/models/{model}/rank"}, "rename": {"top_n": "top_k"}}

    written = CODEC.write_request(replace(ASKED, top_n=1), target(**quirks))

    assert written.path == "/models/m/rank"
    assert json.loads(written.body)["top_k"] == 1


def test_the_length_of_a_document_is_sent_where_the_target_has_a_name_for_it():
    request = replace(ASKED, max_document_tokens=50)

    lost = CODEC.write_request(request, target())
    kept = CODEC.write_request(request, target(rename={"max_tokens_per_doc": "truncate_to"}))

    assert [(each.setting, each.kind) for each in lost.fidelity] == [("max_document_tokens", "dropped")]
    assert (kept.fidelity, json.loads(kept.body)["truncate_to"]) == ((), 50)


@pytest.mark.parametrize(
    ("told", "usage"),
    [
        ({"results": [{"index": 1, "relevance_score": -2.5}], "usage": {"total_tokens": 5}}, Usage(input=5)),
        (
            {
                "results": [{"index": 1, "relevance_score": -2.5}],
                "usage": {"prompt_tokens": 5, "total_tokens": 5},
            },
            Usage(input=5),
        ),
        (
            {"object": "list", "data": [{"relevance_score": -2.5, "index": 1}], "usage": {"total_tokens": 5}},
            Usage(input=5),
        ),
        (
            {
                "results": [{"index": 1, "relevance_score": -2.5, "document": {"text": "b"}}],
                "usage": {"total_tokens": 17, "cost": 3.4e-7},
            },
            Usage(input=17, stated_cost=Decimal("3.4e-7")),
        ),
        (
            {
                "results": [{"index": 1, "relevance_score": -2.5}],
                "usage": {"total_tokens": 17, "search_units": 2},
            },
            Usage(searches=2),
        ),
        (
            {
                "results": [{"index": 1, "relevance_score": -2.5}],
                "meta": {"billed_units": {"search_units": 1}, "tokens": {"input_tokens": 9}},
            },
            Usage(searches=1),
        ),
        (
            {"results": [{"index": 1, "relevance_score": -2.5}], "meta": {"tokens": {"input_tokens": 9}}},
            Usage(input=9),
        ),
    ],
)
def test_places_are_read_in_every_shape(told, usage):
    reply = CODEC.read_reply(answer(told))

    assert reply.results == (Ranked(index=1, score=-2.5),)
    assert replace(reply.usage, vendor={}) == usage


def test_a_server_may_send_the_places_alone():
    reply = CODEC.read_reply(answer([{"index": 0, "score": 0.25}, {"index": 1, "score": 0.75, "text": "b"}]))

    assert [(each.index, each.score) for each in reply.results] == [(1, 0.75), (0, 0.25)]
    assert reply.usage.quality == "missing"


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{}", b'{"results":null}', b'{"results":[{"index":0}]}', b"\xff"]
)
def test_an_answer_without_sense_is_broken(body):
    with pytest.raises(UpstreamBroken):
        CODEC.read_reply(WireAnswer(body=body))


def test_an_error_inside_a_success_is_raised():
    with pytest.raises(UpstreamError, match="no such model"):
        CODEC.read_reply(answer({"error": {"message": "no such model", "code": 404}}))


def test_what_is_written_comes_back_as_it_was():
    request = replace(ASKED, top_n=1, user="u", vendor={"openai_chat": {"rank_fields": ["text"]}})

    written = CODEC.write_request(request, target())

    assert FRONT.read_request(call_of(written)) == request


def test_documents_may_be_objects_with_a_text():
    read = FRONT.read_request(call(documents=[{"text": "a", "title": "A"}, "b"], max_tokens_per_doc=9))

    assert (read.documents, read.max_document_tokens) == (("a", "b"), 9)


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"query": ""}, "query"),
        ({"query": 1}, "query"),
        ({"documents": []}, "documents"),
        ({"documents": "a"}, "documents"),
        ({"documents": [1]}, "documents.0"),
        ({"documents": ["a", {"image": "x"}]}, "documents.1"),
        ({"top_n": 0}, "top_n"),
        ({"top_n": 1.5}, "top_n"),
        ({"model": None}, "model"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_place(fields, where):
    with pytest.raises(InvalidRequest) as caught:
        FRONT.read_request(call(**fields))

    assert caught.value.where == where


def test_clients_are_told_the_places_and_the_bill_in_both_shapes():
    reply = RerankReply(model="m", results=(Ranked(index=1, score=0.5),), usage=Usage(searches=1))

    told = json.loads(FRONT.write_reply(reply, call()).body)

    assert told == {
        "model": "m",
        "object": "list",
        "results": [{"index": 1, "relevance_score": 0.5}],
        "usage": {"prompt_tokens": 0, "total_tokens": 0, "search_units": 1},
        "meta": {"api_version": {"version": "2"}, "billed_units": {"search_units": 1}},
    }


def test_documents_go_back_to_clients_that_want_them():
    reply = RerankReply(
        model="m", results=(Ranked(index=1, score=0.5), Ranked(index=0, score=0.25), Ranked(index=9, score=0))
    )

    told = json.loads(
        FRONT.write_reply(reply, call(documents=["a", {"text": "b", "n": 1}], return_documents=True)).body
    )

    assert [each.get("document") for each in told["results"]] == [{"text": "b", "n": 1}, {"text": "a"}, None]


def test_what_is_told_to_clients_is_read_back():
    reply = RerankReply(
        model="m",
        results=(
            Ranked(index=1, score=0.5, vendor={"openai_chat": {"mark": 1}}),
            Ranked(index=0, score=0.25),
        ),
        usage=Usage(input=7),
    )

    back = CODEC.read_reply(FRONT.write_reply(reply, call()))

    assert replace(back, usage=replace(back.usage, vendor={})) == reply


@pytest.mark.parametrize("path", ["/v1/rerank", "/v2/rerank", "/rerank", "/openai/v1/rerank"])
def test_clients_find_it_under_every_usual_path(path):
    assert path in {route.path for route in FRONT.routes}
