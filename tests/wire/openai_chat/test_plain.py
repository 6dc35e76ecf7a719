"""The quick way of reading the commonest reply gives what the general way gives, or leaves it to that."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.types.events import assemble
from quorate.wire.openai_chat.plain import read_plain
from quorate.wire.openai_chat.stream import ChatStream
from quorate.wire.seam import WireAnswer

COMMON: dict[str, Any] = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1790000000,
    "model": "gpt-5-mini",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Rhine", "refusal": None, "annotations": []},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": {
        "prompt_tokens": 9,
        "completion_tokens": 7,
        "total_tokens": 16,
        "prompt_tokens_details": {"cached_tokens": 4, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 5, "accepted_prediction_tokens": 0},
    },
    "service_tier": "default",
    "system_fingerprint": None,
}


def general(body: dict[str, Any]) -> Any:
    return assemble(ChatStream().take_whole(body, body["choices"], WireAnswer()))


def changed(path: str, value: Any) -> dict[str, Any]:
    body = copy.deepcopy(COMMON)
    *way, last = path.split(".")
    inner: Any = body
    for step in way:
        inner = inner[int(step)] if step.isdigit() else inner[step]
    inner[last] = value
    return body


def test_the_common_reply_is_read_the_quick_way():
    assert read_plain(COMMON) == general(COMMON)
    assert read_plain(COMMON) is not None


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("choices.0.message.refusal", "no"),
        ("choices.0.message.annotations", [{"type": "url_citation"}]),
        ("choices.0.message.reasoning_content", "hm"),
        ("choices.0.message.content", None),
        ("choices.0.message.content", ""),
        ("choices.0.message.content", [{"type": "text", "text": "a"}]),
        ("choices.0.logprobs", {"content": []}),
        ("choices.0.index", 1),
        ("choices.0.finish_reason", "strange"),
        ("choices.0.finish_reason", ""),
        ("choices.0.content_filter_results", {}),
        ("choices", []),
        ("usage", None),
        ("usage.total_tokens", 17),
        ("usage.prompt_tokens_details.audio_tokens", 2),
        ("usage.prompt_tokens_details.cached_tokens", 10),
        ("usage.cost", 0.1),
        ("created", "yesterday"),
        ("citations", ["https://example.com"]),
    ],
)
def test_anything_out_of_the_common_goes_the_general_way(path: str, value: Any):
    assert read_plain(changed(path, value)) is None


counts = st.integers(0, 50) | st.none() | st.just("1") | st.booleans()


@given(prompt=counts, written=counts, total=counts, cached=counts, reasoned=counts, created=counts)
def test_whatever_the_counts_the_two_ways_agree(**numbers: Any):
    body = copy.deepcopy(COMMON)
    body["created"] = numbers["created"]
    body["usage"] = {
        "prompt_tokens": numbers["prompt"],
        "completion_tokens": numbers["written"],
        "total_tokens": numbers["total"],
        "prompt_tokens_details": {"cached_tokens": numbers["cached"]},
        "completion_tokens_details": {"reasoning_tokens": numbers["reasoned"]},
    }
    quick = read_plain(body)
    assert quick is None or quick == general(body)
