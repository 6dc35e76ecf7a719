"""The usage that is read at a glance is the one that the codec reads of the whole reply."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.errors import UpstreamError
from quorate.types.usage import Usage
from quorate.types.value import replace
from quorate.wire.seam import WireAnswer
from quorate.wire.wires import WIRES

GLANCING = [name for name, wire in WIRES.items() if wire.glance is not None]

ODD = st.sampled_from([None, -1, 0.5, "7", True, [], {}])
COUNT = st.integers(0, 40)
OPENAI = st.fixed_dictionaries(
    {"prompt_tokens": COUNT, "completion_tokens": COUNT, "total_tokens": COUNT},
    optional={
        "prompt_tokens_details": st.dictionaries(
            st.sampled_from(["cached_tokens", "audio_tokens", "image_tokens"]), COUNT | ODD
        ),
        "completion_tokens_details": st.none()
        | st.dictionaries(
            st.sampled_from(["reasoning_tokens", "audio_tokens", "accepted_prediction_tokens"]), COUNT | ODD
        ),
        "prompt_cache_hit_tokens": COUNT,
        "cost": st.floats(0, 1),
    },
)
ANTHROPIC = st.fixed_dictionaries(
    {"input_tokens": COUNT, "output_tokens": COUNT},
    optional={
        "cache_creation_input_tokens": COUNT | ODD,
        "cache_read_input_tokens": COUNT | ODD,
        "cache_creation": st.none()
        | st.dictionaries(
            st.sampled_from(["ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"]), COUNT | ODD
        ),
        "service_tier": st.sampled_from(["standard", "priority"]),
        "server_tool_use": st.none() | st.fixed_dictionaries({"web_search_requests": COUNT}),
        "iterations": st.just([{"type": "message", "input_tokens": 1, "output_tokens": 2}]),
        "output_tokens_details": st.fixed_dictionaries({"thinking_tokens": COUNT}),
    },
)


def answer_of(name: str, usage: Any) -> dict[str, Any]:
    if name == "anthropic":
        text = {"type": "text", "text": "Rhine"}
        return {"id": "m", "type": "message", "role": "assistant", "content": [text], "usage": usage}
    choice = {"index": 0, "message": {"role": "assistant", "content": "Rhine"}, "finish_reason": "stop"}
    return {"id": "c", "object": "chat.completion", "model": "m", "choices": [choice], "usage": usage}


def glanced(name: str, body: Any) -> Usage | None:
    glance = WIRES[name].glance
    assert glance is not None
    return glance(json.dumps(body).encode())


def read(name: str, body: Any) -> Usage:
    reply = WIRES[name].codec.read_reply(WireAnswer(body=json.dumps(body).encode()))
    return replace(reply.usage, vendor={})


@given(data=st.data(), name=st.sampled_from(GLANCING))
def test_a_glance_sees_what_the_codec_reads_or_nothing(data: st.DataObject, name: str):
    totals = data.draw(st.booleans())
    usage: dict[str, Any] = data.draw(ANTHROPIC if name == "anthropic" else OPENAI)
    if totals and "total_tokens" in usage:
        usage["total_tokens"] = usage["prompt_tokens"] + usage["completion_tokens"]
    body = answer_of(name, usage)

    assert glanced(name, body) in (None, read(name, body))


@pytest.mark.parametrize("name", GLANCING)
def test_the_usual_counts_are_seen(name: str):
    usual = {"prompt_tokens": 9, "completion_tokens": 7, "total_tokens": 16}
    body = answer_of(name, {"input_tokens": 9, "output_tokens": 7} if name == "anthropic" else usual)

    assert glanced(name, body) == Usage(input=9, output=7) == read(name, body)


@pytest.mark.parametrize("name", GLANCING)
@pytest.mark.parametrize(
    "change", [{"error": {"message": "no"}}, {"choices": [], "content": None}, {"usage": None}]
)
def test_what_is_no_usual_answer_is_left_to_the_codec(name: str, change: dict[str, Any]):
    usual = {"prompt_tokens": 9, "completion_tokens": 7, "total_tokens": 16}
    body = answer_of(name, {"input_tokens": 9, "output_tokens": 7} if name == "anthropic" else usual) | change

    try:
        expected = (None, read(name, body))
    except UpstreamError:
        expected = (None,)

    assert glanced(name, body) in expected
