"""Vectors from a pipeline for features, as Hugging Face has it beside OpenAI's paths."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quorate.errors import KeyInvalid, Unsupported, UpstreamBroken
from quorate.types.target import Quirks, Target
from quorate.types.work import EmbedRequest
from quorate.wire.openai_chat import OPENAI_CHAT
from quorate.wire.seam import WireAnswer

CODEC = OPENAI_CHAT.work["embed"]


def target(model: str = "BAAI/bge-m3") -> Target:
    path = "/hf/models/{model}/pipeline/feature-extraction"
    quirks = Quirks(embedding="inputs", paths={"embed": path})
    return Target(provider="h", model=model, wire="openai_chat", base_url="https://h.test/v1", quirks=quirks)


def read(told: Any) -> tuple[tuple[float, ...], ...]:
    return CODEC.read_reply(WireAnswer(body=json.dumps(told).encode())).vectors


def test_texts_go_to_the_models_pipeline_at_the_hosts_root():
    request = CODEC.write_request(
        EmbedRequest(model="m", inputs=("a", "b"), dimensions=3, vendor={"openai_chat": {"normalize": True}}),
        target(),
    )

    assert request.base_url == "https://h.test"
    assert request.path == "/hf/models/BAAI/bge-m3/pipeline/feature-extraction"
    assert json.loads(request.body) == {"inputs": ["a", "b"], "normalize": True}
    assert [(each.setting, each.kind) for each in request.fidelity] == [("dimensions", "dropped")]


def test_what_a_pipeline_cannot_take_is_refused():
    with pytest.raises(Unsupported):
        CODEC.write_request(EmbedRequest(model="m", inputs=(), tokens=((1, 2),)), target())


@pytest.mark.parametrize(
    ("told", "vectors"),
    [([[1, 2.5], [3, 4]], ((1.0, 2.5), (3.0, 4.0))), ([0.5, 1], ((0.5, 1.0),))],
)
def test_lists_are_vectors(told, vectors):
    assert read(told) == vectors


@pytest.mark.parametrize("told", [[[[1, 2], [3, 4]]], [["a"]], [[]], []])
def test_lists_that_are_no_vectors_are_broken(told):
    with pytest.raises(UpstreamBroken):
        read(told)


def test_an_error_is_read_as_ever():
    answer = WireAnswer(status=401, body=b'{"error": "Invalid username or password."}')

    assert isinstance(OPENAI_CHAT.codec.read_error(answer), KeyInvalid)
