"""What a conversation is written as, and what comes of the items that clients send."""

from __future__ import annotations

from typing import Any

import pytest

from quorate.errors import InvalidRequest
from quorate.types.parts import (
    Citation,
    Media,
    Opaque,
    Reasoning,
    Refusal,
    SearchResult,
    Text,
    ToolCall,
    ToolResult,
)
from quorate.types.target import Quirks
from tests.wire.openai_responses.given import NAME, ask, body_of, departures, read, said, sent_on, turns

CALL = ToolCall(id="call_1", name="look_up", arguments='{"river": "Elbe"}')


def test_a_first_plain_system_message_is_the_instructions():
    request = turns(said("system", Text(text="Be brief.")), said("user", Text(text="hi")))

    body = body_of(request)

    assert body["instructions"] == "Be brief."
    assert body["input"] == [{"role": "user", "content": "hi"}]


def test_later_system_messages_stay_where_they_are():
    request = turns(said("user", Text(text="hi")), said("system", Text(text="Be brief.")))

    assert body_of(request)["input"][1] == {"role": "system", "content": "Be brief."}


def test_a_target_without_system_messages_gets_a_user_message():
    request = turns(said("user", Text(text="hi")), said("system", Text(text="Be brief.")))
    poor = Quirks(system_role="user")

    assert body_of(request, poor)["input"][1] == {"role": "user", "content": "Be brief."}
    assert departures(request, poor) == [("messages.1", "emulated")]


@pytest.mark.parametrize("role", ["system", "developer"])
def test_the_roles_of_instructing_items_come_back(role: str):
    items = [{"role": role, "content": "Be brief."}, {"role": "user", "content": "hi"}]

    assert sent_on(input=items)["input"] == items
    assert "instructions" not in sent_on(input=items)


def test_a_developer_message_is_a_system_message_for_a_target_without_that_role():
    items = [{"role": "developer", "content": "Be brief."}, {"role": "user", "content": "hi"}]

    assert sent_on(Quirks(), input=items)["input"][0]["role"] == "system"


def test_words_alone_are_one_user_message():
    assert [(each.role, each.text) for each in read(input="hi").messages] == [("user", "hi")]


def test_media_are_written_as_the_protocol_has_them():
    request = ask(
        Media(kind="image", url="https://example.com/a.png", detail="low"),
        Media(kind="image", media_type="image/png", data=b"abc"),
        Media(kind="image", file_id="file-1"),
        Media(kind="file", media_type="application/pdf", data=b"abc", name="a.pdf"),
        Media(kind="file", url="https://example.com/a.pdf"),
        Media(kind="file", file_id="file-2"),
        Media(kind="audio", media_type="audio/mpeg", data=b"abc"),
    )

    assert body_of(request)["input"][0]["content"] == [
        {"type": "input_image", "image_url": "https://example.com/a.png", "detail": "low"},
        {"type": "input_image", "image_url": "data:image/png;base64,YWJj"},
        {"type": "input_image", "file_id": "file-1"},
        {"type": "input_file", "file_data": "data:application/pdf;base64,YWJj", "filename": "a.pdf"},
        {"type": "input_file", "file_url": "https://example.com/a.pdf"},
        {"type": "input_file", "file_id": "file-2"},
        {"type": "input_audio", "input_audio": {"data": "YWJj", "format": "mp3"}},
    ]
    assert departures(request) == []


def test_what_no_content_can_hold_is_told():
    request = ask(
        Text(text="look", cache="5m"),
        Media(kind="video", media_type="video/mp4", data=b"abc"),
        Media(kind="audio", url="https://example.com/a.mp3"),
        Media(kind="audio", url="https://example.com/a.mp3", transcript="la la"),
        SearchResult(title="Elbe", url="https://example.com", text="A river."),
        Refusal(text="no"),
    )

    assert body_of(request)["input"][0]["content"] == [
        {"type": "input_text", "text": "look"},
        {"type": "input_text", "text": "la la"},
        {"type": "input_text", "text": "Elbe\nhttps://example.com\nA river."},
    ]
    assert departures(request) == [
        ("messages.0.parts.0.cache", "dropped"),
        ("messages.0.parts.1", "dropped"),
        ("messages.0.parts.2", "dropped"),
        ("messages.0.parts.3", "emulated"),
        ("messages.0.parts.4", "emulated"),
        ("messages.0.parts.5", "dropped"),
    ]


def test_calls_and_results_are_items_of_their_own():
    request = turns(
        said("assistant", Text(text="Wait."), CALL),
        said("tool", ToolResult(call_id="call_1", content=(Text(text="1094 km"),))),
    )

    assert body_of(request)["input"] == [
        {"role": "assistant", "content": "Wait."},
        {
            "type": "function_call",
            "call_id": "call_1",
            "name": "look_up",
            "arguments": '{"river": "Elbe"}',
        },
        {"type": "function_call_output", "call_id": "call_1", "output": "1094 km"},
    ]


def test_results_inside_a_user_message_come_before_its_words():
    result = ToolResult(call_id="call_1", content=(Text(text="1094 km"),))
    request = turns(said("assistant", CALL), said("user", result, Text(text="and the Oder?")))

    assert [each.get("type") or each["role"] for each in body_of(request)["input"]] == [
        "function_call",
        "function_call_output",
        "user",
    ]


def test_a_failure_is_told_in_words():
    request = turns(said("tool", ToolResult(call_id="c", content=(Text(text="no net"),), failed=True)))

    assert body_of(request)["input"][0]["output"] == [
        {"type": "input_text", "text": "The tool failed:"},
        {"type": "input_text", "text": "no net"},
    ]
    assert departures(request) == [("messages.0.parts.0", "emulated")]


def test_media_of_results_stand_in_them_or_follow():
    picture = Media(kind="image", media_type="image/png", data=b"abc")
    request = turns(said("tool", ToolResult(call_id="c", content=(Text(text="see"), picture))))
    inline = {"type": "input_image", "image_url": "data:image/png;base64,YWJj"}

    assert body_of(request)["input"][0]["output"][1] == inline
    assert body_of(request, Quirks())["input"][0]["output"] == "see"
    assert body_of(request, Quirks())["input"][1]["content"][1] == inline
    assert departures(request, Quirks()) == [("messages.0.parts.0.content.1", "emulated")]


def test_foreign_parts_of_an_earlier_answer_are_told():
    request = turns(
        said(
            "assistant",
            Reasoning(text="hm", signature="s", vendor={"anthropic": {}}),
            Reasoning(text="hm"),
            ToolCall(id="t", name="web_search", hosted=True),
            ToolResult(call_id="t", hosted=True),
            Opaque(kind="x", vendor={"anthropic": {"type": "x"}}),
            Text(text="Done."),
            Citation(quote="so it is"),
            name="bot",
        )
    )

    assert body_of(request)["input"] == [{"role": "assistant", "content": "Done."}]
    assert departures(request) == [
        ("messages.0.name", "dropped"),
        ("messages.0.parts.0", "dropped"),
        ("messages.0.parts.1", "dropped"),
        ("messages.0.parts.2", "dropped"),
        ("messages.0.parts.3", "dropped"),
        ("messages.0.parts.4", "dropped"),
        ("messages.0.parts.6", "dropped"),
    ]


def test_sources_of_another_protocol_are_written_as_annotations():
    request = turns(said("assistant", Text(text="Yes."), Citation(url="https://example.com", title="A")))

    assert body_of(request)["input"][0]["content"][0]["annotations"] == [
        {
            "type": "url_citation",
            "url": "https://example.com",
            "title": "A",
            "start_index": 4,
            "end_index": 4,
        }
    ]


def test_own_thoughts_go_back_sealed():
    thought = Reasoning(text="hm", signature="sealed", vendor={NAME: {"item": {"id": "rs_1"}}})

    assert body_of(turns(said("assistant", thought)))["input"] == [
        {
            "type": "reasoning",
            "summary": [{"type": "summary_text", "text": "hm"}],
            "encrypted_content": "sealed",
            "id": "rs_1",
        }
    ]


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"model": ""}, "model"),
        ({"model": 3}, "model"),
        ({"input": 3}, "input"),
        ({"input": ["hi"]}, "input.0"),
        ({"input": [{"role": "robot", "content": "hi"}]}, "input.0.role"),
        ({"input": [{"role": "user", "content": 3}]}, "input.0.content"),
        ({"input": [{"role": "user", "content": [{"text": "hi"}]}]}, "input.0.content.0.type"),
        ({"input": [{"role": "assistant", "content": 3}]}, "input.0.content"),
        (
            {"input": [{"role": "user", "content": [{"type": "input_image"}]}]},
            "input.0.content.0.input_image",
        ),
        ({"input": [{"type": "function_call", "call_id": "c"}]}, "input.0.name"),
        ({"input": [{"type": "function_call", "name": "f"}]}, "input.0.call_id"),
        ({"input": [{"type": "function_call_output", "output": "x"}]}, "input.0.call_id"),
        ({"input": [{"type": "reasoning", "summary": "x"}]}, "input.0.summary"),
        ({"instructions": ["x"]}, "instructions"),
    ],
)
def test_input_that_makes_no_sense_says_where(fields: dict[str, Any], where: str):
    with pytest.raises(InvalidRequest) as raised:
        read(**fields)

    assert raised.value.where == where
