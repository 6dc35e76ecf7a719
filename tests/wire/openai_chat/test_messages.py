"""Conversations as a provider gets them."""

from __future__ import annotations

import pytest

from quorate.types.chat import ChatRequest, Message
from quorate.types.parts import (
    Citation,
    Media,
    Opaque,
    Part,
    Reasoning,
    Refusal,
    SearchResult,
    Text,
    ToolCall,
    ToolResult,
)
from quorate.types.target import Quirks
from tests.wire.openai_chat.given import FULL, ask, body_of, departures, read

PICTURE = Media(kind="image", media_type="image/png", data=b"\x89PNG")
PICTURE_PART = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw=="}}


def turns(*messages: Message, quirks: Quirks | None = None) -> list[dict]:
    return body_of(ChatRequest(model="any", messages=messages), quirks)["messages"]


def answered(*parts: Part, quirks: Quirks | None = None) -> dict:
    return turns(Message(role="assistant", parts=parts), quirks=quirks)[0]


def test_a_lone_text_is_a_string():
    assert turns(Message(role="user", parts=(Text(text="hi"),), name="ann")) == [
        {"role": "user", "content": "hi", "name": "ann"}
    ]


def test_several_parts_are_a_list():
    message = Message(role="user", parts=(Text(text="look"), PICTURE))
    assert turns(message)[0]["content"] == [{"type": "text", "text": "look"}, PICTURE_PART]


BRIEF = Message(role="system", parts=(Text(text="Be brief"),))
SAID = Message(role="user", parts=(Text(text="Go on"),))
CALLED = Message(role="assistant", parts=(ToolCall(id="c", name="look", arguments="{}"),))
FOUND = Message(role="tool", parts=(ToolResult(call_id="c", content=(Text(text="9"),)),))


@pytest.mark.parametrize(
    ("messages", "roles"),
    [
        ((SAID, BRIEF, CALLED, FOUND), ["user", "system", "assistant", "tool"]),
        ((CALLED, FOUND, BRIEF, SAID), ["assistant", "tool", "system", "user"]),
        ((CALLED, BRIEF, FOUND, SAID), ["assistant", "tool", "system", "user"]),
        ((CALLED, FOUND, BRIEF, FOUND, BRIEF), ["assistant", "tool", "tool", "system", "system"]),
        ((SAID, BRIEF), ["user", "system"]),
    ],
)
def test_the_systems_words_stand_where_they_were_said_but_not_between_a_call_and_its_results(
    messages: tuple[Message, ...], roles: list[str]
):
    assert [turn["role"] for turn in turns(*messages)] == roles


def test_words_of_the_systems_that_had_to_move_are_told():
    request = ChatRequest(model="any", messages=(CALLED, BRIEF, FOUND, FOUND, BRIEF))

    assert departures(request) == [("messages.1", "changed")]


def test_cache_marks_go_to_targets_that_take_them():
    marked = Message(role="user", parts=(Text(text="a", cache="5m"), Text(text="b", cache="1h")))
    assert [part["cache_control"] for part in turns(marked, quirks=FULL)[0]["content"]] == [
        {"type": "ephemeral"},
        {"type": "ephemeral", "ttl": "1h"},
    ]


def test_cache_marks_are_reported_where_they_are_not_taken():
    assert departures(ask(Text(text="a", cache="5m"))) == [("messages.0.parts.0.cache", "dropped")]


@pytest.mark.parametrize(
    ("quirks", "role"),
    [
        (Quirks(), "system"),
        (Quirks(developer_role=True), "developer"),
        (Quirks(system_role="developer"), "developer"),
    ],
)
def test_a_developer_message_goes_in_the_role_the_target_knows(quirks: Quirks, role: str):
    request = read(messages=[{"role": "developer", "content": "be brief"}])
    assert body_of(request, quirks)["messages"] == [{"role": role, "content": "be brief"}]


def test_a_system_message_is_a_user_message_where_there_is_no_such_role():
    request = ask(Text(text="be brief"), role="system")
    assert body_of(request, Quirks(system_role="user"))["messages"][0]["role"] == "user"
    assert departures(request, Quirks(system_role="user")) == [("messages.0", "emulated")]


def test_calls_and_their_results_are_paired_by_id():
    calls = (ToolCall(id="c1", name="f", arguments='{"a":1}'), ToolCall(id="c2", name="g"))
    results = tuple(ToolResult(call_id=call.id, content=(Text(text="ok"),)) for call in calls)
    written = turns(Message(role="assistant", parts=calls), Message(role="tool", parts=results))
    assert written == [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}},
                {"id": "c2", "type": "function", "function": {"name": "g", "arguments": ""}},
            ],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "ok"},
        {"role": "tool", "tool_call_id": "c2", "content": "ok"},
    ]


def test_results_inside_a_user_message_come_before_its_words():
    message = Message(
        role="user", parts=(ToolResult(call_id="c1", content=(Text(text="7"),)), Text(text="so?"))
    )
    assert [turn["role"] for turn in turns(message)] == ["tool", "user"]


def test_pictures_from_tools_follow_the_whole_run_of_results():
    results = (
        ToolResult(call_id="c1", content=(Text(text="see"), PICTURE)),
        ToolResult(call_id="c2", content=(Text(text="ok"),)),
    )
    request = ChatRequest(
        model="any",
        messages=(Message(role="tool", parts=results), Message(role="user", parts=(Text(text="so?"),))),
    )
    first, second, shown, last = body_of(request)["messages"]
    assert [first["role"], second["role"], last["content"]] == ["tool", "tool", "so?"]
    assert shown["role"] == "user"
    assert PICTURE_PART in shown["content"]
    assert departures(request) == [("messages.0.parts.0.content.1", "emulated")]


def test_pictures_stay_in_results_where_the_target_takes_them():
    result = ToolResult(call_id="c1", content=(Text(text="see"), PICTURE))
    written = turns(Message(role="tool", parts=(result,)), quirks=FULL)
    assert written == [
        {"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "see"}, PICTURE_PART]}
    ]


def test_a_failed_tool_is_told_in_words():
    request = ask(ToolResult(call_id="c1", content=(Text(text="no file"),), failed=True), role="tool")
    assert body_of(request)["messages"][0]["content"][0] == {"type": "text", "text": "The tool failed:"}
    assert departures(request) == [("messages.0.parts.0", "emulated")]


def test_earlier_thoughts_go_back_in_the_field_the_target_wants():
    thought = Reasoning(text="hmm")
    assert (
        answered(thought, Text(text="hi"), quirks=Quirks(replay_reasoning="reasoning"))["reasoning"] == "hmm"
    )


def test_details_of_thoughts_go_back_unchanged_and_alone():
    details = [{"type": "reasoning.encrypted", "data": "gAAA", "index": 0, "format": "x"}]
    request = read(
        messages=[{"role": "assistant", "content": "hi", "reasoning": "a", "reasoning_details": details}]
    )
    written = body_of(request, Quirks(replay_reasoning="reasoning_details"))["messages"][0]
    assert written == {"role": "assistant", "content": "hi", "reasoning_details": details}


def test_thinking_chunks_go_back_inside_the_content():
    chunk = {"type": "thinking", "thinking": [{"type": "text", "text": "hmm"}], "closed": True}
    sent = [{"role": "assistant", "content": [chunk, {"type": "text", "text": "hi"}]}]
    assert body_of(read(messages=sent), Quirks(replay_reasoning="thinking"))["messages"] == sent


def test_thoughts_are_reported_where_no_target_wants_them():
    request = ask(Reasoning(text="hmm"), Text(text="hi"), role="assistant")
    assert body_of(request)["messages"] == [{"role": "assistant", "content": "hi"}]
    assert departures(request) == [("messages.0.parts.0", "dropped")]


def test_a_foreign_signature_is_never_passed_on():
    request = ask(Reasoning(text="hmm", signature="sig"), role="assistant")
    assert "sig" not in str(body_of(request, FULL))
    assert departures(request, FULL) == [("messages.0.parts.0", "changed")]


def test_sealed_thoughts_of_another_protocol_are_left_out():
    request = ask(Reasoning(redacted=True, signature="sealed"), Text(text="hi"), role="assistant")
    assert departures(request, FULL) == [("messages.0.parts.0", "dropped")]


def test_a_refusal_stands_in_its_own_field():
    assert answered(Refusal(text="no")) == {"role": "assistant", "content": None, "refusal": "no"}


def test_a_spoken_answer_goes_back_by_its_id():
    spoken = Media(kind="audio", file_id="audio_1", data=b"..", transcript="hello")
    assert answered(spoken) == {"role": "assistant", "content": None, "audio": {"id": "audio_1"}}


def test_a_spoken_answer_of_another_provider_goes_back_in_words():
    request = ask(Media(kind="audio", data=b"..", transcript="hello"), role="assistant")
    assert body_of(request)["messages"][0]["content"] == "hello"
    assert departures(request) == [("messages.0.parts.0", "emulated")]


def test_a_drawn_answer_follows_as_the_users():
    request = ask(Text(text="here"), PICTURE, role="assistant")
    answer, shown = body_of(request)["messages"]
    assert answer == {"role": "assistant", "content": "here"}
    assert PICTURE_PART in shown["content"]


def test_search_results_are_told_in_words():
    request = ask(SearchResult(url="https://a.example", title="A", text="words"))
    assert body_of(request)["messages"][0]["content"] == "A\nhttps://a.example\nwords"
    assert departures(request) == [("messages.0.parts.0", "emulated")]


@pytest.mark.parametrize(
    "part",
    [
        Citation(url="https://a.example"),
        ToolCall(id="s1", name="web_search", hosted=True),
        Opaque(kind="compaction", vendor={"anthropic": {"type": "compaction"}}),
    ],
)
def test_what_has_no_place_in_a_request_is_reported(part: Part):
    assert departures(ask(Text(text="hi"), part, role="assistant")) == [("messages.0.parts.1", "dropped")]


def test_an_answer_of_nothing_is_an_empty_string():
    assert answered() == {"role": "assistant", "content": ""}


def test_unknown_fields_of_every_level_come_back():
    sent = [
        {
            "role": "user",
            "content": [{"type": "text", "text": "a", "x": 1}, {"type": "odd", "y": [2]}],
            "z": {"q": 3},
        },
        {
            "role": "assistant",
            "content": "b",
            "tool_calls": [
                {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}", "u": 1}, "v": 2}
            ],
            "opaque_state": "kept",
        },
        {"role": "tool", "tool_call_id": "c", "content": "ok", "w": None},
    ]
    assert body_of(read(messages=sent, new_setting={"deep": [1.5]})) == {
        "model": "some-model",
        "messages": sent,
        "new_setting": {"deep": [1.5]},
    }


def test_a_parsed_annotation_of_a_file_goes_back():
    annotation = {"type": "file", "file": {"hash": "h", "content": []}}
    sent = [{"role": "assistant", "content": "b", "annotations": [annotation]}]
    assert body_of(read(messages=sent))["messages"] == sent


def test_free_text_calls_go_to_targets_that_know_them():
    sent = {"id": "c", "type": "custom", "custom": {"name": "run", "input": 'say "hi"\n'}}
    request = read(messages=[{"role": "assistant", "content": None, "tool_calls": [sent]}])
    assert body_of(request, FULL)["messages"][0]["tool_calls"] == [sent]
    plain = body_of(request)["messages"][0]["tool_calls"][0]["function"]
    assert plain == {"name": "run", "arguments": '{"input":"say \\"hi\\"\\n"}'}
