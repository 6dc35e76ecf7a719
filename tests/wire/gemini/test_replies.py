"""What Gemini answers, whole, as our codec reads it: each feature and each oddity seen in real traffic."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quorate.errors import UpstreamBroken, UpstreamBusy, UpstreamRejected
from quorate.types.chat import ChatReply, Finish
from quorate.types.parts import (
    Citation,
    Media,
    Opaque,
    Reasoning,
    SearchResult,
    Text,
    TokenLogprob,
    ToolCall,
    ToolResult,
)
from quorate.wire.gemini import GEMINI
from tests.wire.laws import answer_of

from .making import answered, candidate, read, reply_body


def parts_of(*parts: Any) -> tuple[Any, ...]:
    return read(answered(candidate(*parts))).message.parts


def test_a_plain_answer_is_read():
    counts = {"promptTokenCount": 3, "candidatesTokenCount": 2, "totalTokenCount": 5}

    reply = read(answered(candidate({"text": "Hi there"}), usageMetadata=counts))

    assert (reply.id, reply.model, reply.text) == ("r1", "gemini-2.5-flash", "Hi there")
    assert reply.finish == Finish(reason="stop", raw="STOP")
    assert (reply.usage.input, reply.usage.output, reply.usage.quality) == (3, 2, "exact")


def test_neighbouring_words_are_one_part_and_thoughts_another():
    parts = parts_of(
        {"text": "Hm", "thought": True}, {"text": "m", "thought": True}, {"text": "So"}, {"text": " it is"}
    )

    assert parts == (Reasoning(text="Hmm"), Text(text="So it is"))


def test_a_signature_ends_the_words_it_belongs_to():
    parts = parts_of(
        {"text": "a", "thoughtSignature": "s1"}, {"text": "b"}, {"text": "", "thoughtSignature": "s2"}
    )

    assert parts == (
        Text(text="a", vendor={"gemini": {"thoughtSignature": "s1"}}),
        Text(text="b", vendor={"gemini": {"thoughtSignature": "s2"}}),
    )


def test_a_signature_without_words_before_it_is_a_part_of_its_own():
    call = {"functionCall": {"name": "f", "args": {}}}

    parts = parts_of(call, {"text": "", "thoughtSignature": "s"})

    assert parts[1] == Text(text="", vendor={"gemini": {"thoughtSignature": "s"}})


def test_calls_keep_their_signature_and_get_an_id_where_they_have_none():
    reply = read(
        answered(
            candidate(
                {"functionCall": {"name": "f", "args": {"a": 1}}, "thoughtSignature": "s"},
                {"functionCall": {"name": "g", "id": "x1"}},
                finishMessage="Model generated function call(s).",
            )
        )
    )

    assert reply.message.parts == (
        ToolCall(
            id="call_r1_1", name="f", arguments='{"a": 1}', vendor={"gemini": {"thoughtSignature": "s"}}
        ),
        ToolCall(id="x1", name="g", arguments="{}"),
    )
    assert reply.finish == Finish(reason="tool_calls", raw="STOP", detail="Model generated function call(s).")


def test_arguments_spread_over_lines_become_one_line_with_their_digits():
    body = b'{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{\n "n": 1.50\n}}}]}}]}'

    reply = GEMINI.codec.read_reply(answer_of(body))

    assert reply.tool_calls[0].arguments == '{"n":1.50}'


def test_pictures_are_read_and_what_they_cost_is_told_apart():
    counts = {
        "promptTokenCount": 3,
        "candidatesTokenCount": 1290,
        "totalTokenCount": 1293,
        "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1290}],
    }
    reply = read(
        answered(candidate({"inlineData": {"mimeType": "image/png", "data": "eA=="}}), usageMetadata=counts)
    )

    assert reply.message.parts == (Media(kind="image", media_type="image/png", data=b"x"),)
    assert (reply.usage.output, reply.usage.output_image) == (0, 1290)


def test_code_that_google_ran_is_a_hosted_call_and_its_result():
    code: Any = {"executableCode": {"language": "PYTHON", "code": "print(2)"}}
    result: Any = {"codeExecutionResult": {"outcome": "OUTCOME_FAILED", "output": "2\n"}}

    reply = read(answered(candidate(code, result, {"text": "2"})))

    call, answer, _ = reply.message.parts
    assert call == ToolCall(
        id="call_r1_1",
        name="code_execution",
        arguments='{"language":"PYTHON","code":"print(2)"}',
        hosted=True,
        vendor={"gemini": code},
    )
    assert answer == ToolResult(
        call_id="call_r1_1",
        name="code_execution",
        content=(Text(text="2\n"),),
        failed=True,
        hosted=True,
        vendor={"gemini": result},
    )
    assert reply.tool_calls == ()
    assert reply.finish.reason == "stop"


def test_a_search_that_google_ran_is_a_hosted_call_and_its_result():
    call: Any = {"toolCall": {"id": "t1", "toolType": "GOOGLE_SEARCH_WEB", "args": {"queries": ["a"]}}}
    response: Any = {"toolResponse": {"id": "t1", "toolType": "GOOGLE_SEARCH_WEB", "response": {}}}

    reply = read(answered(candidate(call | {"thoughtSignature": "s"}, response)))

    first, second = reply.message.parts
    assert first == ToolCall(
        id="t1",
        name="google_search_web",
        arguments='{"queries":["a"]}',
        hosted=True,
        vendor={"gemini": {"thoughtSignature": "s"} | call},
    )
    assert second == ToolResult(
        call_id="t1", name="google_search_web", hosted=True, vendor={"gemini": response}
    )
    assert reply_body(reply)["candidates"][0]["content"]["parts"] == [
        call | {"thoughtSignature": "s"},
        response,
    ]


def test_a_part_of_a_kind_yet_unknown_travels_whole_and_an_empty_one_says_nothing():
    assert parts_of({"newPart": {"a": 1}}, {}) == (
        Opaque(kind="newPart", vendor={"gemini": {"newPart": {"a": 1}}}),
    )


GROUNDING: dict[str, Any] = {
    "webSearchQueries": ["rivers", "longest river"],
    "groundingChunks": [
        {"web": {"uri": "https://a.example", "title": "A"}},
        {"retrievedContext": {"uri": "gs://b", "title": "B", "text": "The Nile"}},
        {"maps": {"uri": "https://c.example", "title": "C", "placeId": "p"}},
    ],
    "groundingSupports": [
        {"segment": {"endIndex": 4, "text": "Nile"}, "groundingChunkIndices": [1, 0]},
        {"segment": {"startIndex": 5, "endIndex": 9}, "groundingChunkIndices": [0, 99]},
    ],
}


def test_grounding_is_citations_of_words_and_results_that_support_none():
    reply = read(answered(candidate({"text": "Nile Rhine"}, groundingMetadata=GROUNDING)))

    assert reply.message.parts[1:] == (
        Citation(url="gs://b", title="B", quote="The Nile", start=0, end=4),
        Citation(url="https://a.example", title="A", start=0, end=4),
        Citation(url="https://a.example", title="A", start=5, end=9),
        SearchResult(url="https://c.example", title="C"),
    )
    assert reply.usage.searches == 2
    assert reply_body(reply)["candidates"][0]["groundingMetadata"] == GROUNDING


@pytest.mark.parametrize("name", ["citationSources", "citations"])
def test_recited_sources_are_citations(name: str):
    metadata = {
        name: [
            {"endIndex": 4, "uri": "https://a.example", "license": "mit"},
            {"startIndex": 5, "endIndex": 9},
        ]
    }

    reply = read(answered(candidate({"text": "Nile Rhine"}, citationMetadata=metadata)))

    assert reply.citations == (
        Citation(url="https://a.example", start=0, end=4, vendor={"gemini": {"license": "mit"}}),
        Citation(start=5, end=9),
    )


def test_pages_that_were_fetched_are_search_results():
    metadata = {"urlMetadata": [{"retrievedUrl": "https://a.example"}, {"urlRetrievalStatus": "X"}]}

    reply = read(answered(candidate({"text": "a"}, urlContextMetadata=metadata)))

    assert reply.message.parts[1:] == (SearchResult(url="https://a.example"),)


def test_logprobs_stand_with_the_words():
    result = {
        "chosenCandidates": [{"token": "Hi", "tokenId": 7, "logProbability": -0.5}],
        "topCandidates": [{"candidates": [{"token": "Ho", "logProbability": -1.5}]}],
        "logProbabilitySum": -0.5,
    }

    reply = read(answered(candidate({"text": "Hi"}, logprobsResult=result)))

    expected = TokenLogprob(
        token="Hi",
        logprob=-0.5,
        top=(TokenLogprob(token="Ho", logprob=-1.5),),
        vendor={"gemini": {"tokenId": 7}},
    )
    assert reply.message.parts == (Text(text="Hi", logprobs=(expected,)),)
    assert reply_body(reply)["candidates"][0]["logprobsResult"] == result


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
