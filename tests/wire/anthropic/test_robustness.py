"""Whatever JSON comes, from a client or a provider, is read or refused with one of our errors."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from quorate.errors import InvalidRequest, UpstreamError
from quorate.types.chat import ChatRequest
from quorate.wire.anthropic import ANTHROPIC
from quorate.wire.seam import Frame, WireAnswer

from .making import CODEC, FRONT, block_frames, call, ended, message, started, target

BLOCKS: list[dict[str, Any]] = [
    {
        "type": "text",
        "text": "a",
        "citations": [{"type": "char_location", "cited_text": "q"}],
        "cache_control": {},
    },
    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "cA=="}},
    {
        "type": "document",
        "source": {"type": "content", "content": [{"type": "text", "text": "a"}]},
        "title": "t",
    },
    {"type": "tool_use", "id": "t", "name": "n", "input": {"a": 1}},
    {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "a"}], "is_error": True},
    {"type": "thinking", "thinking": "h", "signature": "s"},
    {"type": "search_result", "source": "u", "title": "t", "content": [{"type": "text", "text": "w"}]},
    {"type": "web_search_tool_result", "tool_use_id": "s", "content": [{"url": "u", "page_age": None}]},
    {"type": "compaction", "content": None},
]
REQUEST: dict[str, Any] = {
    "model": "m",
    "max_tokens": 5000,
    "system": [{"type": "text", "text": "s"}],
    "messages": [{"role": "user", "content": BLOCKS}, {"role": "assistant", "content": BLOCKS}],
    "tools": [
        {
            "name": "n",
            "input_schema": {"type": "object", "properties": {"a": {"type": "string"}}},
            "strict": True,
        }
    ],
    "tool_choice": {"type": "tool", "name": "n", "disable_parallel_tool_use": True},
    "thinking": {"type": "enabled", "budget_tokens": 2000, "display": "omitted"},
    "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": {"type": "object"}}},
    "metadata": {"user_id": "u"},
    "stop_sequences": ["END"],
}
REPLY = message(
    *BLOCKS, usage={"input_tokens": 3, "iterations": [{"type": "message"}], "cache_creation": {"a": 1}}
)
FRAMES = started() + b"".join(block_frames(n, block) for n, block in enumerate(BLOCKS)) + ended()
LINES = [
    json.loads(line.removeprefix("data: "))
    for line in FRAMES.decode().splitlines()
    if line.startswith("data")
]

anything = st.sampled_from(
    [None, True, 0, -1, 1.5, 2**70, "", "x", [], {}, [None], [[]], {"type": "text"}, {"x": []}]
)


@st.composite
def spoilt(draw: st.DrawFn, document: Any) -> Any:
    """The document with one of its values replaced, or left out."""
    place = copy = deepcopy(document)
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = draw(st.sampled_from(keys))
        inner = place[key]
        if not isinstance(inner, dict | list) or not inner or draw(st.integers(0, 3)) == 0:
            break
        place = inner
    if draw(st.booleans()):
        place[key] = draw(anything)
    else:
        del place[key]
    return copy


def read_or_refused(body: Any) -> ChatRequest | None:
    try:
        return FRONT.read_request(call(body))
    except InvalidRequest:
        return None


@given(spoilt(REQUEST))
def test_a_spoilt_request_is_read_and_written_or_refused(body: Any):
    asked = read_or_refused(body)
    try:
        written = asked and CODEC.write_request(asked, target(), stream=False)
    except InvalidRequest:
        written = None

    assert written is None or json.loads(written.body)["model"] == "claude-x"


@given(spoilt(REPLY))
def test_a_spoilt_reply_is_read_or_the_providers_fault(body: Any):
    try:
        reply = CODEC.read_reply(WireAnswer(body=json.dumps(body).encode()))
    except UpstreamError:
        return

    assert FRONT.write_reply(reply, call({})).status == 200


@given(spoilt(LINES))
def test_a_spoilt_stream_is_read_or_the_providers_fault(lines: list[Any]):
    reader, writer = ANTHROPIC.codec.stream_reader(), FRONT.stream_writer(call({}))
    try:
        events = [event for line in lines for event in reader.read(Frame(data=json.dumps(line).encode()))]
        events += reader.close()
    except UpstreamError:
        return

    assert b"message_delta" in b"".join(writer.write(event) for event in events)


@given(st.binary(max_size=40) | st.text(max_size=40).map(str.encode))
def test_any_bytes_are_read_or_refused(body: bytes):
    assert read_or_refused(body) is None
    assert CODEC.read_error(WireAnswer(status=400, body=body)).status == 400
