"""Tools in groups: offered to others one by one, and called by them so that the client finds its group again."""

from __future__ import annotations

import re
from typing import Any

import pytest

from quorate.errors import InvalidRequest
from quorate.types.chat import ChatReply, Finish, HostedTool, Message, Tool
from quorate.types.parts import ToolCall
from quorate.types.target import Target
from quorate.types.value import replace
from quorate.wire.anthropic import ANTHROPIC
from quorate.wire.openai_responses.namespaces import joined
from tests.wire.laws import events_of
from tests.wire.openai_responses.given import (
    WIRE,
    added,
    answered,
    body_of,
    call,
    completed,
    created,
    done,
    read,
    reply,
    returned,
    sent_on,
    streamed,
    told,
)

SCHEMA: dict[str, Any] = {"type": "object", "properties": {}}
CLOSE = {
    "type": "function",
    "name": "close",
    "description": "Close it",
    "strict": False,
    "parameters": SCHEMA,
}
SPAWN = {"type": "function", "name": "spawn", "strict": False, "parameters": SCHEMA, "defer_loading": True}
PATCH = {"type": "custom", "name": "patch", "description": "Patch it"}
AGENTS = {
    "type": "namespace",
    "name": "agents",
    "description": "To work together",
    "tools": [CLOSE, SPAWN, PATCH],
}
PLAIN = {"type": "function", "name": "look", "strict": False, "parameters": SCHEMA}
CALLED = {
    "type": "function_call",
    "id": "fc_1",
    "status": "completed",
    "call_id": "c1",
    "namespace": "agents",
    "name": "close",
    "arguments": "{}",
}


def calling(name: str, arguments: str = "{}") -> ChatReply:
    """An answer from another protocol."""
    part = ToolCall(id="c1", name=name, arguments=arguments)
    return ChatReply(
        id="r",
        model="m",
        message=Message(role="assistant", parts=(part,)),
        finish=Finish(reason="tool_calls"),
    )


def test_grouped_tools_are_offered_to_others_one_by_one():
    tools = read(tools=[PLAIN, AGENTS]).tools

    assert [tool.name for tool in tools] == ["look", "agents__close", "agents__spawn", "agents__patch"]
    assert [tool.description for tool in tools if isinstance(tool, Tool)] == [
        "",
        "Close it\n\nagents: To work together",
        "",
        "Patch it",
    ]


def test_a_group_goes_to_its_own_protocol_as_it_came():
    assert sent_on(tools=[PLAIN, AGENTS, PLAIN | {"name": "again"}])["tools"] == [
        PLAIN,
        AGENTS,
        PLAIN | {"name": "again"},
    ]


@pytest.mark.parametrize("tools", [[], [{"type": "web_search"}], "none"])
def test_a_group_that_holds_anything_else_stays_whole(tools: Any):
    group = {"type": "namespace", "name": "agents", "description": "", "tools": tools}

    assert read(tools=[group]).tools == (
        HostedTool(protocol="openai_responses", name="namespace", settings=group),
    )


def test_a_tool_without_a_name_is_told_with_its_place():
    with pytest.raises(InvalidRequest, match=r"tools\.0\.tools\.1\.name"):
        read(tools=[AGENTS | {"tools": [CLOSE, {"type": "function"}]}])


def test_a_call_by_another_protocol_comes_back_with_its_group():
    (item,) = answered(calling("agents__close"), tools=[PLAIN, AGENTS])["output"]

    assert (item["type"], item["namespace"], item["name"]) == ("function_call", "agents", "close")


def test_a_streamed_call_comes_back_with_its_group():
    events = told(calling("agents__close"), tools=[PLAIN, AGENTS])

    items = [each["item"] for each in events if "item" in each]
    assert [(item["namespace"], item["name"]) for item in items] == [("agents", "close")] * 2
    (end,) = [each for each in events if each["type"] == "response.function_call_arguments.done"]
    assert end["name"] == "close"
    assert events[-1]["response"]["output"] == [items[-1]]


def test_a_grouped_tool_with_free_text_is_called_with_free_text():
    (item,) = answered(calling("agents__patch", '{"input":"x"}'), tools=[AGENTS])["output"]

    assert (item["type"], item["namespace"], item["name"], item["input"]) == (
        "custom_tool_call",
        "agents",
        "patch",
        "x",
    )


@pytest.mark.parametrize("tools", [[], [PLAIN]])
def test_a_call_of_a_tool_in_no_group_has_none(tools: list[Any]):
    (item,) = answered(calling("agents__close"), tools=tools)["output"]

    assert item["name"] == "agents__close"
    assert "namespace" not in item


def test_an_earlier_call_has_the_name_by_which_its_tool_is_offered():
    request = read(tools=[AGENTS], input=[CALLED])

    (part,) = request.messages[0].parts
    assert isinstance(part, ToolCall)
    assert part.name == "agents__close"
    assert body_of(request)["input"] == [{key: CALLED[key] for key in CALLED if key != "status"}]


def test_a_providers_call_returns_to_the_client_as_it_was():
    assert returned(CALLED)["output"] == [CALLED]
    assert reply(CALLED).tool_calls[0].name == "close"


def test_a_providers_streamed_call_is_the_same_as_its_whole_one():
    start = CALLED | {"arguments": "", "status": "in_progress"}

    whole = streamed(created(), added(0, start), done(0, CALLED), completed(CALLED))

    assert whole.message == reply(CALLED).message


def test_a_group_reaches_another_protocol_and_its_call_comes_back():
    target = Target(provider="p", model="m", wire="anthropic", base_url="http://127.0.0.1:9")
    request = read(
        tools=[PLAIN, AGENTS],
        input=[CALLED, {"type": "function_call_output", "call_id": "c1", "output": "9"}],
    )

    written = ANTHROPIC.codec.write_request(replace(request, max_output=99), target, stream=False)

    assert b'"name":"agents__close"' in written.body
    assert written.body.count(b"agents__") == 4
    assert not [
        each for each in written.fidelity if each.setting.startswith("tools") and each.kind == "dropped"
    ]


@pytest.mark.parametrize(
    "home",
    [
        ("mcp__one.two", "find it"),
        ("9lives", "cat"),
        ("n" * 60, "x" * 60),
        ("é", "ü"),
        ("", ""),
        ("a" * 64, "b"),
    ],
)
def test_a_name_of_both_fits_every_protocol(home: tuple[str, str]):
    assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]{0,63}", joined(home))
    assert joined(home) != joined((home[1], f"{home[0]}?"))


def test_names_that_would_be_the_same_are_told_apart():
    tools = [PLAIN | {"name": "agents__close"}, AGENTS]

    names = [tool.name for tool in read(tools=tools, input=[CALLED]).tools]
    (item,) = answered(calling(names[1]), tools=tools)["output"]
    (plain,) = answered(calling("agents__close"), tools=tools)["output"]
    (part,) = read(tools=tools, input=[CALLED]).messages[0].parts

    assert len(set(names)) == 4
    assert (item["namespace"], item["name"]) == ("agents", "close")
    assert "namespace" not in plain
    assert isinstance(part, ToolCall)
    assert part.name == names[1]


def test_a_choice_of_a_grouped_tool_is_known_by_its_flat_name():
    choice = {"type": "function", "name": "close"}
    request = read(tools=[AGENTS], tool_choice=choice)

    assert request.tool_choice is not None
    assert request.tool_choice.name == "agents__close"
    assert body_of(request)["tool_choice"] == choice


def test_a_client_is_written_to_as_long_as_its_tools_can_be_read():
    assert WIRE.front is not None
    writer = WIRE.front.stream_writer(call(tools=[{"type": "namespace", "name": "a", "tools": 5}]))

    assert b"response.completed" in b"".join(writer.write(each) for each in events_of(calling("a__b")))
