"""The paths that clients of this protocol call, and the model that Azure's clients put into theirs."""

from __future__ import annotations

import json

import pytest

from quorate.errors import InvalidRequest
from quorate.types.target import Quirks
from quorate.wire.openai_chat import OPENAI_CHAT
from quorate.wire.openai_chat.front import ChatFront
from quorate.wire.seam import Call
from tests.wire.openai_chat.given import target

FRONT, EMBED, MODELS = ChatFront(), OPENAI_CHAT.work_fronts["embed"], OPENAI_CHAT.work_fronts["models"]
TURNS = b'"messages":[{"role":"user","content":"hi"}]'
AZURE = "/openai/deployments/far/away/chat/completions"


@pytest.mark.parametrize(
    "path",
    [
        "/v1/chat/completions",
        "/chat/completions",
        "/openai/v1/chat/completions",
        "/v1/v1/chat/completions",
        "/openai/deployments/{model*}/chat/completions",
        "/v1/completions",
        "/completions",
        "/openai/deployments/{model*}/completions",
    ],
)
def test_chats_have_a_path_for_every_library(path: str):
    assert path in {route.path for route in FRONT.routes}


def test_vectors_and_lists_have_them_too():
    assert {"/v1/embeddings", "/openai/v1/embeddings", "/openai/deployments/{model*}/embeddings"} <= {
        route.path for route in EMBED.routes
    }
    assert {"/v1/models", "/openai/v1/models/{id*}", "/models"} <= {route.path for route in MODELS.routes}


def test_a_model_in_the_path_is_the_model():
    call = Call(path=AZURE, query={"api-version": "2024-10-21"}, body=b"{" + TURNS + b"}")

    assert FRONT.outline(call).model == FRONT.read_request(call).model == "far/away"


def test_a_model_in_the_path_comes_before_one_in_the_body():
    call = Call(path=AZURE, body=b'{"model":"another",' + TURNS + b"}")

    assert FRONT.outline(call).model == FRONT.read_request(call).model == "far/away"


@pytest.mark.parametrize("named", [b"", b'"model":"another",', b'"model":"some-model",'])
def test_the_target_gets_its_own_models_name_and_no_version_of_azure(named: bytes):
    call = Call(path=AZURE, query={"api-version": "1", "x": "y"}, body=b"{" + named + TURNS + b"}")

    written = FRONT.redirect(call, target())

    assert json.loads(written.body)["model"] == "some-model"
    assert (written.path, written.query) == ("/chat/completions", {"x": "y"})


def test_azures_own_version_is_the_targets():
    call = Call(path=AZURE, query={"api-version": "1"}, body=b"{" + TURNS + b"}")
    azure = Quirks(paths={"chat": "/openai/deployments/{model}/chat/completions"}, query={"api-version": "9"})

    written = FRONT.redirect(call, target(azure))

    assert written.path == "/openai/deployments/some-model/chat/completions"
    assert written.query == {"api-version": "9"}


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/openai/deployments//chat/completions"])
def test_elsewhere_the_model_stands_in_the_body(path: str):
    with pytest.raises(InvalidRequest) as raised:
        FRONT.outline(Call(path=path, body=b"{" + TURNS + b"}"))

    assert raised.value.where == "model"


def test_vectors_are_of_the_model_in_the_path():
    call = Call(path="/openai/deployments/far/away/embeddings", body=b'{"input":"a"}')

    assert EMBED.read_request(call).model == "far/away"


def test_one_model_is_asked_for_by_its_path():
    assert MODELS.read_request(Call(method="GET", path="/openai/v1/models/far/away")).wanted == "far/away"
    assert MODELS.read_request(Call(method="GET", path="/v1/models")).wanted == ""


def test_the_fields_of_one_maker_pass():
    body = b'{"model":"m","random_seed":7,"safe_prompt":true,' + TURNS + b"}"
    call = Call(path="/v1/chat/completions", body=body)

    assert FRONT.redirect(call, target(model="m")).body == body
    assert FRONT.read_request(call).vendor == {"openai_chat": {"random_seed": 7, "safe_prompt": True}}
