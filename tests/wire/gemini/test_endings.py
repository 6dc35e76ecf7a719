"""How Gemini ends an answer, what it counts, and what it says in place of one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quorate.errors import UpstreamBroken, UpstreamBusy, UpstreamRejected
from quorate.types.chat import ChatReply, Finish
from quorate.wire.gemini import GEMINI
from tests.wire.laws import answer_of

from .making import answered, candidate, read, reply_body


@pytest.mark.parametrize(
    ("word", "reason", "raw"),
    [
        ("STOP", "stop", "STOP"),
        (1, "stop", "STOP"),
        ("MAX_TOKENS", "length", "MAX_TOKENS"),
        (2, "length", "MAX_TOKENS"),
        ("SAFETY", "blocked", "SAFETY"),
        ("RECITATION", "blocked", "RECITATION"),
        ("BLOCKLIST", "blocked", "BLOCKLIST"),
        ("PROHIBITED_CONTENT", "blocked", "PROHIBITED_CONTENT"),
        ("SPII", "blocked", "SPII"),
        ("MODEL_ARMOR", "blocked", "MODEL_ARMOR"),
        ("IMAGE_SAFETY", "blocked", "IMAGE_SAFETY"),
        ("MALFORMED_FUNCTION_CALL", "error", "MALFORMED_FUNCTION_CALL"),
        ("UNEXPECTED_TOOL_CALL", "error", "UNEXPECTED_TOOL_CALL"),
        ("LANGUAGE", "other", "LANGUAGE"),
        ("CONTINUATION", "paused", "CONTINUATION"),
        ("A_NEW_WORD", "other", "A_NEW_WORD"),
        (99, "other", "99"),
    ],
)
def test_every_word_for_the_end_is_known(word: Any, reason: str, raw: str):
    finish = read(answered(candidate({"text": "a"}, finish=word, finishMessage="why"))).finish

    assert (finish.reason, finish.raw, finish.detail) == (reason, raw, "why")


def test_a_word_goes_back_as_it_came():
    reply = read(answered(candidate({"text": "a"}, finish="UNEXPECTED_TOOL_CALL", finishMessage="why")))

    side = reply_body(reply)["candidates"][0]

    assert (side["finishReason"], side["finishMessage"]) == ("UNEXPECTED_TOOL_CALL", "why")


@pytest.mark.parametrize(
    "content",
    [{}, {"content": {}}, {"content": {"role": "model"}}, {"content": {"parts": None}}, {"content": None}],
)
def test_a_candidate_may_have_no_words(content: Any):
    reply = read(answered({"finishReason": "SAFETY"} | content))

    assert reply.message.parts == ()
    assert reply.finish.reason == "blocked"


def test_a_refused_prompt_is_a_blocked_reply_and_goes_back_so():
    feedback = {"blockReason": "MODEL_ARMOR", "blockReasonMessage": "Injection"}

    reply = read({"promptFeedback": feedback, "responseId": "r1"})

    assert reply.finish == Finish(reason="blocked", raw="MODEL_ARMOR", detail="Injection")
    assert reply_body(reply) == {"promptFeedback": feedback, "responseId": "r1"}


def test_ratings_of_a_prompt_that_was_answered_block_nothing():
    reply = read(answered(candidate({"text": "a"}), promptFeedback={"safetyRatings": []}))

    assert reply.finish.reason == "stop"
    assert reply_body(reply)["candidates"][0]["content"]["parts"] == [{"text": "a"}]


def test_several_answers_stand_by_their_index():
    reply = read(answered(candidate({"text": "b"}, index=1, finish="MAX_TOKENS"), candidate({"text": "a"})))

    assert reply.text == "a"
    assert [(each.message.text, each.finish.reason) for each in reply.alternatives] == [("b", "length")]


def test_the_time_is_read_as_seconds():
    assert read(answered(candidate(), createTime="2026-01-02T03:04:05.678901Z")).created == 1767323045
    assert read(answered(candidate(), createTime="yesterday")).created == 0


@pytest.mark.parametrize(
    ("counts", "quality", "classes"),
    [
        (
            {
                "promptTokenCount": 9,
                "candidatesTokenCount": 3,
                "thoughtsTokenCount": 4,
                "totalTokenCount": 16,
            },
            "exact",
            (9, 0, 7, 4),
        ),
        ({"promptTokenCount": 9, "totalTokenCount": 9, "cachedContentTokenCount": 4}, "exact", (5, 4, 0, 0)),
        (
            {"promptTokenCount": 9, "candidatesTokenCount": 3, "totalTokenCount": 3},
            "inconsistent",
            (9, 0, 3, 0),
        ),
        ({"promptTokenCount": 9, "candidatesTokenCount": 3}, "inconsistent", (9, 0, 3, 0)),
        (
            {"promptTokenCount": 1, "cachedContentTokenCount": 4, "totalTokenCount": 1},
            "inconsistent",
            (0, 4, 0, 0),
        ),
        ({"promptTokenCount": 0, "totalTokenCount": 0, "thoughtsTokenCount": None}, "exact", (0, 0, 0, 0)),
        ({"trafficType": "ON_DEMAND"}, "missing", (0, 0, 0, 0)),
        ({"promptTokenCount": {"odd": 1}}, "missing", (0, 0, 0, 0)),
        (None, "missing", (0, 0, 0, 0)),
    ],
)
def test_counts_are_classes_that_are_held_against_the_total(
    counts: Any, quality: str, classes: tuple[int, ...]
):
    usage = read(answered(candidate({"text": "a"}), usageMetadata=counts)).usage

    assert usage.quality == quality
    assert (usage.input, usage.cache_read, usage.output, usage.reasoning) == classes
    assert usage.vendor.get("gemini") == counts


def test_modalities_may_come_as_numbers():
    counts = {
        "promptTokenCount": 9,
        "totalTokenCount": 9,
        "promptTokensDetails": [{"modality": 1, "tokenCount": 2}, {"modality": 4, "tokenCount": 7}],
    }

    usage = read(answered(candidate(), usageMetadata=counts)).usage

    assert (usage.input, usage.input_audio) == (2, 7)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>502</html>",
        b"{}",
        b"[]",
        b'{"totalTokens": 6}',
        b'{"candidates": 5}',
        b'{"candidates": [{"content": {"parts": [{"text": 5}]}}]}',
        b'{"candidates": [{"index": -1}]}',
        b'{"candidates": [{"index": 1000000000}]}',
        b'{"candidates": [{"finishReason": {}}]}',
        b'{"candidates": [{"content": {"parts": [{"inlineData": {"data": "!"}}]}}]}',
        b'{"candidates": [{"content": ' + b"[" * 5000,
        b'{"candidates": [{"content": {"parts": [{"text": "\xff"}]}}]}',
    ],
)
def test_bytes_that_make_no_sense_are_a_broken_answer(body: bytes):
    with pytest.raises(UpstreamBroken):
        GEMINI.codec.read_reply(answer_of(body))


@pytest.mark.parametrize("wrap", [lambda error: error, lambda error: [error]])
def test_an_error_inside_a_success_is_raised(wrap: Any):
    body = wrap({"error": {"code": 429, "message": "Slow down", "status": "RESOURCE_EXHAUSTED"}})

    with pytest.raises(UpstreamBusy, match="Slow down"):
        read(body)


def test_an_error_inside_a_success_has_its_own_status():
    with pytest.raises(UpstreamRejected) as caught:
        read({"error": {"code": 400, "message": "Bad", "status": "INVALID_ARGUMENT"}})

    assert (caught.value.status, caught.value.upstream_code) == (400, "INVALID_ARGUMENT")


def test_a_reply_of_another_protocol_is_written_as_google_would():
    reply = ChatReply(
        id="x",
        model="claude",
        created=1767323045,
        message=read(answered(candidate({"text": "a"}))).message,
        finish=Finish(reason="refusal", raw="refusal"),
    )

    assert reply_body(reply) == {
        "candidates": [
            {
                "content": {"parts": [{"text": "a"}], "role": "model"},
                "index": 0,
                "finishReason": "PROHIBITED_CONTENT",
            }
        ],
        "modelVersion": "claude",
        "responseId": "x",
        "createTime": "2026-01-02T03:04:05Z",
    }
    assert json.dumps(reply_body(reply))


def test_logprobs_without_words_are_kept_as_they_came():
    result = {"chosenCandidates": [{"token": "f", "logProbability": -0.5}]}
    call = {"functionCall": {"id": "c", "name": "f", "args": {}}}

    reply = read(answered(candidate(call, logprobsResult=result)))

    assert reply_body(reply)["candidates"][0]["logprobsResult"] == result
