"""Calls of Gemini clients before they are translated: where they go, and how they are sent on as they are."""

from __future__ import annotations

import json

import pytest

from quorate.errors import InvalidRequest
from quorate.types.target import Quirks
from quorate.types.value import replace
from quorate.wire.gemini import GEMINI
from quorate.wire.seam import Call, Outline

from .making import PATH, TARGET

VERTEX = "/v1beta1/projects/p/locations/global/publishers/google/models"


@pytest.mark.parametrize(
    ("path", "model", "stream"),
    [
        ("/v1beta/models/gemini-2.5-flash:generateContent", "gemini-2.5-flash", False),
        ("/v1/models/gemini-2.5-flash:streamGenerateContent", "gemini-2.5-flash", True),
        ("/v1beta/models/route/fast:generateContent", "route/fast", False),
        ("/v1beta/models/ollama/llama3.2:3b:streamGenerateContent", "ollama/llama3.2:3b", True),
        ("/v1beta/tunedModels/mine:generateContent", "tunedModels/mine", False),
        (VERTEX + "/a/models/b:generateContent", "a/models/b", False),
        ("/v1/publishers/google/models/gemini:generateContent", "gemini", False),
    ],
)
def test_the_path_tells_the_model_and_whether_it_streams(path: str, model: str, stream: bool):
    assert GEMINI.front is not None

    outline = GEMINI.front.outline(Call(path=path, body=b"{}"))

    assert outline == Outline(model=model, stream=stream, size=2)


@pytest.mark.parametrize(
    "body",
    [
        b'{"generationConfig": {"maxOutputTokens": 9, "odd": 1}, "odd": 2}',
        b'{"generation_config": {"max_output_tokens": 9}}',
        b'{"generationConfig": {"maxOutputTokens": "9"}}',
        b'{"generationConfig": {"maxOutputTokens": 9.0}}',
    ],
)
def test_the_outline_knows_the_most_output(body: bytes):
    assert GEMINI.front is not None
    assert GEMINI.front.outline(Call(path=PATH, body=body)).max_output == 9


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (PATH, b""),
        (PATH, b"[]"),
        (PATH, b'{"generationConfig": 5}'),
        (PATH, b'{"generationConfig": {"maxOutputTokens": "many"}}'),
        (PATH, b'{"contents": ' + b"[" * 5000),
        ("/v1beta/models/:generateContent", b"{}"),
        ("/v1beta/models/gemini", b"{}"),
        ("/v1beta/gemini:generateContent", b"{}"),
        ("/v1beta/models/a:b/c", b"{}"),
    ],
)
def test_a_call_that_makes_no_sense_has_no_outline(path: str, body: bytes):
    assert GEMINI.front is not None

    with pytest.raises(InvalidRequest):
        GEMINI.front.outline(Call(path=path, body=body))


def test_a_model_s_name_in_the_body_is_another_too_and_the_rest_keeps_its_digits():
    body = b'{"model": "models/asked", "n": 1.50, "contents": [{"parts": [{"text": "\\"model\\""}]}]}'
    assert GEMINI.front is not None

    sent = GEMINI.front.redirect(Call(path=PATH, body=body), TARGET)

    assert json.loads(sent.body)["model"] == "models/gemini-2.5-flash"
    assert b"1.50" in sent.body


def test_words_about_a_model_leave_the_bytes_alone():
    body = b'{ "contents": [{"parts": [{"text": "the \\"model\\""}]}] }'
    assert GEMINI.front is not None

    assert GEMINI.front.redirect(Call(path=PATH, body=body), TARGET).body == body


def test_a_redirected_call_goes_where_the_row_says():
    target = replace(
        TARGET, quirks=Quirks(query={"v": "1"}, headers={"x-a": "b"}, paths={"chat": "/{model}:{method}"})
    )
    assert GEMINI.front is not None

    sent = GEMINI.front.redirect(Call(path=PATH, query={"key": "secret"}, body=b"{}"), target)

    assert (sent.path, sent.query, sent.headers) == (
        "/gemini-2.5-flash:generateContent",
        {"v": "1"},
        {"x-a": "b"},
    )
    assert sent.framing == "json"


def test_the_front_answers_studio_s_and_vertex_s_paths():
    assert GEMINI.front is not None

    paths = {route.path for route in GEMINI.front.routes}

    assert "/v1beta/models/{model*}:generateContent" in paths
    assert (
        "/v1/projects/{project}/locations/{location}/publishers/{publisher}/models/{model*}:streamGenerateContent"
        in paths
    )
