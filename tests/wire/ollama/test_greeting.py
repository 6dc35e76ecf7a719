"""What clients of an Ollama server look at before they ask: whether it is there, and what a model can do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quorate.errors import InvalidRequest, UnknownModel, Unsupported
from quorate.types.target import Target
from quorate.types.work import EmbedRequest, ModelInfo, ModelList, ModelsRequest
from quorate.wire.ollama import OLLAMA
from quorate.wire.seam import Call

GREET, MODELS = OLLAMA.work_fronts["greet"], OLLAMA.work_fronts["models"]
LISTED = ModelList(
    models=(
        ModelInfo(
            id="openai/gpt-5",
            name="GPT-5",
            owner="openai",
            context=400_000,
            features=("chat", "stream", "tools", "vision", "reasoning", "json"),
        ),
        ModelInfo(id="local/nomic", owner="local", features=("embed",)),
        ModelInfo(id="route/fast", owner="quorate"),
    )
)


def show(**fields: Any) -> Call:
    return Call(path="/api/show", body=json.dumps(fields).encode())


def shown(name: str) -> Any:
    return json.loads(MODELS.write_reply(LISTED, show(model=name)).body)


def test_whoever_looks_finds_a_server_of_ollama():
    answer = GREET.write_reply(None, Call(method="GET", path="/"))

    assert (answer.body, answer.headers["content-type"]) == (
        b"Ollama is running",
        "text/plain; charset=utf-8",
    )


def test_the_version_is_one_of_ollamas():
    version = json.loads(GREET.write_reply(None, Call(method="GET", path="/api/version")).body)["version"]

    assert [part.isdecimal() for part in version.split(".")] == [True] * 3


def test_a_look_is_by_get_or_head():
    assert {(route.method, route.path, route.operation) for route in GREET.routes} == {
        (method, path, "greet") for method in ("GET", "HEAD") for path in ("/", "/api/version")
    }


@pytest.mark.parametrize("fields", [{"model": "a"}, {"name": "a"}, {"model": "a", "verbose": True}])
def test_one_model_is_asked_for_by_either_name_of_the_field(fields: Any):
    assert MODELS.read_request(show(**fields)) == ModelsRequest(wanted="a")


@pytest.mark.parametrize("body", [b"", b"{}", b'{"model":5}', b"[]"])
def test_a_question_about_no_model_is_refused(body: bytes):
    with pytest.raises(InvalidRequest):
        MODELS.read_request(Call(path="/api/show", body=body))


def test_a_model_is_shown_with_its_size_and_what_it_can_do():
    told = shown("openai/gpt-5")

    family = told["model_info"]["general.architecture"]
    assert told["model_info"][f"{family}.context_length"] == 400_000
    assert told["model_info"]["general.basename"] == "GPT-5"
    assert told["capabilities"] == ["completion", "tools", "vision", "thinking"]
    assert told["details"]["family"] == "openai"


@pytest.mark.parametrize(
    ("name", "can"), [("local/nomic", ["embedding"]), ("route/fast", ["completion", "tools"])]
)
def test_of_a_model_without_a_size_none_is_told(name: str, can: list[str]):
    told = shown(name)

    assert told["capabilities"] == can
    assert not any(key.endswith("context_length") for key in told["model_info"])


def test_a_model_that_nobody_has_is_unknown():
    with pytest.raises(UnknownModel, match="'none' not found"):
        MODELS.write_reply(LISTED, show(model="none"))


def test_no_model_is_in_memory():
    call = Call(method="GET", path="/api/ps")

    assert MODELS.read_request(call) == ModelsRequest()
    assert json.loads(MODELS.write_reply(LISTED, call).body) == {"models": []}


def test_a_list_tells_what_models_can_do_in_ollamas_words():
    told = json.loads(MODELS.write_reply(LISTED, Call(method="GET", path="/api/tags")).body)["models"]

    assert [each.get("capabilities") for each in told] == [
        ["completion", "tools", "vision", "thinking"],
        ["embedding"],
        None,
    ]


def test_token_numbers_are_refused_with_what_to_do():
    target = Target(provider="local", model="nomic", wire="ollama", base_url="http://127.0.0.1:9")

    with pytest.raises(Unsupported, match="send the texts") as raised:
        OLLAMA.work["embed"].write_request(EmbedRequest(model="e", inputs=(), tokens=((1,),)), target)

    assert raised.value.settings == ("input",)
