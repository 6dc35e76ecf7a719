"""Whole replies, and each of their features."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quorate.errors import UpstreamBroken, UpstreamBusy, UpstreamError, UpstreamRefused
from quorate.types.chat import Finish
from quorate.types.parts import (
    Citation,
    Media,
    Opaque,
    Reasoning,
    Refusal,
    SearchResult,
    Text,
    TokenLogprob,
    ToolCall,
    ToolResult,
)
from quorate.wire.openai_chat import OPENAI_CHAT
from quorate.wire.seam import WireAnswer
from tests.wire.openai_chat.given import call, reply, whole


def again(body: bytes, **ask: Any) -> dict[str, Any]:
    """What a client of ours gets where a provider sent this body."""
    assert OPENAI_CHAT.front is not None
    read = OPENAI_CHAT.codec.read_reply(WireAnswer(body=body))
    return json.loads(OPENAI_CHAT.front.write_reply(read, call(ask)).body)


def test_a_plain_reply():
    read = reply({"content": "hi", "refusal": None, "annotations": []})
    assert (read.id, read.model, read.created) == ("r1", "m1", 5)
    assert read.message.parts == (Text(text="hi"),)
    assert read.finish == Finish(reason="stop", raw="stop")
    assert read.usage.quality == "missing"


def test_a_reply_may_begin_with_whitespace():
    answer = WireAnswer(body=b"\n         \n\n" + whole({"content": "hi"}))
    assert OPENAI_CHAT.codec.read_reply(answer).text == "hi"


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("tool_calls", "tool_calls"),
        ("function_call", "tool_calls"),
        ("content_filter", "blocked"),
        ("eos_token", "stop"),
        ("stop_sequence", "stop"),
        ("model_length", "length"),
        ("error", "error"),
        ("insufficient_system_resource", "error"),
        ("something", "other"),
    ],
)
def test_each_word_for_the_end(word: str, reason: str):
    assert reply({"content": "hi"}, word).finish == Finish(reason=reason, raw=word)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("message", "reason"),
    [({"content": "hi"}, "stop"), ({"tool_calls": [{"id": "c", "function": {"name": "f"}}]}, "tool_calls")],
)
@pytest.mark.parametrize("word", ["", None])
def test_an_end_without_a_word_is_told_by_what_was_said(message: dict, reason: str, word: str | None):
    assert reply(message, word).finish == Finish(reason=reason)  # pyright: ignore[reportArgumentType]


def test_the_stop_text_that_was_met():
    assert reply({"content": "hi"}, choice={"stop_reason": "END"}).finish.stop == "END"


def test_a_refusal_that_says_nothing_else_is_the_reason():
    read = reply({"content": None, "refusal": "no"})
    assert read.message.parts == (Refusal(text="no"),)
    assert read.finish == Finish(reason="refusal", raw="stop")


def test_calls_in_every_shape():
    read = reply(
        {
            "content": "",
            "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}},
                {"id": 0, "type": "function", "function": {"name": "g", "arguments": {"b": 2}}},
                {"id": "", "type": "function", "function": {"name": "h", "arguments": ""}},
                {"id": "c4", "type": "custom", "custom": {"name": "run", "input": "x\n"}},
            ],
        },
        "tool_calls",
    )
    assert read.tool_calls == (
        ToolCall(id="c1", name="f", arguments='{"a": 1}'),
        ToolCall(id="0", name="g", arguments='{"b":2}'),
        ToolCall(id="call_r1_2", name="h", arguments=""),
        ToolCall(
            id="c4", name="run", arguments='{"input":"x\\n"}', vendor={"openai_chat": {"type": "custom"}}
        ),
    )


def test_a_server_may_send_empty_twins_of_fields():
    read = reply(
        {
            "content": "hi",
            "function_call": {"name": "", "arguments": ""},
            "audio": {"id": "", "data": "", "transcript": "", "expires_at": 0},
            "tool_calls": [
                {
                    "id": "c",
                    "type": "function",
                    "function": {"name": "f"},
                    "custom": {"name": "", "input": ""},
                }
            ],
        }
    )
    assert read.message.parts == (Text(text="hi"), ToolCall(id="c", name="f"))


def test_the_older_function_call_comes_back_as_one():
    body = whole({"content": None, "function_call": {"name": "f", "arguments": "{}"}}, "function_call")
    written = again(body)["choices"][0]
    assert written["message"]["function_call"] == {"name": "f", "arguments": "{}"}
    assert written["finish_reason"] == "function_call"


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning", "reasoning_text"])
def test_thoughts_in_each_field(field: str):
    body = whole({"content": "hi", field: "hmm"})
    read = OPENAI_CHAT.codec.read_reply(WireAnswer(body=body))
    assert (read.reasoning, read.text) == ("hmm", "hi")
    assert again(body)["choices"][0]["message"][field] == "hmm"


def test_thoughts_told_twice_are_one():
    message = {
        "content": "hi",
        "reasoning": "hmm",
        "reasoning_content": "hmm",
        "reasoning_details": [{"type": "reasoning.text", "text": "hmm", "signature": "s", "index": 0}],
    }
    assert reply(message).reasoning == "hmm"
    written = again(whole(message))["choices"][0]["message"]
    assert {name: written[name] for name in message} == message


def test_sealed_thoughts():
    details = [{"type": "reasoning.encrypted", "data": "gAAA", "format": "openai-responses-v1", "index": 0}]
    message = {"content": "hi", "reasoning": None, "reasoning_details": details}
    (sealed, _) = reply(message).message.parts
    assert isinstance(sealed, Reasoning)
    assert (sealed.text, sealed.redacted) == ("", True)
    assert again(whole(message))["choices"][0]["message"]["reasoning_details"] == details


def test_thoughts_inside_the_content():
    content = [
        {
            "type": "thinking",
            "thinking": [{"type": "text", "text": "hm"}, {"type": "text", "text": "m"}],
            "closed": True,
        },
        {"type": "text", "text": "hi"},
        {"type": "reference", "reference_ids": [1]},
    ]
    read = reply({"content": content})
    assert (read.reasoning, read.text) == ("hmm", "hi")
    assert read.message.parts[2] == Opaque(kind="reference", vendor={"openai_chat": content[2]})
    written = again(whole({"content": content}))["choices"][0]["message"]["content"]
    assert written == [
        {"type": "thinking", "thinking": [{"type": "text", "text": "hmm"}], "closed": True},
        *content[1:],
    ]


def test_sources_follow_the_text():
    note = {"url": "https://a.example", "title": "A", "start_index": 0, "end_index": 2, "content": "said"}
    message = {"content": "hi", "annotations": [{"type": "url_citation", "url_citation": note}]}
    assert reply(message).message.parts == (
        Text(text="hi"),
        Citation(url="https://a.example", title="A", quote="said", start=0, end=2),
    )
    assert again(whole(message))["choices"][0]["message"]["annotations"] == message["annotations"]


def test_sources_beside_the_choices():
    result = {"title": "A", "url": "https://a.example", "date": "2026-01-01", "snippet": "s", "source": "web"}
    body = whole({"content": "hi[1]"}, citations=["https://a.example"], search_results=[result])
    read = OPENAI_CHAT.codec.read_reply(WireAnswer(body=body))
    assert [each.url for each in read.citations] == ["https://a.example"]
    found = read.message.parts[2]
    assert isinstance(found, SearchResult)
    assert (found.title, found.text, found.published) == ("A", "s", "2026-01-01")
    written = again(body)
    assert (written["citations"], written["search_results"]) == (["https://a.example"], [result])
    assert "annotations" not in written["choices"][0]["message"]


def test_an_unknown_annotation_comes_back():
    annotation = {"type": "file", "file": {"hash": "h"}}
    body = whole({"content": "hi", "annotations": [annotation]})
    assert again(body)["choices"][0]["message"]["annotations"] == [annotation]


def test_tools_that_the_provider_ran():
    entry = {"index": 0, "type": "python", "arguments": '{"code":"1"}', "output": "1"}
    body = whole({"content": "hi", "executed_tools": [entry]})
    ran, gave, _ = OPENAI_CHAT.codec.read_reply(WireAnswer(body=body)).message.parts
    assert isinstance(ran, ToolCall)
    assert (ran.name, ran.hosted) == ("python", True)
    assert gave == ToolResult(call_id=ran.id, name="python", content=(Text(text="1"),), hosted=True)
    assert again(body)["choices"][0]["message"]["executed_tools"] == [entry]


def test_a_spoken_answer():
    sound = {"id": "a1", "data": "YWJj", "transcript": "hello", "expires_at": 9}
    body = whole({"content": None, "audio": sound})
    (spoken,) = OPENAI_CHAT.codec.read_reply(WireAnswer(body=body)).message.parts
    assert isinstance(spoken, Media)
    assert (spoken.file_id, spoken.data, spoken.transcript) == ("a1", b"abc", "hello")
    assert again(body)["choices"][0]["message"]["audio"] == sound


def test_a_drawn_answer():
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,YWJj"}, "index": 0}
    body = whole({"content": "here", "images": [image]})
    drawn = OPENAI_CHAT.codec.read_reply(WireAnswer(body=body)).message.parts[1]
    assert isinstance(drawn, Media)
    assert (drawn.media_type, drawn.data) == ("image/png", b"abc")
    assert again(body)["choices"][0]["message"]["images"] == [image]


def test_logprobs_stand_on_the_text():
    token = {"token": "hé", "logprob": -0.5, "bytes": [104, 195, 169], "top_logprobs": []}
    half = {
        "token": "\\xc3",
        "logprob": -1.0,
        "bytes": [195],
        "top_logprobs": [{"token": "a", "logprob": -2.0, "bytes": [97]}],
    }
    body = whole({"content": "hé"}, choice={"logprobs": {"content": [token, half], "refusal": None}})
    (text,) = OPENAI_CHAT.codec.read_reply(WireAnswer(body=body)).message.parts
    assert isinstance(text, Text)
    assert text.logprobs[0] == TokenLogprob(token="hé", logprob=-0.5)
    assert text.logprobs[1].top == (TokenLogprob(token="a", logprob=-2.0),)
    assert again(body)["choices"][0]["logprobs"]["content"] == [token, half]


def test_logprobs_of_calls_and_in_other_shapes_come_back():
    logprobs = {
        "content": [{"token": "f", "logprob": -1.0, "bytes": [102], "top_logprobs": []}],
        "tokens": ["f"],
        "refusal": None,
    }
    called = {
        "content": None,
        "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": ""}}],
    }
    body = whole(called, "tool_calls", choice={"logprobs": logprobs})
    written = again(body)["choices"][0]["logprobs"]
    assert {name: written.get(name) for name in logprobs} == logprobs


def test_several_answers():
    choices = [
        {"index": number, "message": {"role": "assistant", "content": word}, "finish_reason": finish}
        for number, (word, finish) in enumerate([("a", "stop"), ("b", "length")])
    ]
    body = json.dumps({"id": "r", "model": "m", "choices": choices}).encode()
    read = OPENAI_CHAT.codec.read_reply(WireAnswer(body=body))
    assert (read.text, [each.message.text for each in read.alternatives]) == ("a", ["b"])
    assert read.alternatives[0].finish.reason == "length"
    assert [each["message"]["content"] for each in again(body)["choices"]] == ["a", "b"]


def test_unknown_fields_of_every_level_survive():
    body = whole(
        {"content": "hi", "padding": "abc"},
        choice={"native_finish_reason": "end_turn", "seed": 2**63 - 1},
        provider="Upstream",
        system_fingerprint=None,
        timings={"ms": 1.5},
    )
    written = again(body)
    assert written["choices"][0]["message"]["padding"] == "abc"
    assert written["choices"][0]["seed"] == 2**63 - 1
    assert written["choices"][0]["native_finish_reason"] == "end_turn"
    assert (written["provider"], written["timings"], written["system_fingerprint"]) == (
        "Upstream",
        {"ms": 1.5},
        None,
    )


def test_what_must_go_back_stands_on_the_message():
    assert reply({"content": "hi", "state": "s"}).message.vendor == {"openai_chat": {"state": "s"}}


@pytest.mark.parametrize(
    "body", [b"", b"<html>busy</html>", b"[]", b"{}", b'{"choices": 5}', b"{", b"\xff\xfe", b"[" * 5000]
)
def test_bytes_that_make_no_sense_are_an_error(body: bytes):
    with pytest.raises(UpstreamBroken):
        OPENAI_CHAT.codec.read_reply(WireAnswer(body=body))


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        ({"error": {"message": "slow down", "code": 429}}, UpstreamBusy, "slow down"),
        ({"error": {"message": "no", "code": "content_filter", "status": 400}}, UpstreamRefused, "no"),
        ({"choices": [{"error": {"code": 502, "message": "gone"}, "message": {}}]}, UpstreamBroken, "gone"),
    ],
)
def test_an_error_inside_a_success(body: dict, kind: type[UpstreamError], words: str):
    with pytest.raises(kind, match=words):
        OPENAI_CHAT.codec.read_reply(WireAnswer(body=json.dumps(body).encode()))


def test_parts_of_wrong_types_are_passed_over():
    read = reply({"content": 5, "tool_calls": ["x", 3], "reasoning": {"a": 1}, "annotations": "no"})
    assert read.message.parts == ()
