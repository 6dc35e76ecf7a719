"""Settings of a request: how they are written, and what quirks do to them."""

from __future__ import annotations

import pytest

from quorate.types.chat import HostedTool, OutputFormat, Tool, ToolChoice
from quorate.types.parts import Text
from quorate.types.target import Quirks
from tests.wire.openai_chat.given import FULL, ask, body_of, departures, read, written

SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "string"}},
    "required": ["a"],
    "additionalProperties": False,
}
LOOSE = {"type": "object", "properties": {"a": {"type": "string"}}}


def test_plain_settings_have_their_own_fields():
    request = ask(max_output=9, temperature=0.5, top_p=0.9, top_k=3, stop=("x",), seed=7, n=2, user="u")
    body = body_of(request)
    assert {
        name: body[name] for name in ("max_tokens", "temperature", "top_p", "top_k", "stop", "seed", "n")
    } == {
        "max_tokens": 9,
        "temperature": 0.5,
        "top_p": 0.9,
        "top_k": 3,
        "stop": ["x"],
        "seed": 7,
        "n": 2,
    }


def test_settings_that_are_not_made_are_not_sent():
    assert set(body_of(ask())) == {"model", "messages"}


def test_a_stream_asks_for_its_usage_and_keeps_the_other_options():
    request = read(stream=True, stream_options={"include_obfuscation": False})
    assert body_of(request, stream=True)["stream_options"] == {
        "include_obfuscation": False,
        "include_usage": True,
    }
    assert written(request, stream=True).framing == "sse"


def test_a_stream_does_not_ask_a_target_that_refuses_the_question():
    assert "stream_options" not in body_of(ask(), Quirks(stream_usage=False), stream=True)


def test_quirks_rename_default_clamp_and_drop():
    quirks = Quirks(
        rename={"max_tokens": "max_completion_tokens"},
        defaults={"safe_mode": True},
        clamp={"temperature": (0.0, 1.0)},
        drop=frozenset(("seed", "logit_bias")),
    )
    request = ask(max_output=9, temperature=1.5, seed=1, vendor={"openai_chat": {"logit_bias": {"1": 2}}})
    body = body_of(request, quirks)
    assert body == {
        "model": "some-model",
        "messages": [{"role": "user", "content": "hi"}],
        "max_completion_tokens": 9,
        "temperature": 1.0,
        "safe_mode": True,
    }
    assert departures(request, quirks) == [
        ("temperature", "changed"),
        ("logit_bias", "dropped"),
        ("seed", "dropped"),
    ]


def test_the_path_and_query_of_a_deployment():
    quirks = Quirks(
        paths={"chat": "/openai/deployments/{model}/chat/completions"},
        query={"api-version": "2024-10-21"},
        headers={"x-a": "b"},
    )
    request = written(ask(), quirks)
    assert request.path == "/openai/deployments/some-model/chat/completions"
    assert (request.query, request.headers) == ({"api-version": "2024-10-21"}, {"x-a": "b"})


@pytest.mark.parametrize("field", ["max_tokens", "max_completion_tokens"])
def test_both_names_of_the_output_limit_are_read(field: str):
    assert read(**{field: 5}).max_output == 5


def test_a_stop_word_may_be_a_string():
    assert read(stop="x").stop == ("x",)


def test_foreign_leftovers_are_not_sent():
    assert set(body_of(ask(vendor={"anthropic": {"x": 1}}))) == {"model", "messages"}


def test_json_mode():
    assert body_of(ask(output=OutputFormat(kind="json")))["response_format"] == {"type": "json_object"}


def test_a_schema_is_sent_as_it_is_unless_strict():
    output = OutputFormat(kind="schema", schema=LOOSE, name="city", description="a city")
    assert body_of(ask(output=output))["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "city", "schema": LOOSE, "description": "a city"},
    }


def test_a_strict_schema_is_made_to_fit_and_that_is_reported():
    request = ask(output=OutputFormat(kind="schema", schema=LOOSE, strict=True))
    assert body_of(request)["response_format"]["json_schema"] == {
        "name": "answer",
        "schema": {
            "type": "object",
            "properties": {"a": {"type": ["string", "null"]}},
            "required": ["a"],
            "additionalProperties": False,
        },
        "strict": True,
    }
    assert departures(request) == [("output.schema", "changed")]


def test_a_schema_that_cannot_be_strict_is_not_held_to():
    free = {"type": "object", "additionalProperties": {"type": "string"}}
    request = ask(output=OutputFormat(kind="schema", schema=free, strict=True))
    assert body_of(request)["response_format"]["json_schema"]["strict"] is False
    assert departures(request) == [("output.strict", "dropped")]


@pytest.mark.parametrize(
    ("quirks", "field"),
    [
        (Quirks(schema="object"), {"type": "json_object"}),
        (Quirks(schema="prompt"), None),
        (Quirks(schema="object", json_mode=False), None),
    ],
)
def test_a_schema_stands_in_the_prompt_where_a_target_takes_none(quirks: Quirks, field: dict | None):
    request = read(
        messages=[{"role": "system", "content": "be brief"}, {"role": "user", "content": "hi"}],
        response_format={"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA}},
    )
    body = body_of(request, quirks)
    assert body.get("response_format") == field
    assert [turn["role"] for turn in body["messages"]] == ["system", "system", "user"]
    assert '"additionalProperties":false' in body["messages"][1]["content"]
    assert departures(request, quirks) == [("output", "emulated")]


def test_json_is_asked_for_in_words_where_there_is_no_such_mode():
    request = ask(output=OutputFormat(kind="json"))
    assert "JSON" in body_of(request, Quirks(json_mode=False))["messages"][0]["content"]
    assert departures(request, Quirks(json_mode=False)) == [("output", "emulated")]


def test_unknown_fields_of_a_format_come_back():
    sent = {"type": "json_schema", "json_schema": {"name": "a", "schema": SCHEMA, "x": 1}, "y": 2}
    assert body_of(read(response_format=sent))["response_format"] == sent


def test_a_format_we_do_not_know_goes_on_as_it_is():
    sent = {"type": "grammar", "grammar": "root ::= 'a'"}
    request = read(response_format=sent)
    assert request.output is None
    assert body_of(request)["response_format"] == sent


@pytest.mark.parametrize("field", ["schema", "value"])
def test_a_schema_may_stand_beside_the_object_type(field: str):
    output = read(response_format={"type": "json_object", field: SCHEMA}).output
    assert output is not None
    assert (output.kind, output.schema) == ("schema", SCHEMA)


def test_tools_are_offered_with_their_schema():
    tool = Tool(name="f", description="does", schema=LOOSE, strict=False)
    assert body_of(ask(tools=(tool,)))["tools"] == [
        {
            "type": "function",
            "function": {"name": "f", "description": "does", "parameters": LOOSE, "strict": False},
        }
    ]


def test_a_strict_tool_is_made_to_fit():
    request = ask(tools=(Tool(name="f", schema=LOOSE, strict=True),))
    assert body_of(request)["tools"][0]["function"]["parameters"]["required"] == ["a"]
    assert departures(request) == [("tools.0.schema", "changed")]


@pytest.mark.parametrize(
    ("choice", "word"),
    [
        (ToolChoice(mode="auto"), "auto"),
        (ToolChoice(mode="none"), "none"),
        (ToolChoice(mode="required"), "required"),
        (ToolChoice(mode="named", name="f"), {"type": "function", "function": {"name": "f"}}),
    ],
)
def test_each_choice_has_its_word(choice: ToolChoice, word: object):
    request = ask(tools=(Tool(name="f"),), tool_choice=choice, parallel_tools=False)
    body = body_of(request)
    assert (body["tool_choice"], body["parallel_tool_calls"]) == (word, False)
    assert read(tools=body["tools"], tool_choice=word).tool_choice == choice


def test_a_choice_among_several_tools_comes_back():
    sent = {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [{"type": "function"}]}}
    request = read(tool_choice=sent)
    assert request.tool_choice is not None
    assert request.tool_choice.mode == "required"
    assert body_of(request)["tool_choice"] == sent


def test_free_text_tools_are_functions_where_they_are_not_known():
    sent = [{"type": "custom", "custom": {"name": "run", "description": "d", "format": {"type": "text"}}}]
    request = read(tools=sent, tool_choice={"type": "custom", "custom": {"name": "run"}})
    assert body_of(request, FULL)["tools"] == sent
    assert body_of(request, FULL)["tool_choice"] == {"type": "custom", "custom": {"name": "run"}}
    body = body_of(request)
    assert body["tools"][0]["function"]["parameters"]["required"] == ["input"]
    assert body["tool_choice"] == {"type": "function", "function": {"name": "run"}}
    assert departures(request) == [("tools.0", "emulated")]


def test_hosted_tools_of_this_protocol_pass_and_others_are_reported():
    ours = {"type": "browser_search", "x": 1}
    request = read(tools=[ours])
    assert body_of(request)["tools"] == [ours]
    foreign = ask(Text(text="hi"), tools=(HostedTool(protocol="gemini", name="google_search"),))
    assert "tools" not in body_of(foreign)
    assert departures(foreign) == [("tools.0", "dropped")]


def test_functions_of_old_are_tools():
    request = read(functions=[{"name": "f", "parameters": LOOSE}], function_call={"name": "f"})
    assert request.tools == (Tool(name="f", schema=LOOSE),)
    assert request.tool_choice == ToolChoice(mode="named", name="f")


def test_unknown_fields_of_tools_come_back():
    sent = [{"type": "function", "function": {"name": "f", "parameters": LOOSE, "x": 1}, "y": 2}]
    assert body_of(read(tools=sent))["tools"] == sent
