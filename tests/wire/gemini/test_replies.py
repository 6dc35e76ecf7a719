"""What Gemini answers, whole, as our codec reads it: each feature and each oddity seen in real traffic."""

from __future__ import annotations

from typing import Any

import pytest

from quorate.types.chat import Finish
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
            id="call_r1_1",
            name="f",
            arguments='{"a": 1}',
            vendor={"gemini": {"thoughtSignature": "s", "quorate.unnamed": True}},
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
