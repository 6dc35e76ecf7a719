"""Clients of the protocol: what they may send, what is refused with its place, and streams they are sent."""

from __future__ import annotations

import msgspec
import pytest

from quorate.errors import InvalidRequest, Unsupported, UpstreamRejected
from quorate.types.chat import ChatRequest, Finish, Message
from quorate.types.events import ReplyEnd, ReplyStart
from quorate.types.parts import Text
from quorate.types.target import Quirks
from quorate.types.usage import Usage
from quorate.wire.seam import Call, Outline

from .making import FRONT, call, target

BODY = {"model": "claude-y", "max_tokens": 5, "messages": [{"role": "user", "content": "Hi"}]}
START = ReplyStart(id="r", model="m")
END = ReplyEnd(finish=Finish(reason="stop"), usage=Usage(input=3, output=5))


def test_an_outline_reads_as_little_as_it_must():
    body = BODY | {"stream": True, "messages": "never looked at"}
    asked = call(body)

    assert FRONT.outline(asked) == Outline(model="claude-y", stream=True, max_output=5, size=len(asked.body))


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"", ""),
        (b"{", ""),
        (b"[]", ""),
        (b"\xff", ""),
        (b"{}", "model"),
        (b'{"model": ""}', "model"),
        (b'{"model": 5}', "model"),
        (b'{"model": "m", "stream": "yes"}', "stream"),
        (b'{"model": "m", "max_tokens": 1.5}', "max_tokens"),
    ],
)
def test_an_outline_of_what_makes_no_sense_is_refused(body, where):
    with pytest.raises(InvalidRequest) as caught:
        FRONT.outline(call(body))

    assert caught.value.where == where


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"model": None}, "model"),
        ({"messages": None}, "messages"),
        ({"messages": "Hi"}, "messages"),
        ({"messages": ["Hi"]}, "messages.0"),
        ({"messages": [{"role": "robot", "content": "Hi"}]}, "messages.0.role"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages.0.content"),
        ({"messages": [{"role": "user", "content": [{"text": "Hi"}]}]}, "messages.0.content.0.type"),
        (
            {"messages": [{"role": "user", "content": [{"type": "text", "text": 5}]}]},
            "messages.0.content.0.text",
        ),
        ({"system": 5}, "system"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": "5"}, "max_tokens"),
        ({"temperature": "warm"}, "temperature"),
        ({"stop_sequences": "END"}, "stop_sequences"),
        ({"metadata": "me"}, "metadata"),
        ({"thinking": True}, "thinking"),
        ({"thinking": {"type": "enabled", "budget_tokens": "all"}}, "thinking.budget_tokens"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused_with_its_place(fields, where):
    with pytest.raises(InvalidRequest) as caught:
        FRONT.read_request(call(BODY | fields))

    assert caught.value.where == where


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b'{"model":' + b"[" * 100_000])
def test_bytes_that_are_no_request_are_refused(body):
    with pytest.raises(InvalidRequest):
        FRONT.read_request(call(body))


def test_a_request_is_read():
    assert FRONT.read_request(call(BODY | {"stream": True})) == ChatRequest(
        model="claude-y", max_output=5, messages=(Message(role="user", parts=(Text(text="Hi"),)),)
    )


def test_a_redirect_changes_the_models_name_and_nothing_else():
    body = b'{"model": "claude-y", "x": 1.50, "stream": true, "messages": [{"role" : "user"}]}'
    asked = Call(
        path="/v1/messages",
        query={"beta": "true"},
        headers={"anthropic-beta": "a,b", "anthropic-version": "2024-01-01", "x-api-key": "theirs"},
        body=body,
    )
    sent_on = FRONT.redirect(asked, target())
    fields = msgspec.json.decode(sent_on.body, type=dict[str, msgspec.Raw])

    assert bytes(fields["model"]) == b'"claude-x"'
    assert bytes(fields["x"]) == b"1.50"
    assert bytes(fields["messages"]) == b'[{"role" : "user"}]'
    assert (sent_on.path, sent_on.query, sent_on.framing) == ("/v1/messages", {"beta": "true"}, "sse")
    assert sent_on.headers == {"anthropic-version": "2024-01-01", "anthropic-beta": "a,b"}


def test_a_redirect_to_a_model_of_the_same_name_keeps_every_byte():
    body = b'{ "model" : "claude-x" }'
    sent_on = FRONT.redirect(call(body), target(Quirks(paths={"chat": "/other"}, query={"k": "v"})))

    assert (sent_on.body, sent_on.path, sent_on.query, sent_on.framing) == (
        body,
        "/other",
        {"k": "v"},
        "json",
    )


CONTINUED = BODY | {"thread": {"type": "continue", "previous_message_id": "msg_1"}}


def test_a_conversation_that_only_the_provider_knows_is_refused():
    """Its client then sends the whole conversation; dropping the field would lose what was said."""
    with pytest.raises(Unsupported) as caught:
        FRONT.read_request(call(CONTINUED))

    told = msgspec.json.decode(FRONT.write_error(caught.value, call(CONTINUED)).body)
    assert told["error"]["details"] == {"error_code": "thread_unsupported_request", "unsupported": ["thread"]}


def test_a_conversation_that_the_provider_keeps_goes_on_to_it_alone():
    keeper = target(quirks=Quirks(threads=True))

    assert msgspec.json.decode(FRONT.redirect(call(CONTINUED), keeper).body)["thread"] == CONTINUED["thread"]
    with pytest.raises(Unsupported):
        FRONT.redirect(call(CONTINUED), target())


def test_what_a_provider_says_of_a_conversation_reaches_the_client():
    error = UpstreamRejected("gone", status=404, upstream_code="thread_not_found")

    told = msgspec.json.decode(FRONT.write_error(error, call(CONTINUED)).body)

    assert told["error"]["details"] == {"error_code": "thread_not_found"}
