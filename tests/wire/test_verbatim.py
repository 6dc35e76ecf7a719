"""A client's bytes go on as they are only where the target takes what they use: else the call is translated."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quorate.errors import Unsupported
from quorate.types.target import Quirks, Target
from quorate.wire.seam import Call
from quorate.wire.wires import WIRES

PATHS = {
    "openai_chat": "/v1/chat/completions",
    "openai_responses": "/v1/responses",
    "anthropic": "/v1/messages",
    "gemini": "/v1beta/models/m:generateContent",
    "ollama": "/api/chat",
}
SCHEMA = {"type": "json_schema", "schema": {}}
IMAGE = {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}
TOLD = {"role": "tool", "tool_call_id": "c", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}
MARKED = {"role": "user", "content": [{"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}]}
OUTPUT = {"type": "function_call_output", "output": [{"type": "input_image", "image_url": "x"}]}
FULL = Quirks(developer_role=True, custom_tools=True, tool_media=True, cache_marks=True)

CASES: list[tuple[str, dict[str, Any], Quirks, Quirks]] = [
    ("openai_chat", {"response_format": SCHEMA}, Quirks(schema="object"), FULL),
    ("openai_chat", {"response_format": {"type": "json_object"}}, Quirks(json_mode=False), FULL),
    ("openai_chat", {"reasoning_effort": "low"}, Quirks(reasoning="object"), FULL),
    ("openai_chat", {"reasoning_effort": "max"}, Quirks(efforts=("low",)), Quirks(efforts=("low", "max"))),
    ("openai_chat", {"messages": [{"role": "developer"}]}, Quirks(), FULL),
    ("openai_chat", {"messages": [{"role": "system"}]}, Quirks(system_role="user"), FULL),
    (
        "openai_chat",
        {"messages": [{"role": "system"}]},
        Quirks(system_role="user"),
        Quirks(system_role="developer", developer_role=True),
    ),
    ("openai_chat", {"messages": [IMAGE]}, Quirks(media={"image": "none"}), Quirks(media={"video": "none"})),
    ("openai_chat", {"messages": [MARKED]}, Quirks(), FULL),
    ("openai_chat", {"messages": [TOLD]}, Quirks(), FULL),
    ("openai_chat", {"tools": [{"type": "custom"}]}, Quirks(), FULL),
    ("openai_chat", {"stream_options": {}}, Quirks(stream_usage=False), FULL),
    ("openai_responses", {"text": {"format": SCHEMA}}, Quirks(schema="prompt"), FULL),
    ("openai_responses", {"text": {"format": {"type": "json_object"}}}, Quirks(json_mode=False), FULL),
    ("openai_responses", {"reasoning": {"summary": "auto"}}, Quirks(reasoning="none"), FULL),
    (
        "openai_responses",
        {"reasoning": {"effort": "max"}},
        Quirks(efforts=("low",)),
        Quirks(efforts=("max",)),
    ),
    ("openai_responses", {"input": [{"role": "developer"}]}, Quirks(), FULL),
    ("openai_responses", {"input": [{"role": "system"}]}, Quirks(system_role="user"), FULL),
    ("openai_responses", {"input": [{"type": "input_file"}]}, Quirks(media={"file": "none"}), FULL),
    ("openai_responses", {"input": [OUTPUT]}, Quirks(), FULL),
    ("openai_responses", {"tools": [{"type": "custom"}]}, Quirks(), FULL),
    ("anthropic", {"output_config": {"format": SCHEMA}}, Quirks(schema="prompt"), Quirks()),
    ("anthropic", {"tools": [{"strict": True}]}, Quirks(schema="prompt"), Quirks()),
    ("anthropic", {"thinking": {"type": "adaptive"}}, Quirks(reasoning="budget"), Quirks()),
    ("anthropic", {"thinking": {"budget_tokens": 5}}, Quirks(reasoning="adaptive"), Quirks()),
    ("anthropic", {"output_config": {"effort": "low"}}, Quirks(reasoning="budget"), Quirks()),
    (
        "anthropic",
        {"output_config": {"effort": "max"}},
        Quirks(efforts=("low",)),
        Quirks(reasoning="adaptive", efforts=("low", "max")),
    ),
    ("anthropic", {"system": "x"}, Quirks(system_role="user"), Quirks()),
    ("gemini", {"generationConfig": {"responseSchema": {}}}, Quirks(schema="object"), Quirks()),
    ("gemini", {"generationConfig": {"response_json_schema": {}}}, Quirks(schema="prompt"), Quirks()),
    (
        "gemini",
        {"generationConfig": {"responseMimeType": "application/json"}},
        Quirks(json_mode=False),
        Quirks(),
    ),
    ("gemini", {"generationConfig": {"thinkingConfig": {}}}, Quirks(reasoning="none"), Quirks()),
    (
        "gemini",
        {"generationConfig": {"thinkingConfig": {"thinkingLevel": "LOW"}}},
        Quirks(reasoning="budget"),
        Quirks(reasoning="level", efforts=("low",)),
    ),
    (
        "gemini",
        {"generation_config": {"thinking_config": {"thinking_level": "minimal"}}},
        Quirks(reasoning="level", efforts=("low",)),
        Quirks(reasoning="level"),
    ),
    ("gemini", {"systemInstruction": {}}, Quirks(system_role="user"), Quirks()),
    ("ollama", {"format": {"type": "object"}}, Quirks(schema="object"), Quirks()),
    ("ollama", {"format": "json"}, Quirks(json_mode=False), Quirks()),
]
"""Protocol, what a body uses of it, a target that takes it otherwise, one that takes it so."""


def redirected(protocol: str, fields: dict[str, Any], quirks: Quirks) -> bytes:
    front = WIRES[protocol].front
    assert front is not None
    call = Call(path=PATHS[protocol], body=json.dumps({"model": "m"} | fields).encode())
    target = Target(provider="p", model="m", wire=protocol, base_url="http://127.0.0.1:9", quirks=quirks)
    return front.redirect(call, target).body


@pytest.mark.parametrize(("protocol", "fields", "other", "same"), CASES)
def test_a_target_that_takes_it_otherwise_gets_a_translation(
    protocol: str, fields: dict[str, Any], other: Quirks, same: Quirks
):
    with pytest.raises(Unsupported) as raised:
        redirected(protocol, fields, other)

    assert raised.value.settings


@pytest.mark.parametrize(("protocol", "fields", "other", "same"), CASES)
def test_a_target_that_takes_it_so_gets_the_bytes(
    protocol: str, fields: dict[str, Any], other: Quirks, same: Quirks
):
    body = redirected(protocol, fields, same)

    assert json.loads(body).items() >= fields.items()


def test_tools_are_no_media():
    tools = {"tools": [{"type": "function"}]}

    assert (
        json.loads(redirected("openai_chat", tools, Quirks(media={"image": "none"}))).items() >= tools.items()
    )


@pytest.mark.parametrize("protocol", PATHS)
def test_a_plain_call_goes_on_to_any_target(protocol: str):
    picky = Quirks(
        schema="prompt", json_mode=False, reasoning="none", efforts=("low",), media={"image": "none"}
    )

    assert json.loads(redirected(protocol, {"temperature": 0.5}, picky))["temperature"] == 0.5
