"""Whole answers and errors of Cohere, read."""

from __future__ import annotations

import json

import pytest

from quorate.errors import (
    KeyInvalid,
    ModelUnavailable,
    QuotaExhausted,
    TooLong,
    UpstreamBroken,
    UpstreamBusy,
    UpstreamError,
    UpstreamRejected,
    UpstreamTimeout,
)
from quorate.types.chat import Finish
from quorate.types.parts import Citation, Opaque, Reasoning, Text, TokenLogprob, ToolCall
from quorate.types.usage import MISSING, Usage
from quorate.types.value import replace
from quorate.wire.cohere import COHERE
from quorate.wire.cohere.usage import read_usage
from quorate.wire.seam import WireAnswer
from tests.wire.laws import usage_adds_up

from .making import answer, reply_of


def test_thoughts_and_text_are_parts():
    reply = reply_of({"content": [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "Yes."}]})

    assert (reply.id, reply.model) == ("r1", "")
    assert reply.message.parts == (Reasoning(text="Hm."), Text(text="Yes."))
    assert reply.finish == Finish(reason="stop", raw="COMPLETE")
    assert reply.usage == MISSING


def test_a_plan_is_a_thought_before_the_calls():
    call = {"id": "c", "type": "function", "function": {"name": "now", "arguments": "null"}}

    reply = reply_of({"tool_plan": "I will look.", "tool_calls": [call]}, finish_reason="TOOL_CALL")

    assert reply.reasoning == "I will look."
    assert reply.tool_calls == (ToolCall(id="c", name="now", arguments="{}"),)
    assert reply.finish.reason == "tool_calls"


def test_citations_follow_the_text_a_source_each():
    sources = [
        {"type": "document", "id": "doc:0", "document": {"title": "Rivers", "text": "The Loire is long."}},
        {"type": "tool", "id": "https://example.com/r", "tool_output": {"content": "Long."}},
    ]
    raw = {"start": 0, "end": 3, "text": "Yes", "sources": sources, "type": "TEXT_CONTENT"}

    reply = reply_of({"content": [{"type": "text", "text": "Yes."}], "citations": [raw]})

    assert [type(part) for part in reply.message.parts] == [Text, Citation, Citation]
    told = [(each.title, each.quote, each.url, each.start, each.end) for each in reply.citations]
    assert told == [
        ("Rivers", "The Loire is long.", "", 0, 3),
        ("", "Long.", "https://example.com/r", 0, 3),
    ]


def test_citations_stand_behind_the_block_they_name():
    reply = reply_of(
        {
            "content": [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "Yes."}],
            "tool_plan": "Look.",
            "citations": [
                {"start": 0, "end": 1, "text": "Y", "content_index": 1},
                {"start": 0, "end": 2, "text": "Hm", "content_index": 0, "type": "THINKING_CONTENT"},
                {"start": 0, "end": 4, "text": "Look", "type": "PLAN"},
            ],
        }
    )

    told = [
        part.vendor["cohere"]["text"] if isinstance(part, Citation) else part for part in reply.message.parts
    ]
    assert [each if isinstance(each, str) else each.text for each in told] == [
        "Hm.",
        "Hm",
        "Look.",
        "Look",
        "Yes.",
        "Y",
    ]


def test_log_probabilities_come_for_chunks_of_tokens():
    chunks = [
        {"text": "Yes", "token_ids": [1], "logprobs": [-0.5]},
        {"text": " sir", "token_ids": [2, 3], "logprobs": [-0.25, -0.5]},
    ]

    reply = reply_of({"content": [{"type": "text", "text": "Yes sir"}]}, logprobs=chunks)

    text = reply.message.parts[0]
    assert isinstance(text, Text)
    assert text.logprobs == (
        TokenLogprob(token="Yes", logprob=-0.5, vendor={"cohere": {"token_ids": [1]}}),
        TokenLogprob(
            token=" sir",
            logprob=-0.75,
            vendor={"cohere": {"token_ids": [2, 3], "logprobs": [-0.25, -0.5]}},
        ),
    )


def test_what_we_do_not_know_is_kept():
    block = {"type": "hologram", "beam": 1}

    reply = reply_of({"content": [block], "mood": "good"}, region="eu")

    assert reply.message.parts == (Opaque(kind="hologram", vendor={"cohere": block}),)
    assert (reply.message.vendor, reply.vendor) == (
        {"cohere": {"mood": "good"}},
        {"cohere": {"region": "eu"}},
    )


def test_content_may_be_a_bare_string():
    assert reply_of({"content": "Yes."}).text == "Yes."


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("COMPLETE", "stop"),
        ("STOP_SEQUENCE", "stop"),
        ("MAX_TOKENS", "length"),
        ("TOOL_CALL", "tool_calls"),
        ("ERROR", "error"),
        ("TIMEOUT", "error"),
        ("SOMETHING", "other"),
    ],
)
def test_finishes_are_told_in_both_words(word, reason):
    assert reply_of({"content": "Yes."}, finish_reason=word).finish == Finish(reason=reason, raw=word)


def counted(raw: dict) -> Usage:
    return replace(read_usage(raw), vendor={})


def test_what_is_billed_is_what_was_used():
    raw = {
        "billed_units": {"input_tokens": 67, "output_tokens": 66},
        "tokens": {"input_tokens": 510, "output_tokens": 99, "reasoning_tokens": 29},
        "cached_tokens": 144,
    }

    usage = read_usage(raw)

    assert counted(raw) == Usage(input=67, output=66, reasoning=29)
    assert usage.vendor == {"cohere": raw}
    usage_adds_up(usage, 67, 66)


def test_tokens_of_images_are_told_apart():
    raw = {
        "billed_units": {"input_tokens": 267, "output_tokens": 52},
        "tokens": {"input_tokens": 34, "output_tokens": 56, "image_tokens": 259},
    }

    assert counted(raw) == Usage(input=8, input_image=259, output=52)


def test_without_a_bill_the_tokens_count_and_the_cached_ones_apart():
    raw = {"tokens": {"input_tokens": 30, "output_tokens": 4.0}, "cached_tokens": 10}

    assert counted(raw) == Usage(input=20, cache_read=10, output=4)


@pytest.mark.parametrize(
    "raw",
    [
        {"billed_units": {"input_tokens": 11}, "tokens": {"input_tokens": 10}},
        {"billed_units": {"output_tokens": 5}, "tokens": {"input_tokens": 10, "output_tokens": 4}},
        {"billed_units": {"input_tokens": 5}, "tokens": {"input_tokens": 10}, "cached_tokens": 11},
        {"tokens": {"input_tokens": 10}, "cached_tokens": 11},
        {"tokens": {"output_tokens": 3, "reasoning_tokens": 4}},
    ],
)
def test_counts_that_contradict_one_another_are_no_ground_for_a_price(raw):
    assert read_usage(raw).quality == "inconsistent"


@pytest.mark.parametrize("raw", [{}, {"billed_units": {}}, {"tokens": None}])
def test_nothing_told_is_nothing_known(raw):
    assert read_usage(raw) == MISSING


@pytest.mark.parametrize(
    ("status", "told", "kind"),
    [
        (
            400,
            {"id": "1", "message": "invalid request: message must be at least 1 token long"},
            UpstreamRejected,
        ),
        (400, {"error_type": "TOO_MANY_TOKENS", "id": "1", "message": "size limit exceeded"}, TooLong),
        (400, {"id": "1", "message": "too many tokens: size limit exceeded by 7 tokens"}, TooLong),
        (401, {"id": "1", "message": "Incorrect API key provided"}, KeyInvalid),
        (403, {"id": "1", "message": "no access"}, KeyInvalid),
        (404, {"id": "1", "message": "model 'x' not found"}, ModelUnavailable),
        (422, {"id": "1", "message": "unprocessable"}, UpstreamRejected),
        (429, {"id": "1", "message": "limited to 20 API calls / minute"}, UpstreamBusy),
        (429, {"id": "1", "message": "limited to 1000 API calls / month"}, QuotaExhausted),
        (498, {"id": "1", "message": "invalid api token"}, KeyInvalid),
        (499, {"id": "1", "message": "request cancelled by user"}, UpstreamBroken),
        (500, {"id": "1", "message": "internal server error"}, UpstreamBroken),
        (501, {"id": "1", "message": "not implemented"}, UpstreamBroken),
        (503, {"id": "1", "message": "unavailable"}, UpstreamBusy),
        (504, {"id": "1", "message": "gateway timeout"}, UpstreamTimeout),
        (400, {"error": {"message": "of a proxy", "code": "invalid_argument"}}, UpstreamRejected),
        (400, {"error": "plain words"}, UpstreamRejected),
    ],
)
def test_errors_are_told_apart(status, told, kind):
    error = COHERE.codec.read_error(answer(told, status))

    inner = told.get("error", told)
    words = inner if isinstance(inner, str) else inner["message"]
    assert (type(error), str(error), error.status) == (kind, words, status)


@pytest.mark.parametrize(
    "body", [b"", b"<html>no</html>", b"[1]", b'{"id":"1"}', b"\xff", b'{"message":{"a":1']
)
@pytest.mark.parametrize("status", [400, 502])
def test_an_error_without_sense_is_still_an_error(body, status):
    error = COHERE.codec.read_error(WireAnswer(status=status, body=body))

    assert isinstance(error, UpstreamError)
    assert error.status == status


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"{}", b"null", b'{"message":7}', b'"text"', b"\xff\xfe"]
)
def test_a_success_without_sense_is_broken(body):
    with pytest.raises(UpstreamBroken):
        COHERE.codec.read_reply(WireAnswer(body=body))


def test_an_error_inside_a_success_is_raised():
    with pytest.raises(UpstreamError, match="invalid api token"):
        COHERE.codec.read_reply(answer(json.loads('{"id":"1","message":"invalid api token"}')))
