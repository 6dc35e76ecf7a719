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


ITEMS: list[dict[str, Any]] = [
    {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "sealed"},
    {
        "type": "reasoning",
        "id": "rs_2",
        "summary": [{"type": "summary_text", "text": "a"}, {"type": "summary_text", "text": "b"}],
        "content": [{"type": "reasoning_text", "text": "c"}],
        "encrypted_content": "sealed",
        "status": "incomplete",
    },
    {
        "type": "message",
        "id": "msg_1",
        "role": "assistant",
        "phase": "commentary",
        "content": [{"type": "output_text", "text": "One.", "x_unknown": {"n": 1}}],
    },
    {
        "type": "message",
        "id": "msg_2",
        "role": "assistant",
        "status": "incomplete",
        "content": [{"type": "output_text", "text": "Two."}, {"type": "refusal", "refusal": "No."}],
    },
    {"type": "message", "id": "msg_3", "role": "assistant", "content": []},
    {
        "type": "function_call",
        "id": "fc_1",
        "call_id": "c1",
        "name": "f",
        "arguments": "{}",
        "namespace": "n",
    },
    {"type": "custom_tool_call", "id": "ctc_1", "call_id": "c2", "name": "g", "input": 'say "hi"\n'},
    {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search"}},
    {
        "type": "file_search_call",
        "id": "fs_1",
        "status": "completed",
        "queries": ["q"],
        "results": [{"filename": "a.txt", "text": "words", "score": 0.5}],
    },
    {
        "type": "code_interpreter_call",
        "id": "ci_1",
        "status": "completed",
        "code": "1+1",
        "container_id": "k",
        "outputs": [{"type": "logs", "logs": "2"}, {"type": "image", "url": "https://example.com/a.png"}],
    },
    {"type": "mcp_call", "id": "mcp_1", "name": "ask", "arguments": "{}", "server_label": "s", "output": "x"},
    {"type": "mcp_list_tools", "id": "mcpl_1", "server_label": "s", "tools": []},
    {"type": "image_generation_call", "id": "ig_1", "result": "YWJj", "output_format": "webp", "x": 1},
    {"type": "image_generation_call", "id": "ig_2", "status": "generating", "result": None},
    {
        "type": "shell_call",
        "id": "sh_1",
        "call_id": "c3",
        "action": {"commands": ["ls"]},
        "environment": {"type": "container_reference"},
    },
    {"type": "item_reference", "id": "msg_0"},
    {"type": "compaction", "id": "cmp_1", "encrypted_content": "sealed"},
    {"type": "some_future_type", "id": "x_1", "deep": {"er": [1.5, None]}},
]


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item["id"])
def test_an_item_of_an_earlier_answer_comes_back_as_it_was(item: dict[str, Any]):
    assert sent_on(input=[item])["input"] == [item]


def test_all_items_of_an_answer_are_one_turn_and_come_back_in_order():
    request = read(input=ITEMS)

    assert [each.role for each in request.messages] == ["assistant"]
    assert body_of(request)["input"] == ITEMS


ANSWERS: list[dict[str, Any]] = [
    {"type": "function_call_output", "call_id": "c", "output": "x", "status": "incomplete"},
    {"type": "custom_tool_call_output", "call_id": "c", "output": "x"},
    {"type": "apply_patch_call_output", "call_id": "c", "status": "failed", "output": "no such file"},
    {"type": "local_shell_call_output", "id": "c", "output": "x"},
    {
        "type": "shell_call_output",
        "call_id": "c",
        "output": [{"stdout": "x", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}}],
    },
    {
        "type": "computer_call_output",
        "call_id": "c",
        "output": {"type": "computer_screenshot", "image_url": "https://example.com/a.png"},
    },
]
ASKED: list[dict[str, Any]] = [
    {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
    {"type": "custom_tool_call", "call_id": "c", "name": "f", "input": "x"},
    {"type": "apply_patch_call", "call_id": "c", "operation": {"type": "delete_file", "path": "a"}},
    {"type": "local_shell_call", "call_id": "c", "id": "i", "action": {"type": "exec", "command": ["ls"]}},
    {"type": "shell_call", "call_id": "c", "action": {"commands": ["ls"]}},
    {"type": "computer_call", "call_id": "c", "action": {"type": "screenshot"}},
]


@pytest.mark.parametrize(("asked", "answer"), list(zip(ASKED, ANSWERS, strict=True)))
def test_the_answer_to_every_kind_of_call_comes_back(asked: dict[str, Any], answer: dict[str, Any]):
    request = read(input=[asked, answer])

    assert [each.role for each in request.messages] == ["assistant", "tool"]
    assert body_of(request)["input"] == [asked, answer]


@pytest.mark.parametrize(
    ("asked", "content", "output"),
    [
        (ASKED[1], Text(text="x"), "x"),
        (ASKED[2], Text(text="x"), "x"),
        (ASKED[3], Text(text="x"), "x"),
        (
            ASKED[4],
            Text(text="x"),
            [{"stdout": "x", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}}],
        ),
        (
            ASKED[5],
            Media(kind="image", media_type="image/png", data=b"abc"),
            {"type": "computer_screenshot", "image_url": "data:image/png;base64,YWJj"},
        ),
    ],
)
def test_a_result_is_written_in_the_form_its_call_wants(
    asked: dict[str, Any], content: Text | Media, output: object
):
    earlier = read(input=[asked]).messages[0]
    request = turns(earlier, said("tool", ToolResult(call_id="c", content=(content,))))

    written = body_of(request)["input"][1]

    assert written["type"] == asked["type"] + "_output"
    assert written["output"] == output


@pytest.mark.parametrize(
    "item",
    [
        {"type": "mcp_approval_response", "approval_request_id": "m", "approve": True},
        {"type": "additional_tools", "role": "developer", "tools": [{"type": "web_search"}]},
    ],
)
def test_what_only_a_caller_says_stands_in_a_users_turn(item: dict[str, Any]):
    request = read(input=[item])

    assert request.messages[0].role == "user"
    assert body_of(request)["input"] == [item]


def test_a_users_unknown_fields_and_parts_come_back():
    items = [
        {
            "role": "user",
            "id": "msg_9",
            "content": [
                {"type": "input_text", "text": "a", "prompt_cache_breakpoint": {"mode": "explicit"}},
                {"type": "input_smell", "smell": "rose"},
            ],
        }
    ]

    assert sent_on(input=items)["input"] == items


def test_a_free_text_call_is_a_function_for_a_target_without_such_tools():
    items = [ASKED[1], ANSWERS[1]]

    assert sent_on(Quirks(), input=items)["input"] == [
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": '{"input":"x"}'},
        {"type": "function_call_output", "call_id": "c", "output": "x"},
    ]


def test_ids_that_we_made_up_are_sent_to_no_provider():
    items = [
        {"type": "function_call", "id": "fc_quorate_0_r", "call_id": "c", "name": "f", "arguments": "{}"},
        {"type": "message", "id": "msg_quorate_1_r", "role": "assistant", "content": "hi"},
    ]

    assert [each.get("id") for each in sent_on(input=items)["input"]] == [None, None]


def test_a_thought_whose_id_we_made_up_is_left_out_and_told():
    request = read(
        input=[{"type": "reasoning", "id": "rs_quorate_0_r", "summary": [{"type": "x", "text": "hm"}]}]
    )

    assert body_of(request)["input"] == []
    assert departures(request) == [("messages.0.parts.0", "dropped")]


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
