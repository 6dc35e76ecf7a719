"""Embeddings and model lists."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.errors import InvalidRequest, UnknownModel, UpstreamBroken, UpstreamError
from quorate.types.target import Quirks
from quorate.types.usage import Usage
from quorate.types.work import EmbedReply, EmbedRequest, ModelInfo, ModelList, ModelsRequest
from quorate.wire.openai_chat import OPENAI_CHAT
from quorate.wire.seam import Call, WireAnswer
from tests.wire.laws import call_of
from tests.wire.openai_chat.given import target

EMBED, EMBED_FRONT = OPENAI_CHAT.work["embed"], OPENAI_CHAT.work_fronts["embed"]
MODELS, MODELS_FRONT = OPENAI_CHAT.work["models"], OPENAI_CHAT.work_fronts["models"]


def embed_call(**fields: Any) -> Call:
    return Call(path="/v1/embeddings", body=json.dumps({"model": "e", "input": "a"} | fields).encode())


def answer(body: Any) -> WireAnswer:
    return WireAnswer(body=json.dumps(body).encode())


def test_a_request_for_vectors_is_read_back_equal():
    request = EmbedRequest(
        model="some-model",
        inputs=("a", "b"),
        dimensions=3,
        packed=True,
        user="u",
        vendor={"openai_chat": {"x": 1}},
    )
    written = EMBED.write_request(request, target())
    assert written.path == "/embeddings"
    assert EMBED_FRONT.read_request(call_of(written)) == request


def test_quirks_hold_for_vectors_too():
    quirks = Quirks(drop=frozenset(("user",)), paths={"embed": "/d/{model}/embeddings"})
    written = EMBED.write_request(EmbedRequest(model="e", inputs=("a",), user="u"), target(quirks))
    assert written.path == "/d/some-model/embeddings"
    assert [each.setting for each in written.fidelity] == ["user"]


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=4))
def test_vectors_come_back_equal_as_numbers_and_packed(vector: list[float]):
    reply = EmbedReply(model="e", vectors=(tuple(vector),), usage=Usage(input=2))
    plain = EMBED.read_reply(EMBED_FRONT.write_reply(reply, embed_call()))
    packed = EMBED.read_reply(EMBED_FRONT.write_reply(reply, embed_call(encoding_format="base64")))
    assert plain.vectors == packed.vectors == reply.vectors
    assert plain.usage.input == 2


def test_vectors_stand_in_order_of_their_inputs():
    data = [{"index": 1, "embedding": [2.0]}, {"index": 0, "embedding": [1.0]}]
    assert EMBED.read_reply(answer({"data": data, "model": "e"})).vectors == ((1.0,), (2.0,))


def test_vectors_of_signed_bytes_are_told_from_floats():
    packed = b64encode(bytes([246, 198, 0, 3, 252, 127, 128, 247])).decode()
    (vector,) = EMBED.read_reply(answer({"data": [{"index": 0, "embedding": packed}]})).vectors
    assert vector == (-10, -58, 0, 3, -4, 127, -128, -9)


def test_a_total_alone_is_all_input():
    body = {"data": [{"embedding": [1.0]}], "usage": {"total_tokens": 12}}
    usage = EMBED.read_reply(answer(body)).usage
    assert (usage.input, usage.output, usage.quality) == (12, 0, "exact")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"data": []},
        {"data": [{"embedding": "no base64!"}]},
        {"data": [{"embedding": ""}]},
        {"data": [{"index": 0}]},
        {"data": [{"embedding": [None]}]},
        [],
    ],
)
def test_vectors_that_make_no_sense_are_an_error(body: Any):
    with pytest.raises(UpstreamBroken):
        EMBED.read_reply(answer(body))


def test_an_error_inside_a_success_is_raised():
    with pytest.raises(UpstreamError, match="no such model"):
        EMBED.read_reply(answer({"error": {"message": "no such model"}}))


@pytest.mark.parametrize(
    ("value", "tokens"), [([1], ((1,),)), ([5, 6], ((5, 6),)), ([[1, 2], [3]], ((1, 2), (3,)))]
)
def test_token_numbers_go_on_as_they_are(value: Any, tokens: Any):
    asked = EMBED_FRONT.read_request(embed_call(input=value))
    sent = json.loads(EMBED.write_request(asked, target()).body)["input"]

    assert (asked.inputs, asked.tokens) == ((), tokens)
    assert EMBED_FRONT.read_request(embed_call(input=sent)) == asked


def test_a_form_of_vectors_that_nobody_knows_is_refused():
    with pytest.raises(InvalidRequest) as raised:
        EMBED_FRONT.read_request(embed_call(encoding_format="hex"))
    assert raised.value.where == "encoding_format"


@pytest.mark.parametrize("value", [None, 5, [], [[]], [True], [1.5], ["a", 1], [1, "a"], [[1], "a"], {}])
def test_inputs_must_be_texts_or_token_numbers(value: Any):
    with pytest.raises(InvalidRequest) as raised:
        EMBED_FRONT.read_request(embed_call(input=value))
    assert raised.value.where == "input"


def test_models_are_listed():
    written = MODELS.write_request(ModelsRequest(page="m9"), target())
    assert (written.method, written.path, written.query) == ("GET", "/models", {"after": "m9"})
    body = {
        "object": "list",
        "data": [
            {
                "id": "m1",
                "object": "model",
                "created": 5,
                "owned_by": "us",
                "context_window": 99,
                "active": True,
            }
        ],
    }
    (model,) = MODELS.read_reply(answer(body)).models
    assert (model.id, model.created, model.owner, model.context) == ("m1", 5, "us", 99)
    assert model.vendor["openai_chat"]["active"] is True


@pytest.mark.parametrize(
    "body", [[{"id": "m1"}], {"models": [{"id": "m1"}]}, {"data": [{"id": "m1"}, 5, {}]}]
)
def test_lists_in_other_shapes(body: Any):
    assert [model.id for model in MODELS.read_reply(answer(body)).models] == ["m1"]


@pytest.mark.parametrize("body", [{}, 5, {"data": "x"}])
def test_a_list_that_makes_no_sense_is_an_error(body: Any):
    with pytest.raises(UpstreamBroken):
        MODELS.read_reply(answer(body))


LISTED = ModelList(models=(ModelInfo(id="a/b", owner="us", context=9), ModelInfo(id="c")))


def test_clients_get_the_list():
    written = json.loads(MODELS_FRONT.write_reply(LISTED, Call(method="GET", path="/v1/models")).body)
    assert written["object"] == "list"
    assert [each["id"] for each in written["data"]] == ["a/b", "c"]
    assert written["data"][0]["context_length"] == 9


def test_clients_get_one_model_whose_name_has_slashes():
    one = MODELS_FRONT.write_reply(LISTED, Call(method="GET", path="/v1/models/a/b"))
    assert json.loads(one.body)["id"] == "a/b"


def test_a_model_that_nobody_has_is_unknown():
    with pytest.raises(UnknownModel):
        MODELS_FRONT.write_reply(LISTED, Call(method="GET", path="/v1/models/zzz"))
