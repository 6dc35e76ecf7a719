"""Streams that a client is sent: the events in their order, one block at a time."""

from __future__ import annotations

import json

import pytest

from quorate.errors import UpstreamBusy
from quorate.types.chat import Finish
from quorate.types.events import Event, PartDelta, PartEnd, PartStart, ReplyEnd, ReplyStart
from quorate.types.parts import Citation, Media, Opaque, Reasoning, Refusal, Text, ToolCall
from quorate.types.usage import Usage

from .making import FRONT, call, ended, events_in, started, streamed

BODY = {"model": "claude-y", "max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}]}
START = ReplyStart(id="r", model="m")
END = ReplyEnd(finish=Finish(reason="stop"), usage=Usage(input=3, output=5))


def told(*events: Event) -> list[dict]:
    """The events that a client sees, as JSON, without the first and the last two."""
    return sent(START, *events, END)[1:-2]


def sent(*events: Event) -> list[dict]:
    writer = FRONT.stream_writer(call(BODY))
    body = b"".join(writer.write(event) for event in events) + writer.close()
    return [
        json.loads(line.removeprefix("data: "))
        for line in body.decode().splitlines()
        if line.startswith("data")
    ]


def grown(index: int, part, *pieces: str, whole) -> list[Event]:
    deltas = [PartDelta(index=index, text=piece) for piece in pieces]
    return [PartStart(index=index, part=part), *deltas, PartEnd(index=index, part=whole)]


def summary(events: list[dict]) -> list[tuple]:
    return [(event["type"].removeprefix("content_block_"), event.get("index")) for event in events]


def test_a_stream_begins_and_ends_as_clients_expect():
    first, block, *_, delta, stop = sent(START, *grown(0, Text(text=""), "Hi", whole=Text(text="Hi")), END)

    assert first["type"] == "message_start"
    assert first["message"] == {
        "id": "r",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {
            "input_tokens": 0,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
            "output_tokens": 0,
        },
    }
    assert block == {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    assert delta["delta"] == {"stop_reason": "end_turn", "stop_sequence": None}
    assert (delta["usage"]["input_tokens"], delta["usage"]["output_tokens"]) == (3, 5)
    assert stop == {"type": "message_stop"}


def test_every_event_is_named_as_its_type():
    writer = FRONT.stream_writer(call(BODY))

    assert writer.content_type.startswith("text/event-stream")
    assert writer.write(START).startswith(b'event: message_start\ndata: {"type":"message_start"')


def test_a_stream_without_a_models_name_has_the_one_asked_for():
    assert sent(ReplyStart(id="r", model=""), END)[0]["message"]["model"] == "claude-y"


def test_a_thought_is_signed_at_its_end():
    events = told(*grown(0, Reasoning(), "Hm", whole=Reasoning(text="Hm", signature="sig")))

    assert [event.get("delta") for event in events] == [
        None,
        {"type": "thinking_delta", "thinking": "Hm"},
        {"type": "signature_delta", "signature": "sig"},
        None,
    ]


def test_citations_stand_inside_the_text_they_support():
    cited = Citation(url="u", title="t", quote="q")
    events = told(
        *grown(0, Text(text=""), "Hi", whole=Text(text="Hi")),
        PartStart(index=1, part=cited),
        PartEnd(index=1, part=cited),
        *grown(2, Text(text=""), "Bye", whole=Text(text="Bye")),
    )

    assert summary(events) == [
        ("start", 0), ("delta", 0), ("delta", 0), ("stop", 0), ("start", 1), ("delta", 1), ("stop", 1),
    ]  # fmt: skip
    assert events[2]["delta"]["citation"]["url"] == "u"


def test_parts_that_come_interleaved_are_told_one_after_the_other():
    calls = [ToolCall(id=f"t{number}", name="a") for number in range(3)]
    events = told(
        *[PartStart(index=number, part=part) for number, part in enumerate(calls)],
        PartDelta(index=2, text="{2"),
        PartDelta(index=0, text="{0"),
        PartDelta(index=1, text="{1}"),
        PartDelta(index=2, text="}"),
        PartDelta(index=0, text="}"),
        *[PartEnd(index=number, part=part) for number, part in enumerate(calls)],
    )

    assert summary(events) == [
        ("start", 0), ("delta", 0), ("delta", 0), ("stop", 0), ("start", 1), ("delta", 1), ("stop", 1),
        ("start", 2), ("delta", 2), ("delta", 2), ("stop", 2),
    ]  # fmt: skip
    assert "".join(event["delta"]["partial_json"] for event in events if "delta" in event) == "{0}{1}{2}"


def test_only_the_first_of_several_answers_is_told():
    events = told(
        PartStart(index=0, part=Text(text="")),
        PartStart(index=1, part=Text(text=""), choice=1),
        PartDelta(index=1, text="other"),
        PartDelta(index=0, text="Hi"),
        PartEnd(index=1, part=Text(text="other"), choice=1),
        PartEnd(index=0, part=Text(text="Hi")),
    )

    assert [event["delta"]["text"] for event in events if "delta" in event] == ["Hi"]


def test_parts_without_pieces_are_told_whole_and_foreign_ones_not_at_all():
    foreign = ToolCall(id="ws", name="web_search", hosted=True, vendor={"openai_responses": {}})
    image = Media(kind="image", media_type="image/png", data=b"p")
    events = told(
        *grown(0, foreign, "{}", whole=foreign),
        PartStart(index=1, part=Media(kind="image", media_type="image/png")),
        PartDelta(index=1, data=b"p"),
        PartEnd(index=1, part=image),
        *grown(2, Opaque(kind="widget"), whole=Opaque(kind="widget")),
        *grown(3, Refusal(text=""), "No.", whole=Refusal(text="No.")),
    )

    assert summary(events) == [("start", 0), ("stop", 0), ("start", 1), ("delta", 1), ("stop", 1)]
    assert events[0]["content_block"]["source"]["data"] == "cA=="


def test_a_part_whose_end_was_never_told_is_closed_with_the_reply():
    events = told(PartStart(index=0, part=Text(text="")), PartStart(index=1, part=ToolCall(id="t", name="a")))

    assert summary(events) == [("start", 0), ("stop", 0), ("start", 1), ("stop", 1)]


def test_a_client_of_the_protocol_sees_a_providers_own_leftovers_in_their_places():
    reply = started(input_tokens=30, service_tier="standard")
    last = ended(
        delta={"stop_reason": "end_turn", "container": {"id": "c"}}, context_management={"applied_edits": []}
    )
    events = sent(*events_in(reply, last))

    assert events[0]["message"]["usage"] == {"input_tokens": 30, "service_tier": "standard"}
    assert events[1]["delta"]["container"] == {"id": "c"}
    assert events[1]["context_management"] == {"applied_edits": []}


def test_a_failure_in_the_midst_is_told_in_the_protocols_words():
    writer = FRONT.stream_writer(call(BODY))
    failed = writer.write(START) + writer.fail(UpstreamBusy("Overloaded", status=529))

    assert failed.endswith(
        b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n'
    )
    with pytest.raises(UpstreamBusy, match="Overloaded"):
        streamed(failed)
