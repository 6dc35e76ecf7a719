"""Streams read from providers."""

from __future__ import annotations

from typing import Any

import pytest

from quorate.errors import UpstreamBroken, UpstreamBusy, UpstreamError
from quorate.types.events import PartDelta, PartStart, ReplyStart
from quorate.types.parts import Reasoning, Text, ToolCall
from quorate.wire.seam import Frame
from tests.wire.openai_responses.given import (
    NAME,
    WIRE,
    added,
    completed,
    created,
    delta,
    done,
    event,
    events,
    message,
    reply,
    response,
    streamed,
    text,
)

BEGUN = message(status="in_progress")


def test_words_come_piece_by_piece():
    told = events(
        created(), added(0, BEGUN), delta("output_text", 0, "Hi"), done(0, message(text("Hi"))), completed()
    )

    assert [type(each) for each in told[:3]] == [ReplyStart, PartStart, PartDelta]
    assert told[1] == PartStart(index=0, part=Text(text="", vendor={NAME: {"item": {"id": "msg_1"}}}))


SUMMARY = [{"type": "summary_text", "text": "ab"}, {"type": "summary_text", "text": "cd"}]
THOUGHT: dict[str, Any] = {"type": "reasoning", "id": "rs_1", "summary": SUMMARY, "encrypted_content": "s"}
URL: dict[str, Any] = {"type": "url_citation", "url": "u", "title": "t", "start_index": 0, "end_index": 2}
SAID = message(text("Hi.", URL), phase="final_answer")
CALL: dict[str, Any] = {
    "type": "function_call",
    "id": "fc_1",
    "status": "completed",
    "call_id": "c",
    "name": "f",
    "arguments": '{"a":1}',
}
FREE: dict[str, Any] = {"type": "custom_tool_call", "id": "k", "call_id": "d", "name": "g", "input": 'x"\ny'}
SEARCH: dict[str, Any] = {
    "type": "web_search_call",
    "id": "ws_1",
    "status": "completed",
    "action": {"type": "search"},
}
USAGE: dict[str, Any] = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}

WHOLE = (
    created(),
    event("response.in_progress", response=response(status="in_progress")),
    added(0, THOUGHT | {"summary": []}),
    delta("reasoning_summary_text", 0, "a", summary_index=0),
    delta("reasoning_summary_text", 0, "b", summary_index=0),
    delta("reasoning_summary_text", 0, "cd", summary_index=1),
    done(0, THOUGHT),
    event("keepalive"),
    added(1, SEARCH | {"status": "in_progress"}),
    event("response.web_search_call.searching", output_index=1, item_id="ws_1"),
    done(1, SEARCH),
    added(2, SAID | {"content": [], "status": "in_progress"}),
    event("response.content_part.added", output_index=2, content_index=0, part=text("")),
    delta("output_text", 2, "Hi", content_index=0, logprobs=[], obfuscation="xyz"),
    delta("output_text", 2, ".", content_index=0, logprobs=[]),
    event("response.output_text.annotation.added", output_index=2, annotation=URL),
    event("response.output_text.done", output_index=2, content_index=0, text="Hi."),
    event("response.content_part.done", output_index=2, content_index=0, part=text("Hi.", URL)),
    done(2, SAID),
    added(3, CALL | {"arguments": "", "status": "in_progress"}),
    delta("function_call_arguments", 3, '{"a"'),
    delta("function_call_arguments", 3, ":1}"),
    event("response.function_call_arguments.done", output_index=3, arguments='{"a":1}'),
    done(3, CALL),
    added(4, FREE | {"input": ""}),
    delta("custom_tool_call_input", 4, 'x"'),
    delta("custom_tool_call_input", 4, "\ny"),
    done(4, FREE),
    completed(THOUGHT, SEARCH, SAID, CALL, FREE, usage=USAGE),
)


def test_a_stream_is_its_whole_response():
    assert streamed(*WHOLE) == reply(THOUGHT, SEARCH, SAID, CALL, FREE, usage=USAGE)


def test_what_no_piece_told_comes_with_the_items_end():
    told = streamed(
        created(), added(0, BEGUN), done(0, message(text("Hi."))), added(1, CALL | {"arguments": ""})
        , done(1, CALL), completed()
    )  # fmt: skip

    assert told.text == "Hi."
    assert told.tool_calls[0].arguments == '{"a":1}'


def test_an_item_whose_start_nobody_told_is_read_from_its_pieces_or_its_end():
    told = streamed(
        created(), delta("output_text", 0, "Hi"), done(0, message(text("Hi."))), done(1, CALL), completed()
    )

    assert told.text == "Hi."
    assert told.finish.reason == "tool_calls"


def test_an_end_that_tells_another_text_than_its_pieces_adds_nothing():
    told = streamed(
        created(),
        added(0, BEGUN),
        delta("output_text", 0, "Hi."),
        done(0, message(text("Hello."))),
        completed(),
    )

    assert told.text == "Hi."


def test_items_may_grow_at_the_same_time():
    told = streamed(
        created(),
        added(0, CALL | {"arguments": ""}),
        added(1, CALL | {"arguments": "", "call_id": "d", "id": "fc_2"}),
        delta("function_call_arguments", 1, "[2"),
        delta("function_call_arguments", 0, "[1"),
        delta("function_call_arguments", 1, "]"),
        delta("function_call_arguments", 0, "]"),
        done(1, CALL | {"arguments": "[2]", "call_id": "d", "id": "fc_2"}),
        done(0, CALL | {"arguments": "[1]"}),
        completed(),
    )

    assert [(each.id, each.arguments) for each in told.tool_calls] == [("c", "[1]"), ("d", "[2]")]


def test_an_id_that_changes_on_the_way_is_the_last_one():
    told = streamed(
        created(),
        added(0, THOUGHT | {"id": "rs_0", "summary": []}),
        done(0, THOUGHT | {"summary": SUMMARY[:1]}),
        completed(),
    )

    assert told.message.parts == (
        Reasoning(text="ab", signature="s", vendor={NAME: {"item": {"id": "rs_1"}}}),
    )


def test_the_response_alone_is_enough():
    assert streamed(completed(SAID)) == reply(SAID)


def test_an_answer_cut_by_its_limit_is_whole():
    told = streamed(
        created(),
        added(0, BEGUN),
        delta("output_text", 0, "Hi"),
        event(
            "response.incomplete",
            response=response(status="incomplete", incomplete_details={"reason": "max_output_tokens"}),
        ),
    )

    assert (told.text, told.finish.reason) == ("Hi", "length")


def test_an_answer_in_the_background_is_queued_first():
    told = streamed(
        event("response.created", response=response(status="queued")),
        event("response.queued", response=response(status="queued")),
        event("response.in_progress", response=response(status="in_progress")),
        done(0, SAID),
        completed(),
        b"data: [DONE]\n\n",
    )

    assert (told.text, told.finish.reason) == ("Hi.", "stop")


def test_frames_without_meaning_are_passed_over():
    told = streamed(
        b": keepalive\n\n",
        created(),
        event("keepalive", sequence_number=2),
        event("response.some_future.step", output_index=0),
        event("response.image_generation_call.partial_image", output_index=0, partial_image_b64="YWJj"),
        done(0, SAID),
        completed(),
        event("response.late"),
    )

    assert told.text == "Hi."


def test_a_delta_that_is_no_text_is_passed_over():
    assert (
        streamed(created(), event("response.audio.delta", delta={"x": 1}), done(0, SAID), completed()).text
        == "Hi."
    )


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (event("error", code="rate_limit_exceeded", message="too much", param=None), UpstreamBusy),
        (
            event("error", error={"type": "tokens", "code": "rate_limit_exceeded", "message": "too much"}),
            UpstreamBusy,
        ),
        (
            event(
                "response.failed",
                response=response(status="failed", error={"code": "server_error", "message": "too much"}),
            ),
            UpstreamBroken,
        ),
        (b"event: error\ndata: too much\n\n", UpstreamBroken),
        (b'data: {"error": {"message": "too much"}}\n\n', UpstreamBroken),
    ],
)
def test_a_failure_inside_a_stream_is_an_error(failure: bytes, kind: type[UpstreamError]):
    with pytest.raises(kind, match="too much"):
        streamed(created(), added(0, BEGUN), failure)


def test_a_stream_without_its_end_is_broken():
    with pytest.raises(UpstreamBroken):
        streamed(created(), added(0, BEGUN), delta("output_text", 0, "Hi"))


@pytest.mark.parametrize("data", [b"{", b"[]", b"3", b"\xff", b'{"type": 3', b'"x"'])
def test_a_garbled_piece_is_the_providers_fault(data: bytes):
    reader = WIRE.codec.stream_reader()
    reader.read(Frame(data=b'{"type": "response.created", "response": {"id": "r"}}'))

    with pytest.raises(UpstreamBroken):
        reader.read(Frame(data=data))


def test_a_call_is_known_by_its_name_at_once():
    told = events(created(), added(0, CALL | {"arguments": ""}), done(0, CALL), completed())

    assert told[1] == PartStart(index=0, part=ToolCall(id="c", name="f", vendor={NAME: {"id": "fc_1"}}))
