"""Streams written for clients: every event, in the order the official client expects."""

from __future__ import annotations

from typing import Any

import pytest

from quorate.errors import UpstreamBusy
from quorate.types.chat import ChatReply, Finish
from quorate.types.events import PartDelta, PartEnd, PartStart, ReplyEnd, ReplyStart
from quorate.types.parts import Citation, Media, Reasoning, Refusal, Text, ToolCall
from quorate.types.usage import Usage
from tests.wire.laws import assistant
from tests.wire.openai_responses.given import NAME, WIRE, answered, call, reply, sent, told


def answer(*parts: Any, **fields: Any) -> ChatReply:
    return ChatReply(id="r", model="m", message=assistant(*parts), finish=Finish(reason="stop"), **fields)


def kinds(events: list[dict[str, Any]]) -> list[str]:
    return [each["type"].removeprefix("response.") for each in events]


def test_words_are_told_from_the_item_down_to_the_piece():
    events = told(answer(Text(text="Hello you")))

    assert kinds(events) == [
        "created",
        "in_progress",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ]
    assert [each["sequence_number"] for each in events] == list(range(10))
    assert {each["item_id"] for each in events[3:8]} == {"msg_quorate_0_r"}
    assert events[6]["text"] == "Hello you"


def test_sources_are_told_after_the_words_and_inside_them_at_the_end():
    events = told(answer(Text(text="Hi."), Citation(url="u"), Citation(url="v"), Text(text="So.")))

    assert kinds(events)[3:14] == [
        "content_part.added",
        "output_text.delta",
        "output_text.annotation.added",
        "output_text.annotation.added",
        "output_text.done",
        "content_part.done",
        "content_part.added",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
    ]
    assert [each["annotation_index"] for each in events[5:7]] == [0, 1]
    assert [each["url"] for each in events[8]["part"]["annotations"]] == ["u", "v"]
    assert [each["content_index"] for each in events[9:13]] == [1, 1, 1, 1]


def test_thoughts_are_told_in_summary():
    more = Reasoning(text="b", vendor={NAME: {"more": True}})
    events = told(answer(Reasoning(text="a"), more, Text(text="Hi.")))

    assert kinds(events)[2:12] == [
        "output_item.added",
        "reasoning_summary_part.added",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.done",
        "reasoning_summary_part.done",
        "reasoning_summary_part.added",
        "reasoning_summary_text.delta",
        "reasoning_summary_text.done",
        "reasoning_summary_part.done",
        "output_item.done",
    ]
    assert [each["summary_index"] for each in events[3:11]] == [0, 0, 0, 0, 1, 1, 1, 1]
    assert [each["text"] for each in events[11]["item"]["summary"]] == ["a", "b"]


def test_a_sealed_thought_is_an_item_without_pieces():
    events = told(answer(Reasoning(signature="s", redacted=True, vendor={NAME: {"item": {"id": "rs_1"}}})))

    assert kinds(events)[2:4] == ["output_item.added", "output_item.done"]
    assert "encrypted_content" not in events[2]["item"]
    assert events[3]["item"] == {
        "type": "reasoning",
        "id": "rs_1",
        "summary": [],
        "encrypted_content": "s",
    }


def test_thoughts_told_in_full_are_pieces_of_content():
    events = told(answer(Reasoning(text="a", vendor={NAME: {"content": True}})))

    assert kinds(events)[3:7] == [
        "content_part.added",
        "reasoning_text.delta",
        "reasoning_text.done",
        "content_part.done",
    ]
    assert events[6]["part"] == {"type": "reasoning_text", "text": "a"}


def test_calls_are_told_at_once_and_end_before_the_next():
    events = told(
        answer(ToolCall(id="c", name="f", arguments="{}"), ToolCall(id="d", name="g", arguments="[]"))
    )

    assert kinds(events)[2:10] == [
        "output_item.added",
        "function_call_arguments.delta",
        "function_call_arguments.done",
        "output_item.done",
        "output_item.added",
        "function_call_arguments.delta",
        "function_call_arguments.done",
        "output_item.done",
    ]
    assert [each["output_index"] for each in events[2:10]] == [0, 0, 0, 0, 1, 1, 1, 1]
    assert events[4] | {"sequence_number": 0} == {
        "type": "response.function_call_arguments.done",
        "sequence_number": 0,
        "item_id": "fc_quorate_0_r",
        "output_index": 0,
        "name": "f",
        "arguments": "{}",
    }


def test_the_words_of_a_free_text_call_come_at_once():
    events = told(
        answer(ToolCall(id="c", name="f", arguments='{"input": "x\\ny"}')),
        tools=[{"type": "custom", "name": "f"}],
    )

    assert kinds(events)[2:6] == [
        "output_item.added",
        "custom_tool_call_input.delta",
        "custom_tool_call_input.done",
        "output_item.done",
    ]
    assert (events[3]["delta"], events[5]["item"]["input"]) == ("x\ny", "x\ny")


def test_a_tool_of_the_providers_is_told_in_its_steps():
    search = {"type": "web_search_call", "id": "w", "status": "completed", "action": {"type": "search"}}

    events = told(reply(search))

    assert kinds(events)[2:7] == [
        "output_item.added",
        "web_search_call.in_progress",
        "web_search_call.searching",
        "web_search_call.completed",
        "output_item.done",
    ]
    assert (events[2]["item"]["status"], events[6]["item"]) == ("in_progress", search)


def test_an_image_is_told_at_its_end_alone():
    events = told(answer(Media(kind="image", media_type="image/png", data=b"abc")))

    assert "result" not in events[2]["item"]
    assert events[-2]["item"]["result"] == "YWJj"


def test_a_refusal_has_events_of_its_own():
    events = told(answer(Refusal(text="No.")))

    assert kinds(events)[3:7] == [
        "content_part.added",
        "refusal.delta",
        "refusal.done",
        "content_part.done",
    ]


def test_the_last_event_brings_the_whole_response():
    foreign = answer(
        Reasoning(text="hm"), Text(text="Hi."), Citation(url="u"), usage=Usage(input=3, output=2)
    )

    assert told(foreign)[-1]["response"] == answered(foreign, stream=True)


def test_parts_that_grow_together_keep_their_items():
    one, two = ToolCall(id="c", name="f"), ToolCall(id="d", name="g")
    assert WIRE.front is not None
    writer = WIRE.front.stream_writer(call(stream=True))
    stream = b"".join(
        writer.write(each)
        for each in (
            ReplyStart(id="r", model="m"),
            PartStart(index=0, part=one),
            PartStart(index=1, part=two),
            PartDelta(index=1, text="[2]"),
            PartDelta(index=0, text="[1]"),
            PartEnd(index=0, part=ToolCall(id="c", name="f", arguments="[1]")),
            PartEnd(index=1, part=ToolCall(id="d", name="g", arguments="[2]")),
            ReplyEnd(finish=Finish(reason="tool_calls")),
        )
    )

    events = sent(stream)

    assert [each["arguments"] for each in events[-1]["response"]["output"]] == ["[1]", "[2]"]
    assert kinds(events).count("output_item.done") == 2


def test_other_answers_to_the_same_question_have_no_place():
    assert WIRE.front is not None
    writer = WIRE.front.stream_writer(call(stream=True))
    writer.write(ReplyStart(id="r", model="m"))

    assert writer.write(PartStart(index=0, part=Text(text=""), choice=1)) == b""
    assert writer.write(PartDelta(index=0, text="x")) == b""
    assert writer.write(PartEnd(index=0, part=Text(text="x"), choice=1)) == b""


def test_a_failure_is_told_in_two_events_with_what_came():
    assert WIRE.front is not None
    writer = WIRE.front.stream_writer(call(stream=True))
    writer.write(ReplyStart(id="r", model="m"))
    writer.write(PartStart(index=0, part=ToolCall(id="c", name="f")))
    writer.write(PartEnd(index=0, part=ToolCall(id="c", name="f", arguments="{}")))

    events = sent(writer.fail(UpstreamBusy("too much")))

    assert events[0]["type"] == "error"
    assert (events[0]["code"], events[0]["message"]) == ("rate_limit_exceeded", "too much")
    state = events[1]["response"]
    assert (events[1]["type"], state["status"], state["error"]) == (
        "response.failed",
        "failed",
        {"code": "rate_limit_exceeded", "message": "too much"},
    )
    assert [each["type"] for each in state["output"]] == ["function_call"]


def test_a_failure_without_a_beginning_names_no_reply():
    """Of a relayed stream that breaks off the client knows a reply whose id stands in no event of ours."""
    assert WIRE.front is not None

    events = sent(WIRE.front.stream_writer(call(stream=True)).fail(UpstreamBusy("too much")))

    assert [(each["type"], each["message"], each["sequence_number"]) for each in events] == [
        ("error", "too much", 0)
    ]


@pytest.mark.parametrize(
    ("item", "steps"),
    [
        (
            {"type": "code_interpreter_call", "status": "completed", "code": "1+1", "outputs": []},
            [
                "code_interpreter_call.in_progress",
                "code_interpreter_call_code.delta",
                "code_interpreter_call_code.done",
                "code_interpreter_call.interpreting",
                "code_interpreter_call.completed",
            ],
        ),
        (
            {"type": "mcp_call", "name": "find", "arguments": "{}", "output": "it"},
            [
                "mcp_call.in_progress",
                "mcp_call_arguments.delta",
                "mcp_call_arguments.done",
                "mcp_call.completed",
            ],
        ),
        (
            {"type": "mcp_call", "name": "find", "arguments": "", "error": "gone"},
            ["mcp_call.in_progress", "mcp_call.failed"],
        ),
        ({"type": "mcp_list_tools", "tools": []}, ["mcp_list_tools.in_progress", "mcp_list_tools.completed"]),
    ],
)
def test_a_providers_tool_is_told_step_by_step(item: dict[str, Any], steps: list[str]):
    events = told(reply({"id": "i", **item}))

    assert kinds(events)[2:-1] == ["output_item.added", *steps, "output_item.done"]
    assert {event["item_id"] for event in events[3:-2]} == {"i"}
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
