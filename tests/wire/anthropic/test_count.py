"""Tokens are counted by the provider, and told to clients, in this protocol's form."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings

from quorate.errors import InvalidRequest, UpstreamBroken
from quorate.types.chat import ChatRequest
from quorate.types.value import replace
from quorate.types.work import CountReply, CountRequest
from quorate.wire.anthropic import ANTHROPIC
from quorate.wire.seam import Call, WireAnswer
from tests.wire.laws import call_of
from tests.wire.values import Carries, requests

from .making import request, target

CODEC, FRONT = ANTHROPIC.work["count"], ANTHROPIC.work_fronts["count"]
CARRIES = Carries(protocol="anthropic", media_urls=False, settings=(), text_parts=1, reasoning=False)


def asked(chat: ChatRequest) -> CountRequest:
    return CountRequest(model=chat.model, request=chat)


@settings(max_examples=40)
@given(requests(CARRIES))
def test_a_question_for_a_count_is_read_as_the_chat_it_is_of(chat: ChatRequest):
    assert ANTHROPIC.front is not None
    whole = ANTHROPIC.front.read_request(call_of(ANTHROPIC.codec.write_request(chat, target(), stream=False)))

    written = CODEC.write_request(asked(chat), target())

    assert written.path == "/v1/messages/count_tokens"
    assert FRONT.read_request(call_of(written)).request == replace(whole, max_output=None)


def test_settings_that_change_no_count_are_left_out_and_not_told():
    chat = request(max_output=50, temperature=0.5, seed=3, user="u", stop=("x",))

    written = CODEC.write_request(asked(chat), target(max_output=None))

    assert set(json.loads(written.body)) == {"model", "messages"}
    assert written.fidelity == ()


def test_what_a_client_wants_to_try_is_tried_in_counting_too():
    call = Call(
        path="/v1/messages/count_tokens",
        headers={"anthropic-beta": "tools-x"},
        body=b'{"model":"m","messages":[{"role":"user","content":"hi"}],"context_management":{"a":1}}',
    )

    written = CODEC.write_request(FRONT.read_request(call), target())

    assert written.headers["anthropic-beta"] == "tools-x"
    assert json.loads(written.body)["context_management"] == {"a": 1}


def test_a_count_comes_back_equal_with_what_else_is_told():
    told = CODEC.read_reply(WireAnswer(body=b'{"input_tokens":14,"context_management":{"a":1}}'))
    answer = FRONT.write_reply(told, Call(path="/v1/messages/count_tokens"))

    assert told.tokens == 14
    assert json.loads(answer.body) == {"input_tokens": 14, "context_management": {"a": 1}}
    assert CODEC.read_reply(answer) == told


def test_a_count_of_another_protocol_is_told_alone():
    answer = FRONT.write_reply(CountReply(tokens=3, vendor={"gemini": {"x": 1}}), Call(path="/"))

    assert json.loads(answer.body) == {"input_tokens": 3}


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"input_tokens":"x"}', b'{"input_tokens":-1}', b"<html>"]
)
def test_an_answer_without_a_count_is_broken(body: bytes):
    with pytest.raises(UpstreamBroken):
        CODEC.read_reply(WireAnswer(body=body))


@pytest.mark.parametrize("body", [b"", b"{}", b'{"model":5}', b'{"model":"m","messages":5}'])
def test_a_question_that_makes_no_sense_is_refused(body: Any):
    with pytest.raises(InvalidRequest):
        FRONT.read_request(Call(path="/v1/messages/count_tokens", body=body))
