"""Whatever stands in the place of what the protocol says there, one of our errors comes of it, or an answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from quorate.errors import InvalidRequest, QuorateError, UpstreamError
from quorate.wire.eventstream import write_message
from quorate.wire.seam import Call, Frame, WireAnswer

from .making import WIRE

NAMES = st.sampled_from(
    """output message content text toolUse toolUseId name input type toolResult status json image document source
    bytes s3Location uri format reasoningContent reasoningText signature redactedContent citationsContent citations
    sourceContent location web url cachePoint ttl searchResult title usage inputTokens totalTokens cacheDetails metrics
    stopReason trace guardrail promptRouter invokedModelId delta start contentBlockIndex citation role p
    additionalModelResponseFields stop_sequence message __type messages system toolConfig tools toolSpec inputSchema
    toolChoice tool inferenceConfig maxTokens stopSequences additionalModelRequestFields thinking budget_tokens
    outputConfig textFormat structure jsonSchema schema serviceTier""".split()
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "text", "cG5n", "{}", "default"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(NAMES, VALUES, max_size=4)
EVENTS = st.sampled_from(
    "messageStart contentBlockStart contentBlockDelta contentBlockStop messageStop metadata other".split()
)


@pytest.mark.long
@given(OBJECTS, st.sampled_from([200, 400, 429, 500]))
@example(
    {
        "output": {
            "message": {"content": [{"toolResult": {"content": [{"image": {"source": {"bytes": 1}}}]}}]}
        }
    },
    200,
)
def test_any_answer_is_read_or_told(body: dict[str, Any], status: int):
    answer = WireAnswer(status=status, body=json.dumps(body).encode())
    assert isinstance(WIRE.codec.read_error(answer), UpstreamError)
    for read in (WIRE.codec.read_reply, *(each.read_reply for each in WIRE.work.values())):
        told = outcome(lambda read=read: read(answer))
        assert told is None or isinstance(told, UpstreamError)


@pytest.mark.long
@given(st.lists(st.tuples(EVENTS, OBJECTS), max_size=6), st.booleans())
def test_any_stream_is_read_or_told(messages: list[tuple[str, dict[str, Any]]], failed: bool):
    reader = WIRE.codec.stream_reader()
    frames = [Frame(data=json.dumps(fields).encode(), event=event) for event, fields in messages]
    if failed:
        frames.append(Frame(data=b"{}", event="throttlingException", failed=True))

    def run() -> None:
        for frame in frames:
            list(reader.read(frame))
        list(reader.close())

    told = outcome(run)
    assert told is None or isinstance(told, UpstreamError)


@pytest.mark.long
@given(OBJECTS, st.lists(OBJECTS, max_size=3))
def test_any_question_is_read_or_refused(body: dict[str, Any], content: list[dict[str, Any]]):
    assert WIRE.front is not None
    front = WIRE.front
    asked = body | {"messages": [{"role": "user", "content": content}]}
    told = outcome(
        lambda: front.read_request(Call(path="/model/m/converse", body=json.dumps(asked).encode()))
    )

    assert told is None or isinstance(told, InvalidRequest)


@given(st.binary(max_size=60))
def test_any_bytes_of_a_message_are_a_frame(data: bytes):
    headers = {":event-type": "contentBlockDelta", ":message-type": "event"}
    reader = WIRE.codec.stream_reader()
    assert write_message(data, headers)
    told = outcome(lambda: list(reader.read(Frame(data=data, event="contentBlockDelta"))))

    assert told is None or isinstance(told, UpstreamError)


def outcome(run: Any) -> QuorateError | None:
    """The error of ours that it ends in; any other is raised."""
    try:
        run()
    except QuorateError as error:
        return error
    return None
