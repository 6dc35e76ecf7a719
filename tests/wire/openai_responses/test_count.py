"""Tokens are counted by the provider, and told to clients, in this protocol's form."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings

from quorate.errors import InvalidRequest, UpstreamBroken, UpstreamError
from quorate.types.chat import ChatRequest
from quorate.types.value import replace
from quorate.types.work import CountReply, CountRequest
from quorate.wire.seam import Call, WireAnswer
from tests.wire.laws import call_of
from tests.wire.values import Carries, requests

from .given import WIRE, ask, target

CODEC, FRONT = WIRE.work["count"], WIRE.work_fronts["count"]
CARRIES = Carries(protocol="openai_responses", settings=(), text_parts=1, reasoning=False, strict_tools=True)


def asked(chat: ChatRequest) -> CountRequest:
    return CountRequest(model=chat.model, request=chat)


@settings(max_examples=40)
@given(requests(CARRIES))
def test_a_question_for_a_count_is_read_back_equal(chat: ChatRequest):
    written = CODEC.write_request(asked(chat), target())

    assert written.path == "/responses/input_tokens"
    assert FRONT.read_request(call_of(written)).request == replace(chat, model="some-model")


def test_settings_that_change_no_count_are_left_out_and_not_told():
    chat = ask(max_output=50, temperature=0.5, seed=3, user="u")

    written = CODEC.write_request(asked(chat), target())

    assert set(json.loads(written.body)) == {"model", "input"}
    assert written.fidelity == ()


def test_a_count_comes_back_equal():
    told = CODEC.read_reply(WireAnswer(body=b'{"object":"response.input_tokens","input_tokens":14,"x":1}'))
    answer = FRONT.write_reply(told, Call(path="/v1/responses/input_tokens"))

    assert told.tokens == 14
    assert json.loads(answer.body) == {"object": "response.input_tokens", "input_tokens": 14, "x": 1}
    assert CODEC.read_reply(answer) == told


def test_a_count_of_another_protocol_is_told_alone():
    answer = FRONT.write_reply(CountReply(tokens=3, vendor={"gemini": {"x": 1}}), Call(path="/"))

    assert json.loads(answer.body) == {"object": "response.input_tokens", "input_tokens": 3}


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"input_tokens":"x"}', b'{"input_tokens":true}', b"<"])
def test_an_answer_without_a_count_is_broken(body: bytes):
    with pytest.raises(UpstreamBroken):
        CODEC.read_reply(WireAnswer(body=body))


def test_an_error_inside_a_success_is_raised():
    with pytest.raises(UpstreamError, match="no such model"):
        CODEC.read_reply(WireAnswer(body=b'{"error":{"message":"no such model"}}'))


@pytest.mark.parametrize("body", [b"", b"{}", b'{"model":5}', b'{"model":"m","input":5}'])
def test_a_question_that_makes_no_sense_is_refused(body: Any):
    with pytest.raises(InvalidRequest):
        FRONT.read_request(Call(path="/v1/responses/input_tokens", body=body))
