"""Bodies with something wrong anywhere inside: nothing but our own errors comes of them."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.errors import InvalidRequest, UpstreamError
from quorate.wire.openai_chat import OPENAI_CHAT
from quorate.wire.seam import Call, Frame, WireAnswer
from tests.wire.openai_chat.given import FULL, target

REPLY: dict[str, Any] = {
    "id": "r",
    "created": 5,
    "model": "m",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "logprobs": {
                "content": [{"token": "a", "logprob": -1, "bytes": [97], "top_logprobs": [{"token": "b"}]}]
            },
            "message": {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
                    {"type": "text", "text": "hi"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,YWJj"}},
                ],
                "reasoning": "hm",
                "reasoning_details": [
                    {"type": "reasoning.text", "text": "a", "index": 0},
                    {"type": "x", "index": 0},
                ],
                "refusal": "no",
                "audio": {"id": "a", "data": "YWJj", "transcript": "x"},
                "annotations": [{"type": "url_citation", "url_citation": {"url": "u", "start_index": 1}}],
                "executed_tools": [{"index": 0, "type": "t", "output": "o"}],
                "images": [{"type": "image_url", "image_url": {"url": "https://a.example"}}],
                "tool_calls": [
                    {"id": "c", "index": 0, "type": "custom", "custom": {"name": "f", "input": "x"}}
                ],
                "function_call": {"name": "f", "arguments": "{}"},
            },
        }
    ],
    "usage": {
        "prompt_tokens": 5,
        "completion_tokens": 3,
        "total_tokens": 8,
        "prompt_tokens_details": {"cached_tokens": 1},
        "cost": {"total_cost": 0.5},
        "cost_details": {"upstream_inference_cost": 1},
    },
    "citations": ["u"],
    "search_results": [{"title": "t", "url": "u"}],
    "cost": {"usd": 1},
    "x_groq": {"usage": {"prompt_tokens": 1}},
}

REQUEST: dict[str, Any] = {
    "model": "m",
    "stream": True,
    "stream_options": {"include_usage": True},
    "messages": [
        {"role": "developer", "content": "x", "name": "n"},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "a", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
                {"type": "image_url", "image_url": {"url": "https://a.example", "detail": "low"}},
                {"type": "input_audio", "input_audio": {"data": "YWJj", "format": "wav"}},
                {"type": "file", "file": {"file_data": "data:a/b;base64,YWJj", "filename": "f"}},
            ],
        },
        {
            "role": "assistant",
            "content": None,
            "refusal": "no",
            "reasoning_details": [{"type": "reasoning.text", "text": "a"}],
            "audio": {"id": "a"},
            "annotations": [{"type": "file", "file": {}}],
            "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
            "function_call": {"name": "f", "arguments": "{}"},
        },
        {"role": "tool", "tool_call_id": "c", "content": [{"type": "text", "text": "a"}]},
    ],
    "tools": [
        {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}, "strict": True}},
        {"type": "custom", "custom": {"name": "g"}},
    ],
    "functions": [{"name": "h"}],
    "tool_choice": {"type": "function", "function": {"name": "f"}},
    "response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}}},
    "reasoning_effort": "low",
    "reasoning": {"effort": "low", "max_tokens": 5, "exclude": True},
    "thinking": {"type": "enabled", "budget_tokens": 5},
    "enable_thinking": True,
    "reasoning_format": "hidden",
    "stop": ["a"],
    "temperature": 0.5,
    "max_completion_tokens": 5,
}

anything: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.sampled_from(["", "data:;base64,!", "text", "thinking", "custom", "function", "error"]),
    st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=2)), max_size=2),
    st.dictionaries(
        st.sampled_from(["type", "text", "name", "url", "id"]),
        st.one_of(st.none(), st.integers()),
        max_size=2,
    ),
)


def places(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of everything inside."""
    if not isinstance(document, dict | list):
        return [path]
    inner = document.items() if isinstance(document, dict) else enumerate(document)
    return [path, *(place for key, value in inner for place in places(value, (*path, key)))]


def spoilt(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The document with another value at that place."""
    if not path:
        return value
    copy = dict(document) if isinstance(document, dict) else list(document)
    copy[path[0]] = spoilt(document[path[0]], path[1:], value)
    return copy


def spoilings(document: dict[str, Any]) -> st.SearchStrategy[Any]:
    """The document with something else in one place or two."""
    once = st.builds(spoilt, st.just(document), st.sampled_from(places(document)), anything)
    return once.flatmap(lambda one: st.builds(spoilt, st.just(one), st.sampled_from(places(one)), anything))


@settings(max_examples=300)
@given(spoilings(REPLY))
def test_a_spoilt_reply_is_read_or_refused(body: Any):
    assert OPENAI_CHAT.front is not None
    with contextlib.suppress(UpstreamError):
        read = OPENAI_CHAT.codec.read_reply(WireAnswer(body=json.dumps(body).encode()))
        OPENAI_CHAT.front.write_reply(read, Call(path="/v1/chat/completions", body=b"{}"))


@settings(max_examples=300)
@given(
    st.lists(spoilings(spoilt(REPLY, ("choices", 0), {"delta": REPLY["choices"][0]["message"]})), max_size=3)
)
def test_a_spoilt_stream_is_read_or_refused(chunks: list[Any]):
    reader = OPENAI_CHAT.codec.stream_reader()
    with contextlib.suppress(UpstreamError):
        for chunk in chunks:
            list(reader.read(Frame(data=json.dumps(chunk).encode())))
        list(reader.close())


@settings(max_examples=300)
@given(spoilings(REQUEST))
def test_a_spoilt_request_is_read_or_refused(body: Any):
    assert OPENAI_CHAT.front is not None
    call = Call(path="/v1/chat/completions", body=json.dumps(body).encode())
    with contextlib.suppress(InvalidRequest):
        OPENAI_CHAT.front.outline(call)
        request = OPENAI_CHAT.front.read_request(call)
        for stream in (False, True):
            OPENAI_CHAT.codec.write_request(request, target(FULL), stream=stream)
        OPENAI_CHAT.codec.write_request(request, target(), stream=False)
        OPENAI_CHAT.front.stream_writer(call)


@settings(max_examples=200)
@given(anything, st.sampled_from([200, 400, 503]))
def test_any_error_is_read(body: Any, status: int):
    for told in (
        body,
        {"error": body},
        {"message": body},
        {"detail": [body]},
        {"error": {"metadata": {"raw": body}}},
    ):
        OPENAI_CHAT.codec.read_error(WireAnswer(status=status, body=json.dumps(told).encode()))
