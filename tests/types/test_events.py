"""A stream's events fold into the reply they tell of, whole or cut short."""

from __future__ import annotations

from decimal import Decimal

from quorate.types.chat import Finish, Message
from quorate.types.events import Event, PartDelta, PartEnd, PartStart, ReplyEnd, ReplyStart, assemble
from quorate.types.parts import Citation, Media, Reasoning, Text, ToolCall
from quorate.types.usage import MISSING, Usage

STOP = Finish(reason="stop", raw="end_turn")
CUT = Finish(reason="other")


def begun(*events: Event) -> list[Event]:
    return [ReplyStart(id="r", model="m", created=7, provider="p", vendor={"a": 1}), *events]


def test_a_whole_stream_makes_a_whole_reply():
    reply = assemble(
        begun(
            PartStart(index=0, part=Text(text="")),
            PartDelta(index=0, text="Hel"),
            PartDelta(index=0, text="lo"),
            PartEnd(index=0, part=Text(text="Hello")),
            ReplyEnd(finish=STOP, usage=Usage(input=1, output=2), cost=Decimal(3), vendor={"b": 2}),
        )
    )

    assert reply.message == Message(role="assistant", parts=(Text(text="Hello"),))
    assert (reply.id, reply.model, reply.created, reply.provider) == ("r", "m", 7, "p")
    assert (reply.finish, reply.usage.total, reply.cost) == (STOP, 3, Decimal(3))
    assert reply.vendor == {"a": 1, "b": 2}


def test_parts_stand_in_order_of_their_start():
    reply = assemble(
        begun(
            PartStart(index=0, part=ToolCall(id="a", name="f")),
            PartStart(index=1, part=ToolCall(id="b", name="g")),
            PartEnd(index=1, part=ToolCall(id="b", name="g", arguments="[]")),
            PartEnd(index=0, part=ToolCall(id="a", name="f", arguments="{}")),
            ReplyEnd(finish=STOP),
        )
    )

    assert [call.id for call in reply.tool_calls] == ["a", "b"]


def test_the_end_of_a_part_counts_not_its_deltas():
    reply = assemble(
        begun(
            PartStart(index=0, part=Reasoning(text="")),
            PartDelta(index=0, text="hm"),
            PartEnd(index=0, part=Reasoning(text="hm", signature="s")),
        )
    )

    assert reply.message.parts == (Reasoning(text="hm", signature="s"),)


def test_a_reply_cut_short_keeps_what_came():
    reply = assemble(
        begun(
            PartStart(index=0, part=Text(text="")),
            PartEnd(index=0, part=Text(text="whole")),
            PartStart(index=1, part=ToolCall(id="a", name="f")),
            PartDelta(index=1, text='{"x":'),
            PartDelta(index=1, text=" 1"),
            PartStart(index=2, part=Media(kind="audio", data=b"\x00")),
            PartDelta(index=2, text="hi", data=b"\x01"),
        )
    )

    assert reply.message.parts == (
        Text(text="whole"),
        ToolCall(id="a", name="f", arguments='{"x": 1'),
        Media(kind="audio", data=b"\x00\x01", transcript="hi"),
    )
    assert (reply.finish, reply.usage) == (CUT, MISSING)


def test_no_events_make_an_empty_reply():
    reply = assemble([])

    assert (reply.id, reply.text, reply.finish, reply.usage, reply.alternatives) == ("", "", CUT, MISSING, ())


def test_several_answers_come_apart():
    second = Finish(reason="length")
    reply = assemble(
        begun(
            PartStart(index=0, part=Text(text="")),
            PartStart(index=1, part=Text(text=""), choice=1),
            PartEnd(index=0, part=Text(text="one")),
            PartEnd(index=1, part=Text(text="two"), choice=1),
            PartStart(index=2, part=Citation(url="u"), choice=1),
            PartEnd(index=2, part=Citation(url="u"), choice=1),
            ReplyEnd(finish=STOP, finishes=(second,), messages=({}, {"v": 1})),
        )
    )

    (other,) = reply.alternatives
    assert reply.text == "one"
    assert other.message.parts == (Text(text="two"), Citation(url="u"))
    assert (other.finish, other.message.vendor) == (second, {"v": 1})


def test_several_answers_cut_short_keep_what_came():
    reply = assemble(
        begun(PartStart(index=0, part=Text(text=""), choice=1), PartDelta(index=0, text="second"))
    )

    assert reply.text == ""
    assert [(each.message.text, each.finish) for each in reply.alternatives] == [("second", CUT)]


def test_an_answer_without_words_is_still_an_answer():
    reply = assemble(begun(ReplyEnd(finish=STOP, finishes=(STOP,))))

    assert [choice.message.parts for choice in reply.alternatives] == [()]
