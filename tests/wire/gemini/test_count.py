"""Tokens are counted by the provider, and told to clients, in this protocol's form."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings

from quorate.errors import InvalidRequest, ModelUnavailable, UpstreamBroken
from quorate.types.chat import ChatRequest
from quorate.types.target import Quirks
from quorate.types.value import replace
from quorate.types.work import CountReply, CountRequest
from quorate.wire.gemini import GEMINI
from quorate.wire.seam import Call
from tests.wire.laws import answer_of, call_of
from tests.wire.values import Carries, requests

from .making import TARGET, ask

CODEC, FRONT = GEMINI.work["count"], GEMINI.work_fronts["count"]
CALL = Call(path="/v1beta/models/m:countTokens")
CARRIES = Carries(
    protocol="gemini",
    media_urls=False,
    settings=(),
    text_parts=1,
    parallel_tools=False,
    call_ids=False,
    reasoning=False,
)
CONTENTS = {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}


def asked(chat: ChatRequest) -> CountRequest:
    return CountRequest(model=chat.model, request=chat)


def read(body: Any) -> CountRequest:
    return FRONT.read_request(replace(CALL, body=json.dumps(body).encode()))


@settings(max_examples=40)
@given(requests(CARRIES))
def test_a_question_for_a_count_is_read_as_the_chat_it_is_of(chat: ChatRequest):
    assert GEMINI.front is not None
    sent = GEMINI.codec.write_request(chat, TARGET, stream=False)
    whole = GEMINI.front.read_request(call_of(sent, "/v1beta"))

    written = CODEC.write_request(asked(chat), TARGET)

    assert written.path == "/models/gemini-2.5-flash:countTokens"
    assert FRONT.read_request(call_of(written, "/v1beta")).request == whole


def test_a_whole_request_is_counted_wrapped_with_its_model():
    body = json.loads(CODEC.write_request(asked(ask()), TARGET).body)

    assert body == {"generateContentRequest": {"model": "models/gemini-2.5-flash"} | CONTENTS}


def test_where_the_door_has_its_own_path_it_is_not_wrapped():
    target = replace(TARGET, quirks=Quirks(paths={"count": "/publishers/google/models/{model}:{method}"}))

    written = CODEC.write_request(asked(ask()), target)

    assert written.path == "/publishers/google/models/gemini-2.5-flash:countTokens"
    assert json.loads(written.body) == CONTENTS


@pytest.mark.parametrize(
    "body",
    [
        CONTENTS,
        {"model": "models/m"} | CONTENTS,
        {"generateContentRequest": {"model": "models/m"} | CONTENTS},
        {"generate_content_request": CONTENTS},
        {"generateContentRequest": None} | CONTENTS,
    ],
)
def test_both_forms_of_a_question_are_read(body: Any):
    assert read(body) == asked(replace(ask(), model="m"))


def test_tools_and_instructions_are_counted_too():
    tools = [{"functionDeclarations": [{"name": "f", "parameters": {"type": "OBJECT"}}]}]
    whole = CONTENTS | {"systemInstruction": {"parts": [{"text": "Be brief"}]}, "tools": tools}

    counted = read({"generateContentRequest": whole}).request

    assert (counted.messages[0].text, counted.tools[0].name) == ("Be brief", "f")


def test_a_count_comes_back_equal_with_what_else_is_told():
    details = [{"modality": "TEXT", "tokenCount": 8}]
    told = CODEC.read_reply(
        answer_of(json.dumps({"totalTokens": 8, "promptTokensDetails": details}).encode())
    )
    answer = FRONT.write_reply(told, CALL)

    assert told.tokens == 8
    assert json.loads(answer.body) == {"totalTokens": 8, "promptTokensDetails": details}
    assert CODEC.read_reply(answer) == told


def test_a_count_of_another_protocol_is_told_alone():
    answer = FRONT.write_reply(CountReply(tokens=3, vendor={"anthropic": {"x": 1}}), CALL)

    assert json.loads(answer.body) == {"totalTokens": 3}


def test_a_count_of_nothing_is_none():
    assert CODEC.read_reply(answer_of(b"{}")).tokens == 0


@pytest.mark.parametrize("body", [b"", b"[]", b'{"totalTokens":"x"}', b"<html>"])
def test_an_answer_without_a_count_is_broken(body: bytes):
    with pytest.raises(UpstreamBroken):
        CODEC.read_reply(answer_of(body))


def test_an_error_inside_a_success_is_raised():
    with pytest.raises(ModelUnavailable):
        CODEC.read_reply(answer_of(b'{"error":{"code":404,"status":"NOT_FOUND","message":"no"}}'))


@pytest.mark.parametrize("body", [b"", b"5", b'{"contents":5}', b'{"generateContentRequest":5}'])
def test_a_question_that_makes_no_sense_is_refused(body: bytes):
    with pytest.raises(InvalidRequest):
        FRONT.read_request(replace(CALL, body=body))
