"""Clients that call us: what is read, what is refused, what is passed on as it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quorate.errors import InvalidRequest, UpstreamBroken
from quorate.types.chat import Finish, Message
from quorate.types.events import Event, PartDelta, PartEnd, PartStart, ReplyEnd, ReplyStart
from quorate.types.parts import Citation, Reasoning, Text, ToolCall, ToolResult
from quorate.types.target import Quirks
from quorate.types.usage import Usage
from quorate.types.value import replace
from quorate.wire.openai_chat.front import ChatFront
from quorate.wire.seam import Call
from tests.wire.laws import events_of
from tests.wire.openai_chat.given import DONE, call, events, piece, read, reply, sent, target

FRONT = ChatFront()


def streamed(told: list[Event], **ask: Any) -> list[Any]:
    """The pieces that a client gets."""
    writer = FRONT.stream_writer(call(ask))
    return sent(b"".join(writer.write(event) for event in told) + writer.close())


def raw(body: bytes) -> Call:
    return Call(path="/v1/chat/completions", body=body)


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"model": None}, "model"),
        ({"model": 5}, "model"),
        ({"messages": None}, "messages"),
        ({"messages": []}, "messages"),
        ({"messages": "hi"}, "messages"),
        ({"messages": ["hi"]}, "messages.0"),
        ({"messages": [{"content": "hi"}]}, "messages.0.role"),
        ({"messages": [{"role": "poet"}]}, "messages.0.role"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages.0.content"),
        ({"messages": [{"role": "user", "content": [5]}]}, "messages.0.content.0"),
        ({"messages": [{"role": "user", "content": [{"text": "a"}]}]}, "messages.0.content.0.type"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]},
            "messages.0.content.0.image_url",
        ),
        ({"messages": [{"role": "assistant", "tool_calls": [1]}]}, "messages.0.tool_calls.0"),
        ({"temperature": "hot"}, "temperature"),
        ({"temperature": True}, "temperature"),
        ({"max_tokens": 1.5}, "max_tokens"),
        ({"n": [1]}, "n"),
        ({"stop": [1]}, "stop"),
        ({"stream": "yes"}, "stream"),
        ({"tools": [{"type": "function"}]}, "tools.0.function"),
        ({"tools": [{"type": "function", "function": {"description": "x"}}]}, "tools.0.function.name"),
        ({"tool_choice": 5}, "tool_choice"),
        ({"tool_choice": {"type": "function", "function": {}}}, "tool_choice.function.name"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema"),
        ({"stream_options": 5}, "stream_options"),
    ],
)
def test_a_malformed_request_says_where(fields: dict[str, Any], where: str):
    with pytest.raises(InvalidRequest) as raised:
        FRONT.read_request(call(fields))
    assert raised.value.where == where


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"5", b"\xff", b"[" * 9000, b'{"a":' * 3000])
def test_bytes_that_are_no_request_are_refused(body: bytes):
    with pytest.raises(InvalidRequest):
        FRONT.read_request(raw(body))
    with pytest.raises(InvalidRequest):
        FRONT.outline(raw(body))


def test_the_outline_of_a_call():
    asked = call(stream=True, max_completion_tokens=9, max_tokens=5)
    outline = FRONT.outline(asked)
    assert (outline.model, outline.stream, outline.max_output, outline.size) == (
        "any",
        True,
        9,
        len(asked.body),
    )


@pytest.mark.parametrize(("fields", "where"), [({"model": 5}, "model"), ({"stream": 1}, "stream")])
def test_an_outline_that_makes_no_sense_says_where(fields: dict[str, Any], where: str):
    with pytest.raises(InvalidRequest) as raised:
        FRONT.outline(call(fields))
    assert raised.value.where == where


def test_an_outline_minds_only_what_it_reads():
    assert FRONT.outline(call(tools="odd", functions=5)).model == "any"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'{"model":"a","messages":[]}', b'{"model":"b\\"c/d","messages":[]}'),
        (
            b'{ "messages" : [ {"model": "a"} ] ,\n "model" : "a" , "x":1.50 }',
            b'{ "messages" : [ {"model": "a"} ] ,\n "model" : "b\\"c/d" , "x":1.50 }',
        ),
        (
            b'{"x":"\\"model\\":\\"a\\"","model":"\\u0061\\"z"}',
            b'{"x":"\\"model\\":\\"a\\"","model":"b\\"c/d"}',
        ),
    ],
)
def test_a_redirected_call_keeps_its_bytes_but_for_the_model(before: bytes, after: bytes):
    redirected = FRONT.redirect(raw(before), target(model='b"c/d'))
    assert redirected.body == after
    assert redirected.path == "/chat/completions"


def test_a_redirected_call_finds_its_model_behind_many_others():
    body = json.dumps({"messages": [{"model": str(n)} for n in range(40)], "model": "a"}).encode()
    redirected = json.loads(FRONT.redirect(raw(body), target(model="b")).body)
    assert redirected == json.loads(body) | {"model": "b"}


def test_a_redirected_call_goes_where_the_target_wants_it():
    quirks = Quirks(paths={"chat": "/d/{model}/chat"}, query={"v": "1"}, headers={"h": "x"})
    asked = replace(call(stream=True), query={"q": "2"})
    redirected = FRONT.redirect(asked, target(quirks, model="a/b"))
    assert (redirected.path, redirected.query, redirected.framing) == (
        "/d/a%2Fb/chat",
        {"q": "2", "v": "1"},
        "sse",
    )
    assert redirected.headers == {"h": "x"}


def test_roles_of_old_are_read():
    request = read(
        messages=[
            {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
            {"role": "function", "name": "f", "content": "7"},
        ]
    )
    called = ToolCall(id="call_0_0", name="f", arguments="{}")
    assert request.messages == (
        Message(role="assistant", parts=(called,)),
        Message(role="tool", parts=(ToolResult(call_id="call_0_0", name="f", content=(Text(text="7"),)),)),
    )


def test_a_client_of_old_gets_its_function_call():
    answer = reply({"tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{}"}}]}, "tool_calls")
    ask = {"functions": [{"name": "f"}]}
    whole = json.loads(FRONT.write_reply(answer, call(ask)).body)["choices"][0]
    assert (whole["message"]["function_call"]["name"], whole["finish_reason"]) == ("f", "function_call")
    pieces = [each["choices"][0] for each in streamed(events_of(answer), **ask)]
    assert [each["delta"].get("function_call") for each in pieces[1:3]] == [
        {"name": "f", "arguments": ""},
        {"arguments": "{}"},
    ]
    assert pieces[-1]["finish_reason"] == "function_call"


def test_a_client_that_offered_a_free_text_tool_gets_free_text():
    answer = reply(
        {"tool_calls": [{"id": "c", "function": {"name": "run", "arguments": '{"input":"a\\n"}'}}]}
    )
    ask = {"tools": [{"type": "custom", "custom": {"name": "run"}}]}
    (whole,) = json.loads(FRONT.write_reply(answer, call(ask)).body)["choices"][0]["message"]["tool_calls"]
    assert whole == {"id": "c", "type": "custom", "custom": {"name": "run", "input": "a\n"}}
    calls = [each["choices"][0]["delta"].get("tool_calls") for each in streamed(events_of(answer), **ask)]
    assert [each for each in calls if each] == [
        [{"index": 0, "id": "c", "type": "custom", "custom": {"name": "run", "input": ""}}],
        [{"index": 0, "custom": {"input": "a\n"}}],
    ]


TEXT: list[Event] = [
    ReplyStart(id="r", model="m", created=5),
    PartStart(index=0, part=Text(text="")),
    PartDelta(index=0, text="hi"),
    PartEnd(index=0, part=Text(text="hi")),
    ReplyEnd(finish=Finish(reason="stop", raw="end_turn"), usage=Usage(input=1, output=2)),
]


def test_a_stream_begins_with_the_role_and_ends_with_the_reason():
    role, words, end = streamed(TEXT)
    base = {"id": "r", "object": "chat.completion.chunk", "created": 5, "model": "m"}
    quiet = {"index": 0, "logprobs": None, "finish_reason": None}
    assert role == base | {"choices": [quiet | {"delta": {"role": "assistant", "content": ""}}]}
    assert words == base | {"choices": [quiet | {"delta": {"content": "hi"}}]}
    assert end == base | {"choices": [quiet | {"delta": {}, "finish_reason": "end_turn"}]}


def test_usage_comes_only_where_it_was_asked_for():
    assert "usage" not in streamed(TEXT)[-1]
    *pieces, last = streamed(TEXT, stream_options={"include_usage": True})
    assert last["choices"] == []
    assert last["usage"]["total_tokens"] == 3
    assert [each["usage"] for each in pieces] == [None, None, None]


def test_a_stream_ends_with_its_mark():
    writer = FRONT.stream_writer(call())
    assert writer.content_type == "text/event-stream"
    assert writer.close() == DONE


def test_a_failure_in_the_middle_is_an_error_event():
    writer = FRONT.stream_writer(call())
    (told,) = sent(writer.fail(UpstreamBroken("gone")))
    assert told["error"]["message"] == "gone"


def test_parts_that_come_whole_are_written_whole():
    parts = [Reasoning(text="hmm"), Text(text="hi"), Citation(url="https://a.example", title="A")]
    told: list[Event] = [ReplyStart(id="r", model="m")]
    for index, part in enumerate(parts):
        told += [PartStart(index=index, part=part), PartEnd(index=index, part=part)]
    deltas = [each["choices"][0]["delta"] for each in streamed([*told, TEXT[-1]])]
    assert deltas[1:3] == [{"reasoning_content": "hmm"}, {"content": "hi"}]
    assert deltas[3]["annotations"][0]["url_citation"]["url"] == "https://a.example"


def test_several_answers_each_begin_with_a_role():
    told = events(piece({"content": "a"}), piece({"content": "x"}, choice={"index": 1}), DONE)
    roles = [
        each["choices"][0]["index"] for each in streamed(list(told)) if "role" in each["choices"][0]["delta"]
    ]
    assert roles == [0, 1]


def test_a_delta_of_a_part_that_never_began_is_passed_over():
    assert FRONT.stream_writer(call()).write(PartDelta(index=9, text="x")) == b""


def test_what_was_streamed_to_us_streams_on_equal():
    """Everything a provider's stream tells comes to our client, leftovers included."""
    details = [{"type": "reasoning.text", "text": "hm", "index": 0, "signature": "s"}]
    first = events(
        piece({"role": "assistant", "content": ""}, provider="P", meta={"a": 1}),
        piece({"reasoning": "hm", "reasoning_details": details}),
        piece({"content": "hi", "state": "x"}),
        piece(
            {
                "tool_calls": [
                    {"index": 0, "id": "c", "function": {"name": "f", "arguments": "{}"}, "extra": {"s": 1}}
                ]
            }
        ),
        piece({}, "tool_calls", choice={"native_finish_reason": "tool_use"}, citations=["https://a.example"]),
        piece(None, usage={"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2, "odd": 1}),
        DONE,
    )
    writer = FRONT.stream_writer(call(stream_options={"include_usage": True}))
    stream = b"".join(writer.write(event) for event in first) + writer.close()
    assert events(stream) == first
