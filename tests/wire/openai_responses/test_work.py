"""Embeddings and the list of models."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quorate.errors import UpstreamBroken, UpstreamBusy
from quorate.types.target import Quirks
from quorate.types.usage import MISSING
from quorate.types.work import EmbedReply, EmbedRequest, ModelInfo, ModelList, ModelsRequest
from quorate.wire.seam import WireAnswer
from tests.wire.openai_responses.given import NAME, WIRE, target


def vectors(body: Any) -> EmbedReply:
    return WIRE.work["embed"].read_reply(WireAnswer(body=json.dumps(body).encode()))


def models(body: Any) -> ModelList:
    return WIRE.work["models"].read_reply(WireAnswer(body=json.dumps(body).encode()))


def test_texts_are_sent_for_their_vectors():
    request = EmbedRequest(
        model="any", inputs=("a", "b"), dimensions=3, user="u", vendor={NAME: {"encoding_format": "float"}}
    )

    sent = WIRE.work["embed"].write_request(request, target(Quirks(drop=frozenset(("user",)))))

    assert sent.path == "/embeddings"
    assert json.loads(sent.body) == {
        "encoding_format": "float",
        "model": "some-model",
        "input": ["a", "b"],
        "dimensions": 3,
    }
    assert [each.setting for each in sent.fidelity] == ["user"]


def test_vectors_come_in_the_order_of_their_texts():
    data = [{"index": 1, "embedding": "AACAPw=="}, {"index": 0, "embedding": [0.5, 1]}]

    reply = vectors({"data": data, "model": "m", "usage": {"prompt_tokens": 2, "total_tokens": 2}, "x": 1})

    assert reply.vectors == ((0.5, 1.0), (1.0,))
    assert (reply.model, reply.usage.input, reply.vendor) == ("m", 2, {NAME: {"x": 1}})


def test_vectors_without_counts_have_missing_counts():
    assert vectors({"data": [{"embedding": [1]}]}).usage == MISSING


@pytest.mark.parametrize(
    "body",
    [{}, [], {"data": []}, {"data": [{"embedding": ["x"]}]}, {"data": [{"embedding": "AA"}]}, {"data": [{}]}],
)
def test_no_vectors_are_the_providers_fault(body: Any):
    with pytest.raises(UpstreamBroken):
        vectors(body)


def test_models_are_listed_page_by_page():
    sent = WIRE.work["models"].write_request(ModelsRequest(page="p"), target())
    listed = models({"data": [{"id": "m", "object": "model", "created": 5, "owned_by": "o", "x": 1}, {}]})

    assert (sent.method, sent.path, sent.query) == ("GET", "/models", {"after": "p"})
    assert listed.models == (ModelInfo(id="m", owner="o", created=5, vendor={NAME: {"x": 1}}),)


def test_no_list_of_models_is_the_providers_fault():
    with pytest.raises(UpstreamBroken):
        models({})
    with pytest.raises(UpstreamBusy):
        models({"error": {"code": "rate_limit_exceeded", "message": "no"}})
