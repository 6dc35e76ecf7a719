"""Deltas to part events: what is open, what ends when, and under which number."""

from __future__ import annotations

from itertools import count

import pytest

from quorate.errors import UpstreamBroken
from quorate.types.chat import Finish
from quorate.types.events import PartDelta, PartEnd, PartStart, ReplyEnd, assemble
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
)
from quorate.wire.builder import PartBuilder

EMPTY = Text(text="")


def test_a_part_opens_grows_and_ends_whole():
    parts = PartBuilder()

    events = [*parts.open("text", EMPTY), *parts.grow("Hel"), *parts.grow("lo"), *parts.close()]

    assert events == [
        PartStart(index=0, part=EMPTY),
        PartDelta(index=0, text="Hel"),
        PartDelta(index=0, text="lo"),
        PartEnd(index=0, part=Text(text="Hello")),
    ]


def test_opening_what_is_open_goes_on_with_it():
    parts = PartBuilder()
    parts.open("text", EMPTY)

    assert parts.open("text", EMPTY) == []
    assert parts.is_open("text")


def test_another_key_ends_the_part_before():
    parts = PartBuilder()
    parts.open("thought", Reasoning(text=""))
    parts.grow("hm")

    events = parts.open("text", EMPTY)

    assert events == [PartEnd(index=0, part=Reasoning(text="hm")), PartStart(index=1, part=EMPTY)]
    assert not parts.is_open("thought")


def test_kept_parts_grow_side_by_side():
    parts = PartBuilder()
    parts.open(("call", 0), ToolCall(id="a", name="f"), keep=True)
    parts.open(("call", 1), ToolCall(id="b", name="g"), keep=True)

    events = [
        *parts.grow("{", key=("call", 0)),
        *parts.grow("[", key=("call", 1)),
        *parts.grow("}", key=("call", 0)),
        *parts.grow("]", key=("call", 1)),
    ]
    ends = parts.close()

    assert [event.index for event in events if isinstance(event, PartDelta)] == [0, 1, 0, 1]
    assert ends == [
        PartEnd(index=0, part=ToolCall(id="a", name="f", arguments="{}")),
        PartEnd(index=1, part=ToolCall(id="b", name="g", arguments="[]")),
    ]


def test_kept_parts_stay_open_beside_a_passing_one():
    parts = PartBuilder()
    parts.open("call", ToolCall(id="a", name="f"), keep=True)
    parts.open("text", EMPTY)
    parts.grow("words")

    events = [*parts.add(Citation(url="u")), *parts.grow("{}", key="call"), *parts.close("call")]

    assert [type(event) for event in events] == [PartEnd, PartStart, PartEnd, PartDelta, PartEnd]
    assert events[-1] == PartEnd(index=0, part=ToolCall(id="a", name="f", arguments="{}"))


def test_growth_without_a_key_goes_to_what_was_opened_last():
    parts = PartBuilder()
    parts.open("first", EMPTY, keep=True)
    parts.open("second", EMPTY, keep=True)
    parts.open("first", EMPTY, keep=True)

    assert parts.grow("x") == [PartDelta(index=0, text="x")]


def test_nothing_is_no_growth():
    assert PartBuilder().grow("") == []


def test_growth_of_what_is_not_open_is_the_providers_fault():
    parts = PartBuilder()
    parts.open("text", EMPTY)
    parts.close()

    with pytest.raises(UpstreamBroken):
        parts.grow("more")
    with pytest.raises(UpstreamBroken):
        parts.grow("more", key="unknown")


def test_what_is_known_only_later_stands_in_the_whole_part():
    parts = PartBuilder()
    parts.open("thought", Reasoning(text=""))
    parts.grow("hm")
    parts.mark(signature="sig")
    parts.mark(key="thought", vendor={"anthropic": {"x": 1}})

    seen = parts.peek()
    (end,) = parts.close()

    assert seen == Reasoning(text="", signature="sig", vendor={"anthropic": {"x": 1}})
    assert end == PartEnd(index=0, part=Reasoning(text="hm", signature="sig", vendor={"anthropic": {"x": 1}}))


def test_marking_nothing_does_nothing():
    parts = PartBuilder()

    parts.mark(signature="x")

    assert parts.peek() is None
    assert parts.close() == []
    assert parts.close("text") == []


@pytest.mark.parametrize(
    ("start", "whole"),
    [
        (Text(text="a"), Text(text="abc")),
        (Reasoning(text="a"), Reasoning(text="abc")),
        (Refusal(text="a"), Refusal(text="abc")),
        (SearchResult(text="a", url="u"), SearchResult(text="abc", url="u")),
        (ToolCall(id="1", name="f", arguments="a"), ToolCall(id="1", name="f", arguments="abc")),
        (Media(kind="audio", transcript="a", data=b"\x00"), Media(kind="audio", transcript="abc", data=b"\x00\x01")),
        (Opaque(kind="k"), Opaque(kind="k")),
    ],
)  # fmt: skip
def test_growth_adds_to_what_a_part_began_with(start: Part, whole: Part):
    parts = PartBuilder()
    parts.open("part", start)
    parts.grow("b")
    parts.grow("c", b"\x01")

    assert parts.close() == [PartEnd(index=0, part=whole)]


def test_builders_of_several_choices_share_their_numbers():
    numbers = count()
    first, second = PartBuilder(0, numbers), PartBuilder(1, numbers)

    events = [
        *first.open("text", EMPTY),
        *second.open("text", EMPTY),
        *second.grow("two"),
        *first.grow("one"),
        *first.close(),
        *second.close(),
        ReplyEnd(finish=Finish(reason="stop"), finishes=(Finish(reason="length"),)),
    ]
    reply = assemble(events)

    assert reply.text == "one"
    assert [choice.message.text for choice in reply.alternatives] == ["two"]
