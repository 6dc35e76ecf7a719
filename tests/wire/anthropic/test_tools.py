"""Tools, the choice among them, and answers in a form."""

from __future__ import annotations

import pytest

from quorate.errors import InvalidRequest
from quorate.types.chat import HostedTool, Message, OutputFormat, Tool, ToolChoice
from quorate.types.parts import Text
from quorate.types.target import Quirks

from .making import asked_with, body_of, departures, request, user

SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
WEATHER = Tool(name="weather", description="Tells it", schema=SCHEMA)
SEARCH = {"type": "web_search_20250305", "name": "web_search", "max_uses": 3}
PROMPT_ONLY = Quirks(schema="prompt")


def test_a_tool_with_everything_comes_back():
    tool = {
        "name": "weather",
        "description": "Tells it",
        "input_schema": SCHEMA,
        "strict": True,
        "cache_control": {"type": "ephemeral"},
        "defer_loading": True,
    }
    asked = asked_with(tools=[tool | {"type": "custom"}])

    assert asked.tools == (
        Tool(
            name="weather",
            description="Tells it",
            schema=SCHEMA,
            strict=True,
            cache="5m",
            vendor={"anthropic": {"defer_loading": True}},
        ),
    )
    assert body_of(asked)["tools"] == [tool]


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        (SEARCH, "web_search"),
        ({"type": "bash_20250124", "name": "bash"}, "bash"),
        ({"type": "mcp_toolset", "mcp_server_name": "m"}, "mcp_toolset"),
    ],
)
def test_tools_of_the_providers_own_type_pass_through(settings, name):
    asked = asked_with(tools=[settings])

    assert asked.tools == (HostedTool(protocol="anthropic", name=name, settings=settings),)
    assert body_of(asked)["tools"] == [settings]


def test_a_tool_that_another_provider_runs_is_dropped_with_the_choice_among_none():
    foreign = HostedTool(protocol="gemini", name="google_search", settings={"google_search": {}})
    asked = request(tools=(foreign,), tool_choice=ToolChoice(mode="auto"))

    assert "tools" not in body_of(asked)
    assert departures(asked) == [("tools.0", "dropped"), ("tool_choice", "dropped")]


@pytest.mark.parametrize(
    ("schema", "sent"), [({}, {"type": "object"}), ({"properties": {}}, {"type": "object", "properties": {}})]
)
def test_a_schema_without_a_type_is_an_objects(schema, sent):
    assert body_of(request(tools=(Tool(name="now", schema=schema),)))["tools"][0]["input_schema"] == sent


def test_strictness_needs_a_target_that_has_it():
    asked = request(tools=(Tool(name="weather", schema=SCHEMA, strict=True),))

    assert body_of(asked)["tools"][0]["strict"] is True
    assert "strict" not in body_of(asked, PROMPT_ONLY)["tools"][0]
    assert departures(asked, PROMPT_ONLY) == [("tools.0.strict", "dropped")]


@pytest.mark.parametrize(
    ("raw", "choice", "parallel"),
    [
        ({"type": "auto"}, ToolChoice(mode="auto"), None),
        ({"type": "any"}, ToolChoice(mode="required"), None),
        ({"type": "none"}, ToolChoice(mode="none"), None),
        ({"type": "tool", "name": "weather"}, ToolChoice(mode="named", name="weather"), None),
        ({"type": "any", "disable_parallel_tool_use": True}, ToolChoice(mode="required"), False),
        ({"type": "auto", "disable_parallel_tool_use": True}, None, False),
        ({"type": "auto", "disable_parallel_tool_use": False}, None, True),
        ({"type": "any", "x": 1}, ToolChoice(mode="required", vendor={"anthropic": {"x": 1}}), None),
    ],
)
def test_a_choice_is_read_and_written_back(raw, choice, parallel):
    asked = asked_with(tools=[{"name": "weather", "input_schema": SCHEMA}], tool_choice=raw)

    assert (asked.tool_choice, asked.parallel_tools) == (choice, parallel)
    assert body_of(asked)["tool_choice"] == raw


def test_a_choice_left_open_and_one_said_carry_the_same_flag():
    asked = request(tools=(WEATHER,), tool_choice=ToolChoice(mode="auto"), parallel_tools=True)

    assert body_of(asked)["tool_choice"] == {"type": "auto", "disable_parallel_tool_use": False}


def test_where_no_tool_may_be_called_parallel_means_nothing():
    asked = request(tools=(WEATHER,), tool_choice=ToolChoice(mode="none"), parallel_tools=True)

    assert body_of(asked)["tool_choice"] == {"type": "none"}
    assert departures(asked) == [("parallel_tools", "dropped")]


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"tools": [{"input_schema": SCHEMA}]}, "tools.0.name"),
        ({"tools": [{"name": "a", "input_schema": True}]}, "tools.0.input_schema"),
        ({"tools": {"name": "a"}}, "tools"),
        ({"tool_choice": {"type": "some"}}, "tool_choice.type"),
        ({"tool_choice": "auto"}, "tool_choice"),
        ({"tool_choice": {"type": "tool"}}, "tool_choice.name"),
        ({"output_config": {"format": {"type": "xml"}}}, "output_config.format.type"),
    ],
)
def test_a_tool_or_form_that_makes_no_sense_is_refused_with_its_place(fields, where):
    with pytest.raises(InvalidRequest) as caught:
        asked_with(**fields)

    assert caught.value.where == where


@pytest.mark.parametrize(
    "fields",
    [
        {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}},
        {"output_format": {"type": "json_schema", "schema": SCHEMA}},
    ],
)
def test_a_form_is_read_from_both_its_places(fields):
    asked = asked_with(**fields)

    assert asked.output == OutputFormat(kind="schema", schema=SCHEMA)
    assert body_of(asked)["output_config"] == {"format": {"type": "json_schema", "schema": SCHEMA}}


def test_a_schema_is_put_into_the_providers_dialect_and_that_is_told():
    schema = {
        "type": "object",
        "properties": {
            "age": {"type": "integer", "minimum": 0, "description": "Years"},
            "home": {"$ref": "#/$defs/home"},
            "tags": {"type": "array", "items": {"type": "string", "format": "slug"}, "minItems": 2},
            "either": {"oneOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
        },
        "$defs": {"home": {"type": "object", "properties": {}, "additionalProperties": {"type": "string"}}},
    }
    asked = request(output=OutputFormat(kind="schema", schema=schema))

    assert body_of(asked)["output_config"]["format"]["schema"] == {
        "type": "object",
        "properties": {
            "age": {"type": "integer", "description": 'Years\n\n{"minimum":0}'},
            "home": {"$ref": "#/$defs/home"},
            "tags": {
                "type": "array",
                "items": {"type": "string", "description": '{"format":"slug"}'},
                "description": '{"minItems":2}',
            },
            "either": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
        },
        "$defs": {
            "home": {
                "type": "object",
                "properties": {},
                "additionalProperties": False,
                "description": '{"additionalProperties":{"type":"string"}}',
            }
        },
        "additionalProperties": False,
    }
    assert departures(asked) == [("output.schema", "changed")]


@pytest.mark.parametrize(
    "schema", [{"properties": None}, {"anyOf": "x", "items": 3}, {"type": 5, "$defs": []}]
)
def test_a_schema_that_makes_no_sense_is_the_providers_to_refuse(schema):
    assert body_of(request(output=OutputFormat(kind="schema", schema=schema)))["output_config"]["format"]


def test_a_target_without_a_grammar_is_asked_in_words():
    system = Message(role="system", parts=(Text(text="Be brief."),))
    asked = request(
        system, user("Hi"), output=OutputFormat(kind="schema", schema=SCHEMA, description="A place")
    )
    blocks = body_of(asked, PROMPT_ONLY)["system"]

    assert "output_config" not in body_of(asked, PROMPT_ONLY)
    assert blocks[0] == {"type": "text", "text": "Be brief."}
    assert all(word in blocks[1]["text"] for word in ("JSON", "A place", '"required":["city"]'))
    assert departures(asked, PROMPT_ONLY) == [("output", "emulated")]


def test_any_json_is_asked_for_in_words():
    asked = request(output=OutputFormat(kind="json"))

    assert "JSON" in body_of(asked)["system"]
    assert departures(asked) == [("output", "emulated")]


def test_what_a_form_is_for_goes_into_its_schema():
    asked = request(output=OutputFormat(kind="schema", schema=SCHEMA, description="A place", name="place"))

    assert body_of(asked)["output_config"]["format"]["schema"]["description"] == "A place"
    assert departures(asked) == []
