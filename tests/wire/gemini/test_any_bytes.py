"""Whatever bytes come, from a provider or a client, what is raised is an error of ours."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from quorate.errors import InvalidRequest, UpstreamError
from quorate.types.events import Event, assemble
from quorate.wire.gemini import GEMINI
from quorate.wire.seam import Call, Frame, WireAnswer
from tests.wire.laws import answer_of

from .making import PATH, SSE, TARGET, WHOLE, answered, candidate

ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, 2.5, 10**30, "", "x", "AUTO", [], [1], [[]], {}, {"a": 1}, [{}], [None], {"parts": 1}]
)
REPLY: Any = answered(
    candidate(
        {"text": "a", "thought": True, "thoughtSignature": "s"},
        {
            "functionCall": {
                "name": "f",
                "args": {"a": 1},
                "partialArgs": [{"jsonPath": "$.a", "stringValue": "x"}],
            }
        },
        {"inlineData": {"mimeType": "image/png", "data": "eA=="}},
        {"executableCode": {"language": "PYTHON", "code": "1"}},
        {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1"}},
        {"toolCall": {"id": "t", "toolType": "X", "args": {}}},
        {"toolResponse": {"id": "t", "toolType": "X", "response": {}}},
        finishMessage="m",
        groundingMetadata={
            "groundingChunks": [{"web": {"uri": "u", "title": "t"}}],
            "groundingSupports": [
                {"segment": {"startIndex": 0, "endIndex": 1}, "groundingChunkIndices": [0]}
            ],
            "webSearchQueries": ["q"],
        },
        citationMetadata={"citations": [{"uri": "u", "startIndex": 0, "endIndex": 1}]},
        urlContextMetadata={"urlMetadata": [{"retrievedUrl": "u"}]},
        logprobsResult={"chosenCandidates": [{"token": "a", "logProbability": -1}], "topCandidates": [{}]},
    ),
    usageMetadata={
        "promptTokenCount": 1,
        "totalTokenCount": 1,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 1}],
    },
    promptFeedback={"blockReason": "SAFETY", "blockReasonMessage": "m"},
    createTime="2026-01-02T03:04:05Z",
)
QUESTION: Any = {
    "contents": [
        {"role": "user", "parts": [{"text": "a"}, {"fileData": {"fileUri": "u", "mimeType": "image/png"}}]},
        {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {}}}]},
        {
            "role": "user",
            "parts": [
                {
                    "functionResponse": {
                        "name": "f",
                        "response": {"output": "x"},
                        "parts": [{"inlineData": {}}],
                    }
                }
            ],
        },
    ],
    "systemInstruction": {"parts": [{"text": "a"}]},
    "tools": [
        {"functionDeclarations": [{"name": "f", "parameters": {"type": "OBJECT"}}], "googleSearch": {}}
    ],
    "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"]}},
    "generationConfig": {
        "maxOutputTokens": 1,
        "temperature": 1,
        "stopSequences": ["a"],
        "responseMimeType": "application/json",
        "responseSchema": {"type": "OBJECT", "properties": {"a": {"type": "STRING", "nullable": True}}},
        "thinkingConfig": {"thinkingBudget": 1, "thinkingLevel": "LOW", "includeThoughts": True},
    },
    "serviceTier": "flex",
}
ERROR: Any = {
    "error": {
        "code": 429,
        "message": "m",
        "status": "RESOURCE_EXHAUSTED",
        "details": [{"reason": "R", "retryDelay": "1s", "violations": [{"quotaId": "q"}]}],
    }
}


def places(value: Any) -> list[tuple[Any, ...]]:
    """The path of every value inside."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(), *((key, *rest) for key, each in inner for rest in places(each))]


def spoilt(value: Any, place: tuple[Any, ...], odd: Any) -> Any:
    """The same with another value at that place."""
    if not place:
        return odd
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[place[0]] = spoilt(value[place[0]], place[1:], odd)
    return copy


def spoilt_bytes(value: Any) -> st.SearchStrategy[bytes]:
    bodies = st.builds(spoilt, st.just(value), st.sampled_from(places(value)), ODD)
    whole = bodies.map(lambda body: json.dumps(body).encode())
    cut = st.tuples(whole, st.integers(0, 2000)).map(lambda pair: pair[0][: pair[1]])
    return st.one_of(whole, cut, st.binary(max_size=20))


@given(spoilt_bytes(REPLY))
def test_an_answer_is_read_or_broken_and_can_be_written(body: bytes):
    assert GEMINI.front is not None
    with contextlib.suppress(UpstreamError):
        reply = GEMINI.codec.read_reply(answer_of(body))

        assert GEMINI.front.write_reply(reply, WHOLE).status == 200


@given(st.lists(spoilt_bytes(REPLY), max_size=3))
def test_a_stream_is_read_or_broken_and_can_be_written(bodies: list[bytes]):
    assert GEMINI.front is not None
    reader, writer = GEMINI.codec.stream_reader(), GEMINI.front.stream_writer(SSE)
    events: list[Event] = []
    with contextlib.suppress(UpstreamError):
        for body in bodies:
            events.extend(reader.read(Frame(data=body)))
        events.extend(reader.close())

    assert isinstance(b"".join(writer.write(event) for event in events), bytes)
    assert assemble(events).fidelity == ()


@given(spoilt_bytes(QUESTION))
def test_a_question_is_read_or_invalid_and_can_be_written(body: bytes):
    assert GEMINI.front is not None
    with contextlib.suppress(InvalidRequest):
        GEMINI.front.outline(Call(path=PATH, body=body))
    with contextlib.suppress(InvalidRequest):
        request = GEMINI.front.read_request(Call(path=PATH, body=body))

        assert GEMINI.codec.write_request(request, TARGET, stream=False).body


@given(spoilt_bytes(ERROR), st.sampled_from([200, 400, 404, 429, 500]))
def test_an_error_is_always_read(body: bytes, status: int):
    error = GEMINI.codec.read_error(WireAnswer(status=status, body=body))

    assert isinstance(error, UpstreamError)


@given(spoilt_bytes({"models": [{"name": "models/a", "inputTokenLimit": 1}], "nextPageToken": "t"}))
def test_a_list_of_models_is_read_or_broken(body: bytes):
    with contextlib.suppress(UpstreamError):
        GEMINI.work["models"].read_reply(answer_of(body))


@given(spoilt_bytes({"embeddings": [{"values": [1, 2]}], "usageMetadata": {"promptTokenCount": 1}}))
def test_vectors_are_read_or_broken(body: bytes):
    with contextlib.suppress(UpstreamError):
        GEMINI.work["embed"].read_reply(answer_of(body))


@given(
    spoilt_bytes(
        {"requests": [{"model": "m", "content": {"parts": [{"text": "a"}]}, "outputDimensionality": 1}]}
    )
)
def test_a_call_for_vectors_is_read_or_invalid(body: bytes):
    with contextlib.suppress(InvalidRequest):
        GEMINI.work_fronts["embed"].read_request(Call(path="/v1beta/models/m:batchEmbedContents", body=body))
