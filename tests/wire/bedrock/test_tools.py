"""Tools, the choice among them, their calls and results."""

from __future__ import annotations

import pytest

from quorate.types.chat import HostedTool, Tool, ToolChoice
from quorate.types.parts import Media, Text, ToolCall, ToolResult
from quorate.types.target import Quirks

from .making import ask, departures, said, written

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
WEATHER = Tool(name="weather", description="Tells the weather", schema=SCHEMA)
USER = said("user", Text(text="Hello"))
CALLED = said("assistant", ToolCall(id="call_1", name="weather", arguments='{"city": "Lima"}'))
PLAIN = Quirks(reasoning="none", schema="prompt")


def result(*content: Text | Media, **fields: object) -> ToolResult:
    return ToolResult(call_id="call_1", content=content, **fields)  # pyright: ignore[reportArgumentType]


def test_a_tool_is_a_specification():
    (tool,) = written(ask(tools=(WEATHER,)))["toolConfig"]["tools"]

    assert tool == {
        "toolSpec": {
            "name": "weather",
            "description": "Tells the weather",
            "inputSchema": {"json": SCHEMA},
        }
    }


def test_a_schema_without_a_type_is_an_objects():
    (tool,) = written(ask(tools=(Tool(name="now"),)))["toolConfig"]["tools"]

    assert tool == {"toolSpec": {"name": "now", "inputSchema": {"json": {"type": "object"}}}}


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        (ToolChoice(mode="auto"), {"auto": {}}),
        (ToolChoice(mode="required"), {"any": {}}),
        (ToolChoice(mode="named", name="weather"), {"tool": {"name": "weather"}}),
    ],
)
def test_a_choice_has_its_word(choice: ToolChoice, told: object):
    asked = ask(tools=(WEATHER,), tool_choice=choice)

    assert written(asked)["toolConfig"]["toolChoice"] == told
    assert departures(asked) == {}


def test_calls_are_forbidden_by_leaving_the_tools_out():
    asked = ask(tools=(WEATHER,), tool_choice=ToolChoice(mode="none"))

    assert "toolConfig" not in written(asked)
    assert departures(asked) == {"tool_choice": "emulated", "tools": "dropped"}


def test_tools_that_were_called_are_named_whoever_may_call_them():
    asked = ask(USER, CALLED, said("tool", result(Text(text="Fog"))), tool_choice=ToolChoice(mode="none"))
    kept = ask(*asked.messages, tools=(WEATHER,), tool_choice=ToolChoice(mode="none"))

    assert written(asked)["toolConfig"] == {
        "tools": [{"toolSpec": {"name": "weather", "inputSchema": {"json": {"type": "object"}}}}]
    }
    assert departures(asked) == {"tools": "emulated", "tool_choice": "dropped"}
    assert departures(kept) == {"tool_choice": "dropped"}


def test_a_choice_without_tools_says_nothing():
    assert departures(ask(tool_choice=ToolChoice(mode="required"), parallel_tools=False)) == {
        "tool_choice": "dropped",
        "parallel_tools": "dropped",
    }


def test_strictness_is_for_models_that_hold_to_a_schema():
    asked = ask(tools=(Tool(name="now", strict=True),))

    assert written(asked)["toolConfig"]["tools"][0]["toolSpec"]["strict"] is True
    assert departures(asked, PLAIN) == {"tools.0.strict": "dropped"}


def test_the_providers_own_tools_pass_and_others_are_reported():
    own = HostedTool(protocol="bedrock", name="web", settings={"systemTool": {"name": "web"}})
    other = HostedTool(protocol="anthropic", name="web_search")
    asked = ask(tools=(own, other))

    assert written(asked)["toolConfig"]["tools"] == [{"systemTool": {"name": "web"}}]
    assert departures(asked) == {"tools.1": "dropped"}


def test_results_stand_in_one_turn_with_what_the_user_says():
    asked = ask(
        USER,
        CALLED,
        said(
            "tool",
            result(Text(text="Fog"), Media(kind="image", media_type="image/png", data=b"p"), failed=True),
        ),
        said("user", Text(text="And then?")),
        tools=(WEATHER,),
    )
    _, assistant, user = written(asked)["messages"]

    assert assistant["content"] == [
        {"toolUse": {"toolUseId": "call_1", "name": "weather", "input": {"city": "Lima"}}}
    ]
    assert user["content"] == [
        {
            "toolResult": {
                "toolUseId": "call_1",
                "content": [{"text": "Fog"}, {"image": {"format": "png", "source": {"bytes": "cA=="}}}],
                "status": "error",
            }
        },
        {"text": "And then?"},
    ]


def test_a_result_in_json_goes_back_as_json():
    told = result(Text(text='{"a":1}', vendor={"bedrock": {"json": {"a": 1}}}))
    asked = ask(USER, CALLED, said("tool", told), tools=(WEATHER,))

    assert written(asked)["messages"][2]["content"][0]["toolResult"]["content"] == [{"json": {"a": 1}}]


def test_a_result_says_something():
    asked = ask(USER, CALLED, said("tool", result()), tools=(WEATHER,))

    assert written(asked)["messages"][2]["content"][0]["toolResult"]["content"] == [{"text": "(no output)"}]
    assert departures(asked) == {"messages.2.parts.0.content": "changed"}


@pytest.mark.parametrize("arguments", ["", "{", "[1]", '"text"'])
def test_arguments_are_an_object(arguments: str):
    asked = ask(
        USER, said("assistant", ToolCall(id="1", name="weather", arguments=arguments)), USER, tools=(WEATHER,)
    )
    sent = written(asked)["messages"][1]["content"][0]["toolUse"]["input"]

    assert sent == ({"arguments": arguments} if arguments else {})
    assert departures(asked) == ({"messages.1.parts.0.arguments": "changed"} if arguments else {})


def test_ids_that_the_protocol_does_not_know_stay_pairs():
    odd, long = "call|1", "x" * 90
    asked = ask(
        USER,
        said("assistant", ToolCall(id=odd, name="weather"), ToolCall(id=long, name="weather")),
        said("tool", ToolResult(call_id=odd), ToolResult(call_id=long)),
        tools=(WEATHER,),
    )
    _, assistant, user = written(asked)["messages"]
    called = [each["toolUse"]["toolUseId"] for each in assistant["content"]]

    assert [each["toolResult"]["toolUseId"] for each in user["content"]] == called
    assert called[0] == "call_1"
    assert len(called[1]) <= 64


def test_calls_without_ids_get_some():
    asked = ask(
        USER,
        said("assistant", ToolCall(id="", name="weather"), ToolCall(id="", name="weather")),
        said("tool", ToolResult(call_id=""), ToolResult(call_id="")),
        tools=(WEATHER,),
    )
    _, assistant, user = written(asked)["messages"]

    assert [each["toolUse"]["toolUseId"] for each in assistant["content"]] == ["call_1", "call_2"]
    assert [each["toolResult"]["toolUseId"] for each in user["content"]] == ["call_1", "call_2"]
