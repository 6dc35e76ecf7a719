"""Items of earlier answers, and the answers to calls, on their way from a client to a provider."""

from __future__ import annotations

from typing import Any

import pytest

from quorate.types.parts import Media, Text, ToolResult
from quorate.types.target import Quirks
from tests.wire.openai_responses.given import body_of, departures, read, said, sent_on, turns

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
