"""What is written for an Ollama server, feature by feature, and what is told of the rest."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quorate.types.chat import ChatRequest, HostedTool, Message, OutputFormat, Thinking, Tool, ToolChoice
from quorate.types.parts import (
    Citation,
    Media,
    Opaque,
    Reasoning,
    SearchResult,
    Text,
    ToolCall,
    ToolResult,
)
from quorate.types.target import Quirks, Target
from quorate.types.value import replace
from quorate.wire.ollama import OLLAMA
from quorate.wire.seam import WireRequest

TARGET = Target(provider="local", model="llama3.2", wire="ollama", base_url="http://localhost:11434")
WEATHER = Tool(name="weather", description="Weather in a city", schema={"type": "object", "properties": {}})
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}


def user(*parts: Any) -> Message:
    return Message(role="user", parts=parts)


def ask(*messages: Message, **settings: Any) -> ChatRequest:
    return ChatRequest(model="asked", messages=messages or (user(Text(text="Hi")),), **settings)


def written(request: ChatRequest, *, stream: bool = False, quirks: Quirks | None = None) -> WireRequest:
    target = replace(TARGET, quirks=quirks) if quirks else TARGET
    return OLLAMA.codec.write_request(request, target, stream=stream)


def body(request: ChatRequest, **more: Any) -> dict[str, Any]:
    return json.loads(written(request, **more).body)


def told(request: ChatRequest, **more: Any) -> dict[str, str]:
    return {departure.setting: departure.kind for departure in written(request, **more).fidelity}


def test_a_plain_question_says_whether_to_stream():
    whole, streamed = written(ask()), written(ask(), stream=True)

    assert (whole.path, whole.framing, streamed.framing) == ("/api/chat", "json", "ndjson")
    assert json.loads(whole.body) == {
        "model": "llama3.2",
        "stream": False,
        "messages": [{"role": "user", "content": "Hi"}],
    }
    assert json.loads(streamed.body)["stream"] is True


def test_settings_stand_in_options():
    request = ask(
        max_output=100,
        temperature=0.5,
        top_p=0.9,
        top_k=40,
        stop=("END",),
        seed=7,
        presence_penalty=0.1,
        frequency_penalty=0.2,
        logprobs=True,
        top_logprobs=2,
        vendor={"ollama": {"options": {"num_ctx": 8192}, "keep_alive": "10m"}},
    )

    sent = body(request)

    assert sent["options"] == {
        "num_predict": 100,
        "temperature": 0.5,
        "top_p": 0.9,
        "top_k": 40,
        "stop": ["END"],
        "seed": 7,
        "presence_penalty": 0.1,
        "frequency_penalty": 0.2,
        "num_ctx": 8192,
    }
    assert (sent["keep_alive"], sent["logprobs"], sent["top_logprobs"]) == ("10m", True, 2)
    assert written(request).fidelity == ()


def test_a_tool_loop_goes_back_with_names_ids_and_thoughts():
    call = ToolCall(id="call_7", name="weather", arguments='{"city": "Lima",  "days": 1.50}')
    request = ask(
        Message(role="system", parts=(Text(text="Be brief."),)),
        user(Text(text="Weather in Lima?")),
        Message(role="assistant", parts=(Reasoning(text="I must look."), call)),
        Message(role="tool", parts=(ToolResult(call_id="call_7", content=(Text(text="Fog"),)),)),
        tools=(WEATHER,),
    )

    sent = written(request)

    assert json.loads(sent.body)["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Weather in Lima?"},
        {
            "role": "assistant",
            "content": "",
            "thinking": "I must look.",
            "tool_calls": [
                {"id": "call_7", "function": {"name": "weather", "arguments": {"city": "Lima", "days": 1.5}}}
            ],
        },
        {"role": "tool", "content": "Fog", "tool_name": "weather", "tool_call_id": "call_7"},
    ]
    assert b'{"city": "Lima",  "days": 1.50}' in sent.body
    assert sent.fidelity == ()


def test_tools_are_functions():
    assert body(ask(tools=(WEATHER,)))["tools"] == [
        {
            "type": "function",
            "function": {
                "name": "weather",
                "description": "Weather in a city",
                "parameters": {"type": "object", "properties": {}},
            },
        }
    ]


def test_pictures_are_bare_base64():
    message = user(Text(text="What is it?"), Media(kind="image", media_type="image/png", data=b"\x89PNG"))

    assert body(ask(message))["messages"] == [
        {"role": "user", "content": "What is it?", "images": ["iVBORw=="]}
    ]


def test_text_files_and_passages_stand_in_the_text():
    request = ask(
        user(
            Text(text="Compare."),
            Media(kind="file", media_type="text/plain", name="a.txt", data=b"apples"),
            SearchResult(title="Pears", url="https://example.com/pears", text="Pears are green."),
        )
    )

    assert body(request)["messages"][0]["content"] == (
        "Compare.\n\na.txt:\napples\n\nPears\nhttps://example.com/pears\nPears are green."
    )
    assert told(request) == {"messages.0.parts.1": "emulated", "messages.0.parts.2": "emulated"}


@pytest.mark.parametrize(
    ("output", "form"),
    [(OutputFormat(kind="json"), "json"), (OutputFormat(kind="schema", schema=SCHEMA), SCHEMA)],
    ids=["any JSON", "a schema"],
)
def test_the_answers_form_is_asked_for(output: OutputFormat, form: Any):
    assert body(ask(output=output))["format"] == form
    assert told(ask(output=output)) == {}


@pytest.mark.parametrize(("support", "form"), [("object", "json"), ("prompt", None)])
def test_a_target_without_schemas_reads_the_schema_in_the_prompt(support: Any, form: str | None):
    request = ask(output=OutputFormat(kind="schema", schema=SCHEMA))
    quirks = Quirks(schema=support)

    sent = body(request, quirks=quirks)

    assert sent.get("format") == form
    assert sent["messages"][0]["role"] == "system"
    assert '"city"' in sent["messages"][0]["content"]
    assert told(request, quirks=quirks) == {"output": "emulated"}


@pytest.mark.parametrize(
    ("thinking", "think", "departures"),
    [
        (Thinking(enabled=True), True, {}),
        (Thinking(enabled=False), False, {}),
        (Thinking(effort="none"), False, {}),
        (Thinking(effort="high"), "high", {}),
        (Thinking(effort="minimal"), "low", {"thinking.effort": "changed"}),
        (Thinking(effort="max"), "high", {"thinking.effort": "changed"}),
        (Thinking(budget=2000), True, {"thinking.budget": "dropped"}),
        (Thinking(enabled=True, show=False), True, {"thinking.show": "dropped"}),
    ],
)
def test_thinking_is_a_switch_or_a_level(thinking: Thinking, think: Any, departures: dict[str, str]):
    assert body(ask(thinking=thinking))["think"] == think
    assert told(ask(thinking=thinking)) == departures


@pytest.mark.parametrize(
    ("request_", "departures"),
    [
        (ask(n=3), {"n": "changed"}),
        (ask(user="u1"), {"user": "dropped"}),
        (ask(service_tier="flex"), {"service_tier": "dropped"}),
        (ask(parallel_tools=False), {"parallel_tools": "dropped"}),
        (ask(tools=(WEATHER,), tool_choice=ToolChoice(mode="auto")), {}),
        (
            ask(tools=(WEATHER,), tool_choice=ToolChoice(mode="none")),
            {"tool_choice": "emulated", "tools": "changed"},
        ),
        (ask(tools=(WEATHER,), tool_choice=ToolChoice(mode="required")), {"tool_choice": "dropped"}),
        (ask(tools=(replace(WEATHER, strict=True),)), {"tools.0.strict": "dropped"}),
        (
            ask(tools=(HostedTool(protocol="gemini", name="googleSearch"),)),
            {"tools.0": "dropped", "tools": "changed"},
        ),
        (ask(user(Media(kind="image", url="https://example.com/a.png"))), {"messages.0.parts.0": "dropped"}),
        (
            ask(user(Media(kind="audio", media_type="audio/wav", data=b"RIFF"))),
            {"messages.0.parts.0": "dropped"},
        ),
        (ask(user(Text(text="x", cache="5m"))), {"messages.0.parts.0.cache": "dropped"}),
        (ask(Message(role="user", parts=(Text(text="x"),), name="ann")), {"messages.0.name": "dropped"}),
        (ask(Message(role="assistant", parts=(Citation(url="u"),))), {"messages.0.parts.0": "dropped"}),
        (ask(Message(role="assistant", parts=(Opaque(kind="x"),))), {"messages.0.parts.0": "dropped"}),
        (
            ask(Message(role="assistant", parts=(Reasoning(signature="s", redacted=True),))),
            {"messages.0.parts.0": "dropped"},
        ),
        (
            ask(Message(role="assistant", parts=(ToolCall(id="1", name="f", arguments="[1]"),))),
            {"messages.0.parts.0.arguments": "changed"},
        ),
        (
            ask(user(Text(text="a"), Media(kind="image", data=b"1"), Text(text="b"))),
            {"messages.0": "changed"},
        ),
    ],
    ids=lambda value: next(iter(value), "none") if isinstance(value, dict) else "",
)
def test_what_cannot_be_sent_as_it_is_gets_told(request_: ChatRequest, departures: dict[str, str]):
    assert told(request_) == departures


def test_a_forced_tool_is_the_only_one_offered():
    other = Tool(name="other")
    request = ask(tools=(WEATHER, other), tool_choice=ToolChoice(mode="named", name="other"))

    assert [tool["function"]["name"] for tool in body(request)["tools"]] == ["other"]
    assert told(request) == {"tool_choice": "changed", "tools": "changed"}


def test_fields_of_generate_alone_send_the_question_there():
    request = ask(
        Message(role="system", parts=(Text(text="Complete."),)),
        user(Text(text="def add(")),
        max_output=20,
        vendor={"ollama": {"suffix": "return c", "raw": False}},
    )

    sent = written(request)

    assert sent.path == "/api/generate"
    assert json.loads(sent.body) == {
        "model": "llama3.2",
        "stream": False,
        "system": "Complete.",
        "prompt": "def add(",
        "options": {"num_predict": 20},
        "suffix": "return c",
        "raw": False,
    }


def test_a_conversation_cannot_go_to_generate():
    turns = (user(Text(text="a")), Message(role="assistant", parts=(Text(text="b"),)), user(Text(text="c")))
    request = ask(*turns, vendor={"ollama": {"raw": True}})

    assert written(request).path == "/api/chat"
    assert "raw" not in body(request)
    assert told(request) == {"vendor.ollama.raw": "dropped"}


def test_quirks_rename_drop_bound_and_fill_fields():
    quirks = Quirks(
        rename={"think": "reason"},
        drop=frozenset({"seed"}),
        clamp={"temperature": (0.0, 1.0)},
        defaults={"keep_alive": "1h", "top_k": 5},
    )
    request = ask(temperature=1.5, seed=3, thinking=Thinking(enabled=True))

    sent = body(request, quirks=quirks)

    assert sent["reason"] is True
    assert sent["keep_alive"] == "1h"
    assert sent["options"] == {"temperature": 1.0, "top_k": 5}
    assert told(request, quirks=quirks) == {"temperature": "changed", "seed": "dropped"}


def test_other_protocols_leftovers_stay_behind():
    request = ask(vendor={"openai_chat": {"store": True}})

    assert "store" not in body(request)
    assert told(request) == {}
