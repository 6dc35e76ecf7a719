"""Moderation endpoints: texts go out, the highest score of each category comes back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quorate.errors import InvalidRequest, UpstreamBroken, UpstreamError
from quorate.types.parts import Media
from quorate.types.target import Target
from quorate.types.work import Judgement, ModerateReply, ModerateRequest
from quorate.wire.openai_chat import OPENAI_CHAT
from quorate.wire.openai_chat.moderation import ModerateCodec
from quorate.wire.seam import Call, WireAnswer

CODEC = ModerateCodec()
TARGET = Target(provider="maker", model="watcher", wire="openai_chat", base_url="http://maker.test/v1")


def answered(body: Any) -> WireAnswer:
    return WireAnswer(body=json.dumps(body).encode())


def test_texts_go_to_the_protocols_own_path():
    sent = CODEC.write_request(ModerateRequest(model="any", inputs=("one", "two")), TARGET)

    assert sent.path == "/moderations"
    assert json.loads(sent.body) == {"model": "watcher", "input": ["one", "two"]}


def test_of_several_texts_the_worst_counts():
    body = {
        "id": "modr-1",
        "model": "watcher",
        "results": [
            {"flagged": False, "category_scores": {"hate": 0.1, "violence": 0.7}},
            {"flagged": True, "category_scores": {"hate": 0.4, "violence": 0.2}},
        ],
    }

    reply = CODEC.read_reply(answered(body))

    assert reply.scores == {"hate": 0.4, "violence": 0.7}
    assert reply.model == "watcher"


def test_a_server_that_only_says_yes_or_no_is_understood():
    reply = CODEC.read_reply(answered({"results": [{"categories": {"hate": True, "violence": False}}]}))

    assert reply.scores == {"hate": 1.0, "violence": 0.0}


@pytest.mark.parametrize("body", [{}, {"results": []}, {"results": [{}]}, {"results": "none"}, [], "x"])
def test_an_answer_without_scores_is_broken(body: Any):
    with pytest.raises(UpstreamBroken):
        CODEC.read_reply(answered(body))


def test_an_error_inside_a_success_is_told():
    with pytest.raises(UpstreamError, match="no such model"):
        CODEC.read_reply(answered({"error": {"message": "no such model", "type": "invalid_request_error"}}))


FRONT = OPENAI_CHAT.work_fronts["moderate"]


PICTURES = (
    Media(kind="image", url="https://p.test/1"),
    Media(kind="image", media_type="image/png", data=b"x"),
)


@pytest.mark.parametrize("images", [(), PICTURES])
def test_a_question_for_a_verdict_is_read_back_equal(images: tuple[Media, ...]):
    request = ModerateRequest(
        model="watcher", inputs=("one", "two"), images=images, vendor={"openai_chat": {"x": 1}}
    )

    sent = CODEC.write_request(request, TARGET)

    assert FRONT.read_request(Call(path="/v1/moderations", body=sent.body)) == request


def test_a_client_that_names_no_model_and_one_text_is_understood():
    request = FRONT.read_request(Call(path="/v1/moderations", body=b'{"input": "one"}'))

    assert request == ModerateRequest(model="omni-moderation-latest", inputs=("one",))


@pytest.mark.parametrize("told", ["null", "[]", "3", '[{"type": "image_url"}]', '["a", 1]'])
def test_what_is_no_text_is_refused(told: str):
    with pytest.raises(InvalidRequest):
        FRONT.read_request(Call(path="/v1/moderations", body=f'{{"input": {told}}}'.encode()))


def test_each_text_has_its_verdict():
    kept = {"category_applied_input_types": {"hate": ["text"]}}
    reply = ModerateReply(
        model="watcher",
        scores={"hate": 0.9},
        results=(
            Judgement(
                flagged=True, categories={"hate": True}, scores={"hate": 0.9}, vendor={"openai_chat": kept}
            ),
            Judgement(flagged=False, categories={"hate": False}, scores={"hate": 0.1}),
        ),
        vendor={"openai_chat": {"id": "modr-7"}},
    )

    assert CODEC.read_reply(FRONT.write_reply(reply, Call(path="/v1/moderations"))) == reply
