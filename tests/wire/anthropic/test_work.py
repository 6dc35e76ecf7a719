"""The list of models, asked for and told, a page at a time."""

from __future__ import annotations

import json

import pytest

from quorate.errors import InvalidRequest, UnknownModel, UpstreamBroken
from quorate.types.work import ModelInfo, ModelList, ModelsRequest
from quorate.wire.anthropic import ANTHROPIC
from quorate.wire.seam import Call, WireAnswer

from .making import target

CODEC = ANTHROPIC.work["models"]
FRONT = ANTHROPIC.work_fronts["models"]
MODEL = {
    "type": "model",
    "id": "claude-x",
    "display_name": "Claude X",
    "created_at": "2025-02-19T00:00:00Z",
    "max_input_tokens": 200000,
    "max_tokens": 64000,
    "capabilities": {"thinking": {"supported": True}, "batch": {"supported": False}},
    "lifecycle": "active",
}


def page(*models: dict, **fields) -> WireAnswer:
    return WireAnswer(body=json.dumps({"data": list(models)} | fields).encode())


def test_a_page_is_asked_for_with_the_protocols_headers():
    first = CODEC.write_request(ModelsRequest(), target())
    second = CODEC.write_request(ModelsRequest(page="claude-w"), target())

    assert (first.method, first.path, first.query) == ("GET", "/v1/models", {"limit": "1000"})
    assert first.headers == {"anthropic-version": "2023-06-01"}
    assert second.query == {"limit": "1000", "after_id": "claude-w"}


def test_a_page_of_models_is_read():
    models = CODEC.read_reply(page(MODEL, has_more=True, last_id="claude-x"))

    assert models.next_page == "claude-x"
    assert models.models == (
        ModelInfo(
            id="claude-x",
            name="Claude X",
            created=1739923200,
            context=200000,
            max_output=64000,
            features=("thinking",),
            vendor={"anthropic": {"capabilities": MODEL["capabilities"], "lifecycle": "active"}},
        ),
    )


def test_the_last_page_names_no_next():
    assert CODEC.read_reply(page(MODEL, has_more=False, last_id="claude-x")).next_page == ""


@pytest.mark.parametrize("moment", [None, 5, "some day", "9999999-01-01"])
def test_a_moment_that_is_none_is_not_told(moment):
    (model,) = CODEC.read_reply(page({"id": "m", "created_at": moment})).models

    assert model.created == 0


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{}", b'{"data": {}}', b'{"data": [{}]}', b'{"data": [5]}']
)
def test_what_is_no_list_is_the_providers_fault(body):
    with pytest.raises(UpstreamBroken):
        CODEC.read_reply(WireAnswer(body=body))


def test_a_client_sees_what_the_provider_told():
    told = CODEC.read_reply(page(MODEL, has_more=True, last_id="claude-x"))
    answer = FRONT.write_reply(told, Call(method="GET", path="/v1/models"))

    assert json.loads(answer.body) == {
        "data": [MODEL],
        "has_more": True,
        "first_id": "claude-x",
        "last_id": "claude-x",
    }
    assert CODEC.read_reply(answer) == told


def test_models_of_other_protocols_are_told_too():
    models = ModelList(models=(ModelInfo(id="openai/gpt"),))
    body = json.loads(FRONT.write_reply(models, Call(method="GET", path="/v1/models")).body)

    assert body["data"] == [
        {
            "type": "model",
            "id": "openai/gpt",
            "display_name": "openai/gpt",
            "created_at": "1970-01-01T00:00:00Z",
        }
    ]


def test_an_empty_list_has_neither_first_nor_last():
    body = json.loads(FRONT.write_reply(ModelList(models=()), Call(method="GET", path="/v1/models")).body)

    assert body == {"data": [], "has_more": False, "first_id": None, "last_id": None}


def test_one_model_is_found_by_its_name_slashes_included():
    models = ModelList(models=(ModelInfo(id="a"), ModelInfo(id="openai/gpt")))
    answer = FRONT.write_reply(models, Call(method="GET", path="/v1/models/openai/gpt"))

    assert json.loads(answer.body)["id"] == "openai/gpt"
    with pytest.raises(UnknownModel):
        FRONT.write_reply(models, Call(method="GET", path="/v1/models/none"))


def test_one_model_is_asked_for_by_its_path():
    assert FRONT.read_request(Call(path="/v1/models/openai/gpt")) == ModelsRequest(wanted="openai/gpt")
    assert FRONT.read_request(Call(path="/v1/models")) == ModelsRequest()


FIVE = ModelList(models=tuple(ModelInfo(id=name) for name in "abcde"))


@pytest.mark.parametrize(
    ("query", "listed", "more"),
    [
        ({}, "abcde", False),
        ({"limit": "2"}, "ab", True),
        ({"limit": "2", "after_id": "b"}, "cd", True),
        ({"limit": "2", "after_id": "c"}, "de", False),
        ({"after_id": "e"}, "", False),
        ({"limit": "2", "before_id": "e"}, "cd", True),
        ({"limit": "9", "before_id": "b"}, "a", False),
        ({"limit": "1000"}, "abcde", False),
    ],
)
def test_a_list_comes_in_the_pieces_that_are_asked_for(query: dict[str, str], listed: str, more: bool):
    answer = json.loads(FRONT.write_reply(FIVE, Call(method="GET", path="/v1/models", query=query)).body)

    assert ("".join(each["id"] for each in answer["data"]), answer["has_more"]) == (listed, more)
    assert (answer["first_id"], answer["last_id"]) == (listed[:1] or None, listed[-1:] or None)


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "x"}, "limit"),
        ({"after_id": "zzz"}, "after_id"),
        ({"before_id": "zzz"}, "before_id"),
    ],
)
def test_a_piece_that_makes_no_sense_is_refused(query: dict[str, str], where: str):
    with pytest.raises(InvalidRequest) as raised:
        FRONT.write_reply(FIVE, Call(method="GET", path="/v1/models", query=query))

    assert raised.value.where == where
