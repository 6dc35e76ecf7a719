"""The outline of a call, and the road on which a client's bytes stay as they are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quorate.errors import InvalidRequest
from quorate.types.target import Quirks
from quorate.wire.openai_responses.front import renamed
from quorate.wire.seam import Call, Outline
from tests.wire.openai_responses.given import WIRE, call, target


def outline(body: bytes) -> Outline:
    assert WIRE.front is not None
    return WIRE.front.outline(Call(path="/v1/responses", body=body))


def test_an_outline_tells_what_admission_needs():
    body = b'{"model": "m", "stream": true, "max_output_tokens": 9, "input": [{"broken": 1}]}'

    assert outline(body) == Outline(model="m", stream=True, max_output=9, size=len(body))


def test_a_whole_number_may_be_written_as_a_fraction():
    assert outline(b'{"model": "m", "max_output_tokens": 9.0}').max_output == 9


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"", ""),
        (b"[]", ""),
        (b"{", ""),
        (b"{}", "model"),
        (b'{"model": 3}', "model"),
        (b'{"model": "m", "stream": "yes"}', "stream"),
        (b'{"model": "m", "max_output_tokens": "9"}', "max_output_tokens"),
    ],
)
def test_a_body_that_makes_no_sense_says_where(body: bytes, where: str):
    with pytest.raises(InvalidRequest) as raised:
        outline(body)

    assert raised.value.where == where


@pytest.mark.parametrize(
    ("body", "changed"),
    [
        (b'{"model":"a", "x": 1.50}', b'{"model":"b", "x": 1.50}'),
        (b'{"x":{"model":"a"},\n"model" : "a"}', b'{"x":{"model":"a"},\n"model" : "b"}'),
        (b'{"x":"\\"model\\":\\"a\\"","model":"a"}', b'{"x":"\\"model\\":\\"a\\"","model":"b"}'),
        (b'{"model":"q\\"a"}', b'{"model":"b"}'),
    ],
)
def test_only_the_models_name_changes(body: bytes, changed: bytes):
    assert renamed(body, json.loads(body)["model"], "b") == changed


def test_a_name_that_cannot_be_found_is_written_anew():
    body = b'{"x":[' + b'{"model":"a"},' * 20 + b'1],"model":"a"}'

    assert json.loads(renamed(body, "a", "b")) == json.loads(body) | {"model": "b"}


def test_the_clients_bytes_go_to_the_targets_address():
    assert WIRE.front is not None
    quirks = Quirks(
        paths={"chat": "/openai/{model}/responses"}, query={"api-version": "v"}, headers={"x": "y"}
    )

    sent = WIRE.front.redirect(call(stream=True), target(quirks, model="some/model"))

    assert (sent.path, sent.query, sent.headers, sent.framing) == (
        "/openai/some%2Fmodel/responses",
        {"api-version": "v"},
        {"x": "y"},
        "sse",
    )
    assert json.loads(sent.body) == {"model": "some/model", "input": "hi", "stream": True}


def test_the_front_answers_the_protocols_path():
    assert WIRE.front is not None

    paths = {route.path for route in WIRE.front.routes if route.method == "POST"}
    assert {"/v1/responses", "/responses", "/openai/v1/responses", "/openai/responses"} == paths


@pytest.mark.parametrize("body", [b"", b"3", b'{"tools": 3}'])
def test_a_reply_can_be_written_whatever_the_call_was(body: bytes):
    asked: Any = Call(path="/v1/responses", body=body)
    assert WIRE.front is not None

    assert WIRE.front.stream_writer(asked).close() == b""
