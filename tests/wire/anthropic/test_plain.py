"""The quick way of reading the commonest reply gives what the general way gives, or leaves it to that."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.errors import UpstreamError
from quorate.types.chat import ChatReply
from quorate.wire.anthropic.plain import read_plain
from quorate.wire.anthropic.reply import read_whole
from quorate.wire.seam import WireAnswer

COMMON: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-5",
    "content": [{"type": "text", "text": "Rhine"}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {
        "input_tokens": 9,
        "output_tokens": 7,
        "cache_read_input_tokens": 4,
        "service_tier": "standard",
        "cache_creation": {"ephemeral_5m_input_tokens": 2, "ephemeral_1h_input_tokens": 1},
    },
}
ODD = st.sampled_from([None, "", "tool_use", "stop_sequence", 5, True, [], {}, {"input_tokens": -1}])
BLOCK = st.sampled_from(
    [
        {"type": "text", "text": "Elbe"},
        {"type": "text", "text": ""},
        {"type": "text", "text": "x", "citations": None},
        {"type": "text"},
        {"type": "thinking", "thinking": "hm", "signature": "s"},
        {"type": "tool_use", "id": "t", "name": "n", "input": {}},
        "words",
    ]
)


def general(body: dict[str, Any]) -> ChatReply | None:
    try:
        return read_whole(WireAnswer(body=json.dumps(body).encode()))
    except UpstreamError:
        return None


def quick(body: dict[str, Any]) -> ChatReply | None:
    return read_plain(json.dumps(body).encode())


def test_the_common_reply_is_read_the_quick_way():
    assert quick(COMMON) == general(COMMON)
    assert quick(COMMON) is not None


@given(
    changed=st.dictionaries(st.sampled_from([*COMMON, "container", "stop_details"]), ODD, max_size=2),
    content=st.lists(BLOCK, max_size=3),
)
def test_any_other_reply_is_read_alike_or_left(changed: dict[str, Any], content: list[Any]):
    body = COMMON | {"content": content} | changed

    assert quick(body) in (None, general(body))


@pytest.mark.parametrize("name", ["id", "type", "role", "model", "content", "stop_reason", "usage"])
def test_a_reply_that_lacks_something_is_left_to_the_general_way(name: str):
    assert quick({key: value for key, value in COMMON.items() if key != name}) is None
