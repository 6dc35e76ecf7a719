"""Who says what: system prompts, turns, tools and their results, as the provider wants them."""

from __future__ import annotations

import pytest

from quorate.errors import InvalidRequest
from quorate.types.chat import Message
from quorate.types.parts import (
    Text,
    ToolCall,
    ToolResult,
)
from quorate.types.target import Quirks

from .making import asked_with, assistant, body_of, departed, departures, request, user


def system(*texts: str) -> Message:
    return Message(role="system", parts=tuple(Text(text=text) for text in texts))


def tool(*results: ToolResult) -> Message:
    return Message(role="tool", parts=results)


def result(call_id: str, text: str) -> ToolResult:
    return ToolResult(call_id=call_id, content=(Text(text=text),))


CALL = ToolCall(id="toolu_1", name="weather", arguments='{"city": "Lima"}')


def test_a_system_prompt_of_one_text_is_a_string():
    assert body_of(request(system("Be brief."), user("Hi")))["system"] == "Be brief."


def test_leading_system_messages_become_blocks_of_one_prompt():
    body = body_of(request(system("Be brief."), system("Be kind."), user("Hi")))

    assert body["system"] == [{"type": "text", "text": "Be brief."}, {"type": "text", "text": "Be kind."}]


def test_a_marked_system_block_keeps_its_mark_both_ways():
    marked = [{"type": "text", "text": "Long", "cache_control": {"type": "ephemeral", "ttl": "1h"}}]
    asked = asked_with(system=marked)

    assert asked.messages[0].parts == (Text(text="Long", cache="1h"),)
    assert body_of(asked)["system"] == marked


def test_a_system_prompt_alone_is_sent_as_the_users_words():
    asked = request(system("Say hello."))

    assert body_of(asked)["messages"] == [{"role": "user", "content": "Say hello."}]
    assert departed(asked).setting == "messages.0.role"


def test_an_empty_conversation_is_refused():
    with pytest.raises(InvalidRequest) as caught:
        body_of(request(user("")))

    assert caught.value.where == "messages"


def test_a_system_turn_after_the_users_stays_where_it_is():
    asked = request(user("Hi"), system("In Spanish."), assistant("Hola"), user("Bye"))

    assert [turn["role"] for turn in body_of(asked)["messages"]] == ["user", "system", "assistant", "user"]
    assert departures(asked) == []


def test_a_system_turn_before_the_users_moves_behind_it():
    asked = request(user("Hi"), assistant("Hello"), system("In Spanish."), user("Bye"))

    assert [turn["role"] for turn in body_of(asked)["messages"]] == ["user", "assistant", "user", "system"]
    assert departures(asked) == [("messages.2.role", "changed")]


def test_a_system_turn_with_no_user_before_it_becomes_the_users_words():
    asked = request(user("Hi"), assistant("Hello"), system("In Spanish."))

    assert [turn["role"] for turn in body_of(asked)["messages"]] == ["user", "assistant", "user"]
    assert departures(asked) == [("messages.2.role", "emulated")]


def test_a_target_without_system_turns_hears_them_as_the_users_words():
    asked = request(user("Hi"), system("In Spanish."), assistant("Hola"))
    quirks = Quirks(system_role="user")

    assert [turn["role"] for turn in body_of(asked, quirks)["messages"]] == ["user", "user", "assistant"]
    assert departures(asked, quirks) == [("messages.1.role", "emulated")]


def test_results_of_several_tools_stand_in_one_turn_before_the_users_words():
    second = ToolCall(id="toolu_2", name="weather", arguments="{}")
    asked = request(
        user("Hi"),
        assistant(CALL, second),
        tool(result("toolu_1", "18")),
        tool(result("toolu_2", "20")),
        user("So?"),
    )

    assert body_of(asked)["messages"][2] == {
        "role": "user",
        "content": [
            {"type": "tool_result", "tool_use_id": "toolu_1", "content": "18"},
            {"type": "tool_result", "tool_use_id": "toolu_2", "content": "20"},
            {"type": "text", "text": "So?"},
        ],
    }


def test_a_users_turn_with_results_and_words_is_read_as_two():
    content = [
        {"type": "tool_result", "tool_use_id": "toolu_1", "content": "18", "is_error": True},
        {"type": "text", "text": "So?"},
    ]
    asked = asked_with(messages=[{"role": "user", "content": content}])

    assert asked.messages == (
        tool(ToolResult(call_id="toolu_1", content=(Text(text="18"),), failed=True)),
        user("So?"),
    )


def test_a_call_keeps_the_very_text_of_its_arguments():
    blocks = [
        {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Lima", "days": 2.50}}
    ]
    asked = asked_with(messages=[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": blocks}])

    assert asked.messages[1].parts == (
        ToolCall(id="toolu_1", name="weather", arguments='{"city": "Lima", "days": 2.5}'),
    )
    assert body_of(asked)["messages"][1]["content"] == blocks


def test_arguments_that_are_no_object_are_wrapped_and_told():
    asked = request(user("Hi"), assistant(ToolCall(id="toolu_1", name="weather", arguments='{"city": "Li')))

    assert body_of(asked)["messages"][1]["content"][0]["input"] == {"INVALID_JSON": '{"city": "Li'}
    assert departures(asked) == [("messages.1.parts.0.arguments", "changed")]
    assert asked_with(messages=body_of(asked)["messages"]).messages == asked.messages


def test_calls_and_results_without_ids_are_named_alike():
    calls = (ToolCall(id="", name="a", arguments="{}"), ToolCall(id="", name="b", arguments="{}"))
    asked = request(user("Hi"), assistant(*calls), tool(result("", "1"), result("", "2")))
    turns = body_of(asked)["messages"]

    assert [block["id"] for block in turns[1]["content"]] == ["call_1", "call_2"]
    assert [block["tool_use_id"] for block in turns[2]["content"]] == ["call_1", "call_2"]


def test_ids_of_other_protocols_lose_what_this_one_refuses():
    asked = request(
        user("Hi"), assistant(ToolCall(id="fc:1|x", name="a", arguments="{}")), tool(result("fc:1|x", "1"))
    )
    turns = body_of(asked)["messages"]

    assert turns[1]["content"][0]["id"] == turns[2]["content"][0]["tool_use_id"] == "fc_1_x"
    assert departures(asked) == [
        ("messages.1.parts.0.id", "changed"),
        ("messages.2.parts.0.call_id", "changed"),
    ]


def test_empty_texts_are_left_out_and_spaces_told():
    asked = request(user("", "Hi", "  "))

    assert body_of(asked)["messages"] == [{"role": "user", "content": "Hi"}]
    assert departures(asked) == [("messages.0.parts.2", "dropped")]


def test_speakers_have_no_names():
    asked = request(Message(role="user", parts=(Text(text="Hi"),), name="ada"))

    assert departures(asked) == [("messages.0.name", "dropped")]


def test_unknown_fields_and_blocks_of_turns_come_back():
    turns = [
        {"role": "user", "content": [{"type": "container_upload", "file_id": "file_1"}], "x_turn": [1, None]},
        {
            "role": "assistant",
            "content": [
                {"type": "compaction", "content": "Summary", "encrypted_content": "e"},
                {"type": "text", "text": "Hi", "x_block": {"a": None}},
            ],
        },
        {"role": "system", "content": [{"type": "tool_removal", "tool": {"name": "a"}}], "clear_at": "never"},
        {"role": "user", "content": "Bye"},
    ]
    asked = asked_with(messages=turns[:2] + turns[3:] + turns[2:3])

    assert body_of(asked)["messages"] == turns[:2] + turns[3:] + turns[2:3]
    assert departures(asked) == []
