"""Bodies with something wrong anywhere inside: nothing but our own errors comes of them."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.errors import InvalidRequest, UpstreamError
from quorate.types.events import assemble
from quorate.types.target import Quirks
from quorate.wire.seam import Call, Frame, WireAnswer
from tests.wire.openai_responses.given import WIRE, response, sent, target
from tests.wire.openai_responses.test_items import ANSWERS, ASKED, ITEMS
from tests.wire.openai_responses.test_settings import TOOLS
from tests.wire.openai_responses.test_streams import WHOLE

LOGPROB: dict[str, Any] = {"token": "a", "logprob": -1, "bytes": [97], "top_logprobs": [{"token": "b"}]}
SOURCES: list[dict[str, Any]] = [
    {"type": "url_citation", "url": "u", "title": "t", "start_index": 0, "end_index": 1},
    {"type": "file_citation", "file_id": "f", "filename": "a"},
]
SAID: dict[str, Any] = {
    "type": "message",
    "id": "m",
    "role": "assistant",
    "content": [{"type": "output_text", "text": "a", "annotations": SOURCES, "logprobs": [LOGPROB]}],
}

REPLY: dict[str, Any] = response(
    *ITEMS,
    *ASKED,
    SAID,
    usage={
        "input_tokens": 5,
        "input_tokens_details": {"cached_tokens": 1},
        "output_tokens": 3,
        "output_tokens_details": {"reasoning_tokens": 1},
        "total_tokens": 8,
        "cost": 0.5,
        "cost_details": {"upstream_inference_cost": 1},
        "server_side_tool_usage_details": {"web_search_calls": 1},
    },
    tool_usage={"web_search": {"num_requests": 1}},
    incomplete_details={"reason": "max_output_tokens"},
    error=None,
)

REQUEST: dict[str, Any] = {
    "model": "m",
    "stream": True,
    "instructions": "x",
    "input": [
        {"role": "developer", "content": "x"},
        {
            "role": "user",
            "content": [
                {"type": "input_text", "text": "a"},
                {"type": "input_image", "image_url": "data:image/png;base64,YWJj", "detail": "low"},
                {"type": "input_file", "file_data": "data:a/b;base64,YWJj", "filename": "f"},
                {"type": "input_audio", "input_audio": {"data": "YWJj", "format": "wav"}},
            ],
        },
        *ITEMS,
        SAID,
        *ASKED,
        *ANSWERS,
        {"type": "function_call_output", "call_id": "c", "output": [{"type": "input_text", "text": "a"}]},
    ],
    "tools": TOOLS,
    "tool_choice": {"type": "function", "name": "f"},
    "text": {"format": {"type": "json_schema", "name": "a", "schema": {"type": "object"}, "strict": True}},
    "reasoning": {"effort": "low", "summary": "auto"},
    "include": ["message.output_text.logprobs"],
    "temperature": 0.5,
    "max_output_tokens": 5,
}

EVENTS = sent(b"".join(WHOLE))

anything: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.sampled_from(["", "data:;base64,!", "message", "reasoning", "custom_tool_call", "error", "failed"]),
    st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=2)), max_size=2),
    st.dictionaries(
        st.sampled_from(["type", "text", "name", "id", "item", "role"]),
        st.one_of(st.none(), st.integers(), st.sampled_from(["message", "user"])),
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


def spoilings(document: Any) -> st.SearchStrategy[Any]:
    """The document with something else in one place or two."""
    once = st.builds(spoilt, st.just(document), st.sampled_from(places(document)[1:]), anything)
    return once.flatmap(lambda one: st.builds(spoilt, st.just(one), st.sampled_from(places(one)), anything))


@settings(max_examples=200)
@given(spoilings(REPLY))
def test_a_spoilt_reply_is_read_or_refused(body: Any):
    assert WIRE.front is not None
    with contextlib.suppress(UpstreamError):
        read = WIRE.codec.read_reply(WireAnswer(body=json.dumps(body).encode()))
        WIRE.front.write_reply(read, Call(path="/v1/responses", body=b"{}"))


@settings(max_examples=200)
@given(spoilings(EVENTS))
def test_a_spoilt_stream_is_read_or_refused(told: Any):
    assert WIRE.front is not None
    reader, events = WIRE.codec.stream_reader(), []
    with contextlib.suppress(UpstreamError):
        for each in told if isinstance(told, list) else []:
            events += reader.read(Frame(data=json.dumps(each).encode()))
        events += reader.close()
    writer = WIRE.front.stream_writer(Call(path="/v1/responses", body=b"{}"))
    for event in events:
        writer.write(event)
    assemble(events)


@settings(max_examples=200)
@given(spoilings(REQUEST))
def test_a_spoilt_request_is_read_or_refused(body: Any):
    assert WIRE.front is not None
    call = Call(path="/v1/responses", body=json.dumps(body).encode())
    with contextlib.suppress(InvalidRequest):
        WIRE.front.outline(call)
        request = WIRE.front.read_request(call)
        for stream in (False, True):
            WIRE.codec.write_request(request, target(), stream=stream)
        WIRE.codec.write_request(request, target(Quirks()), stream=False)
        WIRE.front.stream_writer(call)


@settings(max_examples=100)
@given(anything, st.sampled_from([200, 400, 503]))
def test_any_error_is_read(body: Any, status: int):
    for told in (body, {"error": body}, {"message": body}, {"detail": [body]}, {"response": body}):
        WIRE.codec.read_error(WireAnswer(status=status, body=json.dumps(told).encode()))
