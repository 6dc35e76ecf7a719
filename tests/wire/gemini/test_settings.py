"""How settings, tools and forms of an answer are written for Gemini, and what is told of the rest."""

from __future__ import annotations

from typing import Any

import pytest

from quorate.errors import InvalidRequest
from quorate.types.chat import HostedTool, OutputFormat, Thinking, Tool, ToolChoice
from quorate.types.target import Quirks
from quorate.types.value import replace
from quorate.wire.gemini import GEMINI

from .making import TARGET, ask, body_of, departures, user, written

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"$ref": "#/$defs/City"}, "days": {"type": ["integer", "null"]}},
    "required": ["city"],
    "additionalProperties": False,
    "$defs": {"City": {"type": "string", "format": "city"}},
}
NARROW: dict[str, Any] = {
    "type": "OBJECT",
    "properties": {"city": {"type": "STRING"}, "days": {"type": "INTEGER", "nullable": True}},
    "required": ["city"],
}
WEATHER = Tool(name="weather", description="Weather in a city", schema=SCHEMA)


def test_settings_stand_in_the_generation_config():
    request = ask(
        max_output=9,
        temperature=0.5,
        top_p=0.9,
        top_k=4,
        stop=("END",),
        seed=7,
        presence_penalty=0.1,
        frequency_penalty=0.2,
        logprobs=True,
        top_logprobs=3,
        n=2,
        service_tier="flex",
    )

    body = body_of(request)

    assert body["serviceTier"] == "flex"
    assert body["generationConfig"] == {
        "maxOutputTokens": 9,
        "temperature": 0.5,
        "topP": 0.9,
        "topK": 4,
        "stopSequences": ["END"],
        "seed": 7,
        "presencePenalty": 0.1,
        "frequencyPenalty": 0.2,
        "responseLogprobs": True,
        "logprobs": 3,
        "candidateCount": 2,
    }


def test_settings_that_it_lacks_are_told():
    assert departures(ask(user="u1", parallel_tools=False)) == [
        ("user", "dropped"),
        ("parallel_tools", "dropped"),
    ]


def test_functions_share_one_entry_and_google_s_own_tools_have_theirs():
    search = HostedTool(protocol="gemini", name="googleSearch", settings={"googleSearch": {}})
    foreign = HostedTool(protocol="anthropic", name="web_search", settings={"type": "web_search"})
    request = ask(tools=(WEATHER, Tool(name="clock"), search, foreign))

    assert body_of(request)["tools"] == [
        {
            "functionDeclarations": [
                {"name": "weather", "description": "Weather in a city", "parametersJsonSchema": SCHEMA},
                {"name": "clock"},
            ]
        },
        {"googleSearch": {}},
    ]
    assert departures(request) == [("tools.3", "dropped")]


def test_a_target_without_json_schema_gets_the_subset_and_what_is_lost_is_told():
    request = ask(
        tools=(WEATHER,),
        output=OutputFormat(kind="schema", schema=SCHEMA),
    )
    quirks: Any = {"drop": frozenset({"parametersJsonSchema", "responseJsonSchema"})}

    body = body_of(request, **quirks)

    assert body["tools"][0]["functionDeclarations"][0]["parameters"] == NARROW
    assert body["generationConfig"] == {"responseMimeType": "application/json", "responseSchema": NARROW}
    assert departures(request, **quirks) == [("tools.0.schema", "changed"), ("output.schema", "changed")]


@pytest.mark.parametrize(
    ("choice", "config"),
    [
        (ToolChoice(mode="auto"), {"mode": "AUTO"}),
        (ToolChoice(mode="none"), {"mode": "NONE"}),
        (ToolChoice(mode="required"), {"mode": "ANY"}),
        (ToolChoice(mode="named", name="weather"), {"mode": "ANY", "allowedFunctionNames": ["weather"]}),
    ],
)
def test_the_choice_of_tools_is_a_mode(choice: ToolChoice, config: Any):
    request = ask(tools=(WEATHER,), tool_choice=choice)

    assert body_of(request)["toolConfig"] == {"functionCallingConfig": config}


def test_a_choice_without_a_function_is_left_out():
    assert body_of(ask(tool_choice=ToolChoice(mode="auto"))).keys() == {"contents"}
    assert departures(ask(tool_choice=ToolChoice(mode="auto"))) == []
    assert departures(ask(tool_choice=ToolChoice(mode="required"))) == [("tool_choice", "dropped")]


def test_json_is_a_mime_type_and_a_schema_is_json_schema():
    plain = body_of(ask(output=OutputFormat(kind="json")))
    shaped = body_of(
        ask(output=OutputFormat(kind="schema", schema=SCHEMA, name="Trip", description="A trip"))
    )

    assert plain["generationConfig"] == {"responseMimeType": "application/json"}
    assert shaped["generationConfig"] == {
        "responseMimeType": "application/json",
        "responseJsonSchema": SCHEMA | {"title": "Trip", "description": "A trip"},
    }


@pytest.mark.parametrize(
    ("quirks", "config", "words"),
    [
        ({"schema": "object"}, {"responseMimeType": "application/json"}, "must fit this JSON Schema"),
        ({"schema": "prompt"}, None, "must fit this JSON Schema"),
        ({"json_mode": False}, None, "must fit this JSON Schema"),
    ],
)
def test_a_schema_that_a_target_takes_not_stands_in_the_prompt(quirks: Any, config: Any, words: str):
    request = ask(output=OutputFormat(kind="schema", schema={"type": "object"}))

    body = body_of(request, **quirks)

    assert body.get("generationConfig") == config
    assert words in body["systemInstruction"]["parts"][0]["text"]
    assert departures(request, **quirks) == [("output.schema", "emulated")]


@pytest.mark.parametrize(
    ("thinking", "config"),
    [
        (Thinking(effort="low"), {"thinkingLevel": "LOW"}),
        (Thinking(budget=512, show=True), {"thinkingBudget": 512, "includeThoughts": True}),
        (Thinking(enabled=False), {"thinkingBudget": 0}),
        (Thinking(effort="none"), {"thinkingBudget": 0}),
        (Thinking(enabled=True), {"thinkingBudget": -1}),
        (Thinking(show=False), {"includeThoughts": False}),
    ],
)
def test_thinking_is_a_level_or_a_budget(thinking: Thinking, config: Any):
    request = ask(thinking=thinking)

    assert body_of(request)["generationConfig"]["thinkingConfig"] == config
    assert departures(request) == []


@pytest.mark.parametrize(
    ("thinking", "quirks", "config", "told"),
    [
        (Thinking(effort="max"), {}, {"thinkingLevel": "HIGH"}, ("thinking.effort", "changed")),
        (
            Thinking(effort="minimal"),
            {"efforts": ("low", "high")},
            {"thinkingLevel": "LOW"},
            ("thinking.effort", "changed"),
        ),
        (
            Thinking(effort="medium"),
            {"reasoning": "budget"},
            {"thinkingBudget": 8192},
            ("thinking.effort", "emulated"),
        ),
        (Thinking(effort="low", budget=9), {}, {"thinkingBudget": 9}, ("thinking.effort", "dropped")),
        (Thinking(effort="low"), {"reasoning": "none"}, None, ("thinking", "dropped")),
        (
            Thinking(enabled=False),
            {"reasoning": "level", "efforts": ("low", "high")},
            {"thinkingLevel": "LOW"},
            ("thinking.enabled", "changed"),
        ),
    ],
)
def test_thinking_that_is_not_taken_as_it_is_is_told(thinking: Thinking, quirks: Any, config: Any, told: Any):
    request = ask(thinking=thinking)

    assert body_of(request, **quirks).get("generationConfig", {}).get("thinkingConfig") == config
    assert departures(request, **quirks) == [told]


def test_a_target_s_quirks_shape_the_body_and_losses_are_told():
    request = ask(temperature=3.0, frequency_penalty=0.5, seed=7)
    quirks: Any = {
        "clamp": {"temperature": (0.0, 2.0)},
        "drop": frozenset({"frequencyPenalty"}),
        "rename": {"seed": "randomSeed"},
        "defaults": {"safetySettings": [], "generationConfig": {"topP": 0.5, "temperature": 1}},
    }

    body = body_of(request, **quirks)

    assert body["safetySettings"] == []
    assert body["generationConfig"] == {"topP": 0.5, "temperature": 2.0, "randomSeed": 7}
    assert departures(request, **quirks) == [("temperature", "changed"), ("frequency_penalty", "dropped")]


def test_a_target_s_own_query_and_headers_are_sent():
    request = written(ask(), stream=True, query={"key2": "x"}, headers={"x-a": "b"})

    assert request.query == {"alt": "sse", "key2": "x"}
    assert request.headers == {"x-a": "b"}


def test_text_that_is_no_unicode_is_an_invalid_request():
    with pytest.raises(InvalidRequest):
        written(ask(user("\ud800")))


def test_a_schema_that_refers_to_nowhere_is_an_invalid_request():
    tool = Tool(name="f", schema={"properties": {"a": {"$ref": "#/$defs/None"}}})
    target = replace(TARGET, quirks=Quirks(drop=frozenset({"parametersJsonSchema"})))

    with pytest.raises(InvalidRequest) as caught:
        GEMINI.codec.write_request(ask(tools=(tool,)), target, stream=False)

    assert caught.value.where == "schema"
