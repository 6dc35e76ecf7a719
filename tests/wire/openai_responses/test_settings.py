"""Settings, tools, the form of an answer and how much to think, written and read."""

from __future__ import annotations

from typing import Any

import pytest

from quorate.errors import InvalidRequest
from quorate.types.chat import HostedTool, OutputFormat, Thinking, Tool, ToolChoice
from quorate.types.target import Quirks
from tests.wire.openai_responses.given import NAME, ask, body_of, departures, read, sent_on, written

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"river": {"type": "string"}},
    "required": ["river"],
    "additionalProperties": False,
}


def test_plain_settings_have_their_names():
    request = ask(
        max_output=9,
        temperature=0.5,
        top_p=0.25,
        logprobs=True,
        top_logprobs=2,
        parallel_tools=False,
        user="u",
        service_tier="flex",
    )

    body = body_of(request, stream=True)

    assert {name: value for name, value in body.items() if name != "input"} == {
        "model": "some-model",
        "max_output_tokens": 9,
        "temperature": 0.5,
        "top_p": 0.25,
        "include": ["message.output_text.logprobs"],
        "top_logprobs": 2,
        "parallel_tool_calls": False,
        "user": "u",
        "service_tier": "flex",
        "stream": True,
    }
    assert written(request, stream=True).path == "/responses"
    assert departures(request) == []


def test_settings_without_words_are_told():
    request = ask(top_k=3, stop=("x",), seed=1, presence_penalty=0.5, frequency_penalty=0.5, n=2)

    assert departures(request) == [
        (name, "dropped") for name in ("top_k", "stop", "seed", "presence_penalty", "frequency_penalty", "n")
    ]


def test_one_answer_is_what_comes_anyway():
    assert departures(ask(n=1)) == []


def test_quirks_bend_the_body():
    quirks = Quirks(
        defaults={"store": False, "temperature": 1.0},
        clamp={"top_p": (0.5, 1.0)},
        drop=frozenset(("user", "logprobs", "text")),
        rename={"max_output_tokens": "max_tokens"},
    )
    request = ask(
        top_p=0.25, user="u", max_output=9, temperature=0.5, logprobs=True, output=OutputFormat(kind="json")
    )

    body = body_of(request, quirks)

    assert {name: value for name, value in body.items() if name not in ("input", "model")} == {
        "store": False,
        "temperature": 0.5,
        "top_p": 0.5,
        "max_tokens": 9,
    }
    assert departures(request, quirks) == [
        ("logprobs", "dropped"),
        ("top_p", "changed"),
        ("output", "dropped"),
        ("user", "dropped"),
    ]


FIELDS: dict[str, Any] = {
    "store": False,
    "previous_response_id": "resp_0",
    "background": True,
    "truncation": "auto",
    "metadata": {"k": "v"},
    "prompt_cache_key": "p",
    "safety_identifier": "s",
    "include": ["reasoning.encrypted_content"],
    "conversation": {"id": "conv_1"},
    "context_management": [{"type": "compaction", "compact_threshold": 5}],
    "max_tool_calls": 3,
    "stream_options": {"include_obfuscation": False},
    "x_unknown": {"deep": [1.5, None]},
}


def test_fields_without_a_place_of_their_own_come_back():
    sent = sent_on(**FIELDS)

    assert {name: sent[name] for name in FIELDS} == FIELDS


def test_other_wishes_to_include_stay_beside_ours():
    wishes = ["reasoning.encrypted_content", "message.output_text.logprobs"]

    assert read(include=wishes).logprobs
    assert sent_on(include=wishes)["include"] == wishes


def test_a_function_that_need_not_be_strict_says_so():
    lax, strict = Tool(name="f", schema=SCHEMA), Tool(name="g", description="d", schema=SCHEMA, strict=True)

    assert body_of(ask(tools=(lax, strict)))["tools"] == [
        {"type": "function", "name": "f", "parameters": SCHEMA, "strict": False},
        {"type": "function", "name": "g", "description": "d", "parameters": SCHEMA, "strict": True},
    ]


def test_a_strict_schema_is_made_to_fit():
    loose = {"type": "object", "properties": {"a": {"type": "string"}}}
    request = ask(tools=(Tool(name="f", schema=loose, strict=True),))

    assert body_of(request)["tools"][0]["parameters"]["required"] == ["a"]
    assert departures(request) == [("tools.0.schema", "changed")]


TOOLS: list[dict[str, Any]] = [
    {"type": "function", "name": "f", "parameters": SCHEMA},
    {"type": "function", "name": "g", "parameters": SCHEMA, "strict": True, "defer_loading": True},
    {"type": "function", "name": "h", "parameters": {}, "strict": False},
    {"type": "custom", "name": "c", "description": "d", "format": {"type": "text"}},
    {"type": "web_search", "search_context_size": "low"},
    {"type": "mcp", "server_label": "s", "server_url": "https://example.com", "require_approval": "never"},
]


def test_every_kind_of_tool_comes_back():
    assert sent_on(tools=TOOLS)["tools"] == TOOLS


def test_a_free_text_tool_is_a_function_for_a_target_without_such_tools():
    request = read(tools=[TOOLS[3]])

    assert body_of(request, Quirks())["tools"][0]["parameters"]["required"] == ["input"]
    assert departures(request, Quirks()) == [("tools.0", "emulated")]


def test_tools_of_other_protocols_providers_are_told():
    request = ask(tools=(HostedTool(protocol="anthropic", name="web_search"), Tool(name="f", cache="5m")))

    assert [tool["name"] for tool in body_of(request)["tools"]] == ["f"]
    assert departures(request) == [("tools.0", "dropped"), ("tools.1.cache", "dropped")]


@pytest.mark.parametrize(
    ("choice", "mode"),
    [
        ("auto", "auto"),
        ("none", "none"),
        ("required", "required"),
        ({"type": "function", "name": "f"}, "named"),
        ({"type": "custom", "name": "c"}, "named"),
        ({"type": "allowed_tools", "mode": "required", "tools": [{"type": "function"}]}, "required"),
        ({"type": "allowed_tools", "mode": "auto", "tools": []}, "auto"),
        ({"type": "web_search"}, "required"),
        ({"type": "mcp", "server_label": "s", "name": "x"}, "required"),
    ],
)
def test_every_choice_of_tools_comes_back(choice: object, mode: str):
    request = read(tools=TOOLS, tool_choice=choice)

    assert request.tool_choice is not None
    assert request.tool_choice.mode == mode
    assert body_of(request)["tool_choice"] == choice


def test_a_foreign_choice_is_written_in_a_word_or_by_name():
    tools = (Tool(name="f"),)

    assert body_of(ask(tools=tools, tool_choice=ToolChoice(mode="required")))["tool_choice"] == "required"
    assert body_of(ask(tools=tools, tool_choice=ToolChoice(mode="named", name="f")))["tool_choice"] == {
        "type": "function",
        "name": "f",
    }


@pytest.mark.parametrize(
    "text",
    [
        {"format": {"type": "json_object"}},
        {"format": {"type": "json_schema", "name": "n", "schema": SCHEMA, "strict": True}},
        {"format": {"type": "json_schema", "name": "n", "schema": SCHEMA, "description": "d", "x": 1}},
        {"format": {"type": "grammar", "syntax": "lark"}},
        {"verbosity": "low"},
        {"verbosity": "low", "format": {"type": "json_object"}},
    ],
)
def test_every_form_of_an_answer_comes_back(text: dict[str, Any]):
    assert sent_on(text=text)["text"] == text


def test_plain_text_is_what_comes_anyway():
    assert "text" not in sent_on(text={"format": {"type": "text"}})


def test_a_form_that_a_target_does_not_take_is_asked_for_in_words():
    request = ask(output=OutputFormat(kind="schema", schema=SCHEMA))

    body = body_of(request, Quirks(schema="prompt"))

    assert '"river"' in body["instructions"]
    assert "text" not in body
    assert departures(request, Quirks(schema="prompt")) == [("output", "emulated")]


@pytest.mark.parametrize(
    ("thinking", "reasoning", "lost"),
    [
        (Thinking(effort="low"), {"effort": "low"}, []),
        (Thinking(effort="low", show=True), {"effort": "low", "summary": "auto"}, []),
        (Thinking(enabled=False), {"effort": "none"}, []),
        (Thinking(enabled=True), {"effort": "medium"}, [("thinking.enabled", "changed")]),
        (Thinking(budget=2000), {"effort": "medium"}, [("thinking.budget", "changed")]),
        (Thinking(effort="low", budget=9), {"effort": "low"}, [("thinking.budget", "dropped")]),
    ],
)
def test_how_much_to_think_is_said_in_words(
    thinking: Thinking, reasoning: dict[str, Any], lost: list[tuple[str, str]]
):
    request = ask(thinking=thinking)

    assert body_of(request)["reasoning"] == reasoning
    assert departures(request) == lost


def test_an_effort_becomes_the_nearest_that_a_target_takes():
    quirks = Quirks(efforts=("low", "high"))
    request = ask(thinking=Thinking(effort="xhigh"))

    assert body_of(request, quirks)["reasoning"] == {"effort": "high"}
    assert departures(request, quirks) == [("thinking.effort", "changed")]


def test_a_target_that_does_not_think_is_not_asked_to():
    quirks = Quirks(reasoning="none")
    request = ask(thinking=Thinking(effort="low", show=True))

    assert "reasoning" not in body_of(request, quirks)
    assert departures(request, quirks) == [("thinking.effort", "dropped"), ("thinking.show", "dropped")]


@pytest.mark.parametrize(
    "reasoning",
    [
        {"effort": "low", "summary": "auto"},
        {"effort": "low", "summary": "detailed"},
        {"generate_summary": "concise"},
        {"context": "all_turns", "mode": "pro"},
    ],
)
def test_every_wish_about_thoughts_comes_back(reasoning: dict[str, Any]):
    assert sent_on(reasoning=reasoning)["reasoning"] == reasoning


def test_a_wish_for_a_summary_is_a_wish_to_see_thoughts():
    assert read(reasoning={"summary": "detailed"}).thinking == Thinking(
        show=True, vendor={NAME: {"summary": "detailed"}}
    )


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"temperature": "hot"}, "temperature"),
        ({"max_output_tokens": 1.5}, "max_output_tokens"),
        ({"stream": "yes"}, "stream"),
        ({"tools": {}}, "tools"),
        ({"tools": [{"type": "function"}]}, "tools.0.name"),
        ({"tools": [{"type": "function", "name": "f", "parameters": []}]}, "tools.0.parameters"),
        ({"tool_choice": 3}, "tool_choice"),
        ({"tool_choice": {"type": "function"}}, "tool_choice.name"),
        ({"text": "json"}, "text"),
        ({"text": {"format": {"type": "json_schema", "schema": 3}}}, "text.format.schema"),
        ({"reasoning": "low"}, "reasoning"),
        ({"reasoning": {"effort": 3}}, "reasoning.effort"),
    ],
)
def test_settings_that_make_no_sense_say_where(fields: dict[str, Any], where: str):
    with pytest.raises(InvalidRequest) as raised:
        read(**fields)

    assert raised.value.where == where
