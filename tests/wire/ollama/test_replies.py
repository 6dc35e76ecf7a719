"""What is read of an Ollama server's answers, whole and streamed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quorate.errors import (
    KeyInvalid,
    ModelUnavailable,
    TooLong,
    UpstreamBroken,
    UpstreamBusy,
    UpstreamError,
    UpstreamRejected,
)
from quorate.types.chat import Finish, FinishReason
from quorate.types.events import assemble
from quorate.types.parts import Reasoning, Text, ToolCall
from quorate.types.usage import MISSING
from quorate.wire.ollama import OLLAMA
from quorate.wire.seam import Frame, WireAnswer
from tests.wire.laws import read_stream

MOMENT = "2026-03-01T10:00:00.123456789Z"


def reply(message: dict[str, Any], **fields: Any) -> WireAnswer:
    whole = {"model": "qwen3", "created_at": MOMENT, "message": {"role": "assistant"} | message, "done": True}
    return WireAnswer(body=json.dumps(whole | fields).encode())


def lines(*objects: dict[str, Any]) -> bytes:
    return b"".join(
        json.dumps({"model": "qwen3", "created_at": MOMENT} | each).encode() + b"\n" for each in objects
    )


def said(**message: Any) -> dict[str, Any]:
    return {"message": {"role": "assistant", "content": ""} | message, "done": False}


END = said() | {"done": True, "done_reason": "stop", "prompt_eval_count": 5, "eval_count": 7}


def test_an_answer_has_its_words_its_end_and_its_counts():
    got = OLLAMA.codec.read_reply(
        reply({"content": "Lima."}, done_reason="stop", prompt_eval_count=11, eval_count=3, total_duration=99)
    )

    assert (got.text, got.model, got.created) == ("Lima.", "qwen3", 1772359200)
    assert got.finish == Finish(reason="stop", raw="stop")
    assert (got.usage.input, got.usage.output, got.usage.quality) == (11, 3, "exact")
    assert got.usage.vendor["ollama"]["total_duration"] == 99
    assert got.vendor["ollama"]["created_at"] == MOMENT


def test_a_prompt_that_came_from_the_cache_leaves_the_counts_incomplete():
    got = OLLAMA.codec.read_reply(reply({"content": "x"}, done_reason="stop", eval_count=3))

    assert (got.usage.output, got.usage.quality) == (3, "missing")


def test_a_count_of_no_tokens_written_is_left_out_by_the_server():
    got = OLLAMA.codec.read_reply(reply({"content": ""}, done_reason="stop", prompt_eval_count=4))

    assert (got.usage.input, got.usage.output, got.usage.quality) == (4, 0, "exact")


def test_an_answer_without_counts_has_no_usage():
    assert OLLAMA.codec.read_reply(reply({"content": "x"})).usage == MISSING


def test_calls_stop_the_answer_though_the_server_says_stop():
    calls = [
        {"function": {"name": "add", "arguments": {"x": 1}}},
        {"id": "call_9", "function": {"index": 1, "name": "add", "arguments": {"x": 2}}},
    ]

    got = OLLAMA.codec.read_reply(reply({"content": "", "tool_calls": calls}, done_reason="stop"))

    assert got.finish == Finish(reason="tool_calls", raw="stop")
    assert [(call.name, json.loads(call.arguments)) for call in got.tool_calls] == [
        ("add", {"x": 1}),
        ("add", {"x": 2}),
    ]
    assert got.tool_calls[1].id == "call_9"
    assert got.tool_calls[1].vendor == {"ollama": {"function": {"index": 1}}}


def test_a_call_without_an_id_gets_one_that_stays_and_is_its_own():
    calls = [{"function": {"name": "add", "arguments": {}}}] * 2

    first = OLLAMA.codec.read_reply(reply({"tool_calls": calls}))
    again = OLLAMA.codec.read_reply(reply({"tool_calls": calls}))
    later = OLLAMA.codec.read_reply(reply({"tool_calls": calls}, created_at="2026-03-01T10:00:01Z"))

    assert first.tool_calls == again.tool_calls
    assert len({call.id for call in (*first.tool_calls, *later.tool_calls)}) == 4


@pytest.mark.parametrize("arguments", ['"{\\"x\\": 1}"', '{"x": 1}'], ids=["in a string", "an object"])
def test_arguments_come_as_an_object_or_as_its_text(arguments: str):
    call = f'{{"function":{{"name":"f","arguments":{arguments}}}}}'
    body = f'{{"message":{{"tool_calls":[{call}]}},"done":true}}'

    got = OLLAMA.codec.read_reply(WireAnswer(body=body.encode()))

    assert got.tool_calls[0].arguments == '{"x": 1}'


def test_thoughts_are_told_apart():
    got = OLLAMA.codec.read_reply(reply({"thinking": "Hm.", "content": "Yes"}))

    assert got.message.parts == (Reasoning(text="Hm."), Text(text="Yes"))


def test_generate_answers_are_read_with_their_context():
    body = {
        "model": "m",
        "created_at": MOMENT,
        "response": "Hi",
        "thinking": "T",
        "done": True,
        "context": [1, 2],
    }

    got = OLLAMA.codec.read_reply(WireAnswer(body=json.dumps(body).encode()))

    assert (got.text, got.reasoning) == ("Hi", "T")
    assert got.vendor["ollama"]["context"] == [1, 2]


@pytest.mark.parametrize(
    ("word", "reason"), [("length", "length"), ("load", "other"), ("unload", "other"), ("new_word", "other")]
)
def test_every_done_reason_has_a_meaning(word: str, reason: FinishReason):
    assert OLLAMA.codec.read_reply(reply({"content": "x"}, done_reason=word)).finish == Finish(
        reason=reason, raw=word
    )


def test_a_stream_tells_thoughts_words_and_calls_in_order():
    stream = lines(
        said(thinking="Let me"),
        said(thinking=" look"),
        said(content="One "),
        said(content="moment"),
        said(tool_calls=[{"function": {"name": "weather", "arguments": {"city": "Lima"}}}]),
        said(tool_calls=[{"function": {"index": 1, "name": "time", "arguments": {}}}]),
        END,
    )

    got = assemble(read_stream(OLLAMA, [stream], "ndjson"))

    assert got.message.parts[:2] == (Reasoning(text="Let me look"), Text(text="One moment"))
    assert [part.name for part in got.message.parts[2:] if isinstance(part, ToolCall)] == ["weather", "time"]
    assert got.finish == Finish(reason="tool_calls", raw="stop")
    assert (got.usage.input, got.usage.output) == (5, 7)


def test_a_stream_of_generate_keeps_the_context_of_its_last_line():
    stream = lines(
        {"response": "Hel", "done": False},
        {"response": "lo", "done": False},
        {"response": "", "done": True, "context": [1], "eval_count": 2, "prompt_eval_count": 1},
    )

    got = assemble(read_stream(OLLAMA, [stream], "ndjson"))

    assert (got.text, got.vendor["ollama"]["context"], got.finish.reason) == ("Hello", [1], "stop")


def test_lines_after_the_end_do_no_harm():
    stream = lines(said(content="x"), END) + b'{"error":"late"}\nnot even JSON\n'

    assert assemble(read_stream(OLLAMA, [stream], "ndjson")).text == "x"


def test_a_stream_without_its_last_line_is_broken():
    with pytest.raises(UpstreamBroken, match="stopped before"):
        read_stream(OLLAMA, [lines(said(content="x"))], "ndjson")


def test_an_error_inside_a_stream_is_raised_in_the_servers_words():
    stream = lines(said(content="x")) + b'{"error":"an error was encountered while running the model"}\n'

    with pytest.raises(UpstreamBroken, match="while running the model"):
        read_stream(OLLAMA, [stream], "ndjson")


def test_a_stream_can_tell_of_an_error_with_its_status():
    reader = OLLAMA.codec.stream_reader()

    with pytest.raises(UpstreamBusy, match="slow down"):
        reader.read(Frame(data=b'{"error":"slow down","status_code":429}'))


@pytest.mark.parametrize(
    "garbage",
    [b"<html>busy</html>", b"\xff\xfe", b"[]", b'{"message":3}', b'{"done":"yes"}', b"null", b'"x"'],
)
def test_garbage_is_a_broken_upstream(garbage: bytes):
    with pytest.raises(UpstreamBroken):
        OLLAMA.codec.read_reply(WireAnswer(body=garbage))
    with pytest.raises(UpstreamBroken):
        OLLAMA.codec.stream_reader().read(Frame(data=garbage))


@pytest.mark.parametrize("body", [b"", b"{}", b'{"message":{"content":"half"},"done":false}'])
def test_half_an_answer_is_not_called_whole(body: bytes):
    with pytest.raises(UpstreamBroken):
        OLLAMA.codec.read_reply(WireAnswer(body=body))


def test_an_error_inside_a_200_is_raised():
    with pytest.raises(UpstreamBroken, match="llama runner"):
        OLLAMA.codec.read_reply(WireAnswer(body=b'{"error":"llama runner process has terminated"}'))


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (404, '{"error":"model \'x\' not found"}', ModelUnavailable, "model 'x' not found"),
        (400, '{"error":"\\"x\\" does not support tools"}', UpstreamRejected, "does not support tools"),
        (400, '{"error":"the input length exceeds the context length"}', TooLong, "context length"),
        (401, '{"error":"unauthorized","signin_url":"https://example.com"}', KeyInvalid, "unauthorized"),
        (429, '{"error":"you have reached your hourly usage limit"}', UpstreamBusy, "hourly usage limit"),
        (500, '{"error":"model requires more system memory"}', UpstreamBroken, "system memory"),
        (503, '{"error":"server busy, please try again."}', UpstreamBusy, "server busy"),
        (
            400,
            '{"error":{"message":"prompt too long; exceeded max context length by 5","type":"invalid_request_error"}}',
            TooLong,
            "prompt too long",
        ),
        (502, "<html>Bad Gateway</html>", UpstreamBroken, "Bad Gateway"),
        (500, "", UpstreamBroken, "HTTP 500"),
        (500, '{"error":null}', UpstreamBroken, "error"),
        (500, "[1]", UpstreamBroken, "1"),
    ],
)
def test_refusals_keep_their_words(status: int, body: str, kind: type[UpstreamError], words: str):
    error = OLLAMA.codec.read_error(
        WireAnswer(status=status, body=body.encode(), headers={"retry-after": "3"})
    )

    assert type(error) is kind
    assert words in str(error)
    assert (error.status, error.retry_after) == (status, 3.0)
