"""Streams read: every kind of piece, every oddity of real traffic, and what is no stream at all."""

from __future__ import annotations

import pytest

from quorate.types.chat import Finish
from quorate.types.events import PartDelta, PartEnd, PartStart, ReplyStart
from quorate.types.parts import Citation, Opaque, Reasoning, Text, ToolCall, ToolResult

from .making import block_frames, ended, events_in, frame, message, reply_of, started, streamed

TEXT = {"type": "text", "text": ""}


def text_delta(text: str) -> dict:
    return {"type": "text_delta", "text": text}


WHOLE = message(
    {"type": "thinking", "thinking": "Let me", "signature": "sig"},
    {"type": "redacted_thinking", "data": "sealed"},
    {"type": "text", "text": "Hello there", "citations": [{"type": "char_location", "cited_text": "q"}]},
    {"type": "tool_use", "id": "t", "name": "now", "input": {}, "caller": {"type": "direct"}},
    {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "q"}},
    {"type": "web_search_tool_result", "tool_use_id": "s", "content": []},
    {"type": "compaction", "content": "Summary", "encrypted_content": "e"},
    container={"id": "c"},
    context_management={"applied_edits": []},
    stop_details=None,
    usage={"input_tokens": 3, "output_tokens": 5, "service_tier": "standard"},
)
PIECES = (
    frame(
        "message_start",
        message=message(usage={"input_tokens": 3, "service_tier": "standard"}, stop_details=None),
    ),
    block_frames(
        0,
        {"type": "thinking", "thinking": "", "signature": ""},
        {"type": "thinking_delta", "thinking": "Let "},
        {"type": "thinking_delta", "thinking": "me"},
        {"type": "signature_delta", "signature": "sig"},
    ),
    block_frames(1, {"type": "redacted_thinking", "data": "sealed"}),
    block_frames(
        2,
        {"type": "text", "text": "", "citations": []},
        {"type": "citations_delta", "citation": {"type": "char_location", "cited_text": "q"}},
        text_delta("Hello "),
        text_delta("there"),
    ),
    block_frames(
        3,
        {"type": "tool_use", "id": "t", "name": "now", "input": {}, "caller": {"type": "direct"}},
        {"type": "input_json_delta", "partial_json": ""},
    ),
    block_frames(
        4,
        {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}},
        {"type": "input_json_delta", "partial_json": '{"query"'},
        {"type": "input_json_delta", "partial_json": ': "q"}'},
    ),
    block_frames(5, {"type": "web_search_tool_result", "tool_use_id": "s", "content": []}),
    block_frames(
        6,
        {"type": "compaction", "content": None},
        {"type": "compaction_delta", "content": "Summary", "encrypted_content": "e"},
    ),
    ended(
        delta={
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "container": {"id": "c"},
            "stop_details": None,
        },
        context_management={"applied_edits": []},
    ),
)


def test_a_stream_of_everything_is_the_whole_reply():
    assert streamed(*PIECES) == reply_of(WHOLE)


def test_events_come_as_the_pieces_come():
    events = events_in(started(), block_frames(0, TEXT, text_delta("Hi")), ended())

    assert isinstance(events[0], ReplyStart)
    assert events[1:4] == [
        PartStart(index=0, part=Text(text="")),
        PartDelta(index=0, text="Hi"),
        PartEnd(index=0, part=Text(text="Hi")),
    ]


def test_padding_pings_and_events_of_times_to_come_are_passed_over():
    delta = '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}          }'
    padded = f"event: content_block_delta\ndata: {delta}\n\n".encode()
    reply = streamed(
        started(),
        frame("content_block_start", index=0, content_block=TEXT),
        frame("ping"),
        padded,
        frame("weather_report", sunny=True),
        frame("content_block_delta", index=0, delta={"type": "delta_to_come", "x": 1}),
        frame("content_block_stop", index=0),
        b": a comment\n\n",
        ended(),
    )

    assert reply.text == "Hi"


def test_arguments_may_be_cut_inside_an_escape():
    pieces = ['{"path": "C:\\', "\\\\new", "\\u00", 'e9"}']
    deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]
    reply = streamed(
        started(),
        block_frames(0, {"type": "tool_use", "id": "t", "name": "open", "input": {}}, *deltas),
        ended(),
    )

    assert reply.tool_calls[0].arguments == "".join(pieces)


def test_a_call_may_come_whole_with_its_start():
    reply = streamed(
        started(), block_frames(0, {"type": "tool_use", "id": "t", "name": "a", "input": {"b": 1}}), ended()
    )

    assert reply.tool_calls == (ToolCall(id="t", name="a", arguments='{"b": 1}'),)


def test_a_text_may_begin_with_words():
    events = events_in(started(), block_frames(0, {"type": "text", "text": "He"}, text_delta("llo")), ended())

    assert [event.text for event in events if isinstance(event, PartDelta)] == ["Hello"]


def test_citations_in_the_midst_of_a_text_follow_it():
    cited = {"type": "citations_delta", "citation": {"type": "page_location", "cited_text": "q"}}
    reply = streamed(
        started(),
        block_frames(0, TEXT, text_delta("A"), cited, text_delta("B")),
        block_frames(1, TEXT, text_delta("C")),
        ended(),
    )

    assert [type(part) for part in reply.message.parts] == [Text, Citation, Text]
    assert reply.text == "ABC"


def test_blocks_may_leave_out_their_start_and_their_end():
    reply = streamed(
        started(),
        frame("content_block_delta", index=0, delta={"type": "thinking_delta", "thinking": "Hm"}),
        frame("content_block_delta", index=1, delta=text_delta("Hi")),
        ended(),
    )

    assert reply.message.parts == (Reasoning(text="Hm", vendor={"anthropic": {}}), Text(text="Hi"))


def test_the_providers_results_come_whole():
    block = {"type": "code_execution_tool_result", "tool_use_id": "s", "content": {"stdout": "1"}}
    (part,) = streamed(started(), block_frames(0, block), ended()).message.parts

    assert isinstance(part, ToolResult)
    assert part.content == (Text(text="1"),)


def test_a_block_of_times_to_come_keeps_the_last_of_its_fields():
    delta = {"type": "gadget_delta", "state": 2}
    (part,) = streamed(
        started(), block_frames(0, {"type": "gadget", "state": 1, "x": None}, delta), ended()
    ).message.parts

    assert part == Opaque(kind="gadget", vendor={"anthropic": {"type": "gadget", "state": 2, "x": None}})


@pytest.mark.parametrize(
    ("reason", "stop", "finish"),
    [
        ("tool_use", None, Finish(reason="tool_calls", raw="tool_use")),
        ("stop_sequence", "END", Finish(reason="stop", raw="stop_sequence", stop="END")),
        ("pause_turn", None, Finish(reason="paused", raw="pause_turn")),
    ],
)
def test_the_finish_comes_at_the_end(reason, stop, finish):
    assert streamed(started(), ended(delta={"stop_reason": reason, "stop_sequence": stop})).finish == finish


def test_a_stream_may_end_without_its_last_event():
    reply = streamed(
        started(),
        block_frames(0, TEXT, text_delta("Hi")),
        frame("message_delta", delta={"stop_reason": "end_turn"}),
    )

    assert (reply.text, reply.finish.reason) == ("Hi", "stop")


def test_frames_after_the_end_are_harmless():
    assert (
        streamed(
            started(), block_frames(0, TEXT, text_delta("Hi")), ended(), b"data: [DONE]\n\n", b"data: {oh\n\n"
        ).text
        == "Hi"
    )


def test_a_proxys_mark_of_the_end_is_harmless_where_it_stands():
    stopped = frame("message_delta", delta={"stop_reason": "end_turn"})

    assert (
        streamed(started(), block_frames(0, TEXT, text_delta("Hi")), stopped, b"data: [DONE]\n\n").text
        == "Hi"
    )


def test_a_start_told_twice_counts_once():
    assert streamed(started(), started(), block_frames(0, TEXT, text_delta("Hi")), ended()).text == "Hi"
