"""Values are immutable, equal by content and changed only by `replace`."""

from __future__ import annotations

import inspect

import msgspec
import pytest

from quorate.types import chat, events, features, parts, target, usage, work
from quorate.types.chat import ChatReply, ChatRequest, Finish, Message
from quorate.types.parts import Citation, Media, Reasoning, Refusal, Text, ToolCall
from quorate.types.value import Value, replace

VALUES = sorted(
    {
        made
        for module in (chat, events, features, parts, target, usage, work)
        for _, made in inspect.getmembers(module, inspect.isclass)
        if issubclass(made, Value) and made is not Value
    },
    key=lambda made: made.__name__,
)


@pytest.mark.parametrize("kind", VALUES)
def test_every_value_is_frozen_and_built_by_keyword(kind: type[Value]):
    assert kind.__struct_config__.frozen
    assert str(inspect.signature(kind)).startswith(("(*", "()"))


def test_a_value_cannot_be_changed():
    with pytest.raises(AttributeError):
        Text(text="a").text = "b"  # pyright: ignore[reportAttributeAccessIssue]  # that is the point


def test_a_value_takes_no_positions():
    with pytest.raises(TypeError):
        Text("a")  # pyright: ignore[reportCallIssue]  # that is the point


def test_replace_makes_another_and_leaves_the_first():
    first = Finish(reason="stop", raw="end_turn")

    second = replace(first, reason="length")

    assert (first.reason, second.reason, second.raw) == ("stop", "length", "end_turn")


def test_equal_content_is_equal():
    assert Text(text="a", vendor={"x": [1]}) == Text(text="a", vendor={"x": [1]})
    assert Text(text="a") != Reasoning(text="a")


def test_no_two_values_share_their_empty_containers():
    first, second = Text(text="a"), Text(text="b")

    first.vendor["x"] = 1

    assert second.vendor == {}


def test_a_request_survives_its_own_json():
    request = ChatRequest(
        model="m",
        messages=(
            Message(role="user", parts=(Text(text="a"), Media(kind="image", data=b"\x00\xff"))),
            Message(role="assistant", parts=(ToolCall(id="1", name="f", arguments="{}"),)),
        ),
    )

    assert msgspec.json.decode(msgspec.json.encode(request), type=ChatRequest) == request


def test_a_reply_tells_its_parts_by_kind():
    hosted = ToolCall(id="h", name="search", hosted=True)
    call = ToolCall(id="c", name="f")
    cited = Citation(url="u")
    told = (Reasoning(text="hm"), Text(text="a"), cited, hosted, Text(text="b"), call, Refusal(text="no"))
    message = Message(role="assistant", parts=told)

    reply: ChatReply = ChatReply(id="1", model="m", message=message, finish=Finish(reason="stop"))

    assert (reply.text, reply.reasoning, reply.refusal) == ("ab", "hm", "no")
    assert (reply.tool_calls, reply.citations) == ((call,), (cited,))


@pytest.mark.parametrize(
    "part", [Text(text=""), Reasoning(text=""), Refusal(text=""), Media(kind="audio"), parts.Opaque(kind="x")]
)
def test_a_part_that_does_not_grow_stays_as_it_is(part: parts.Part):
    assert parts.grown(part) == part
