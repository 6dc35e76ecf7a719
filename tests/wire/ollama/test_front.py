"""What a client of Ollama gets from us."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quorate.errors import InvalidRequest, NoAnswer, RateLimited, UpstreamBroken
from quorate.types.chat import Finish, Message, OutputFormat, Thinking
from quorate.types.events import PartDelta, PartEnd, PartStart, ReplyEnd, ReplyStart
from quorate.types.parts import Media, Reasoning, Refusal, Text, ToolCall, ToolResult
from quorate.types.target import Quirks, Target
from quorate.types.usage import Usage
from quorate.wire.ollama import OLLAMA
from quorate.wire.ollama.front import OllamaFront
from quorate.wire.seam import Call, WireAnswer

TARGET = Target(provider="local", model="qwen3:4b", wire="ollama", base_url="http://localhost:11434")
FRONT = OllamaFront()


def call(fields: Any, path: str = "/api/chat") -> Call:
    return Call(path=path, body=fields if isinstance(fields, bytes) else json.dumps(fields).encode())


def test_a_client_that_says_nothing_wants_a_stream():
    silent = FRONT.outline(call({"model": "m", "messages": []}))
    whole = FRONT.outline(call({"model": "m", "stream": False, "options": {"num_predict": 9}}))

    assert (silent.stream, whole.stream) == (True, False)
    assert (silent.max_output, whole.max_output) == (None, 9)


def test_every_field_survives_the_way_to_another_ollama():
    asked = {
        "model": "m",
        "stream": False,
        "messages": [
            {"role": "system", "content": "s", "x_a": 1},
            {"role": "user", "content": "u", "x_b": {"c": [1.5]}},
            {
                "role": "assistant",
                "content": "",
                "tool_calls": [
                    {
                        "id": "i",
                        "type": "function",
                        "function": {"name": "f", "arguments": {"n": 1}, "index": 0},
                    }
                ],
            },
            {"role": "tool", "content": "r", "tool_name": "f", "tool_call_id": "i", "x_d": None},
        ],
        "tools": [
            {
                "type": "function",
                "x_e": True,
                "function": {"name": "f", "description": "d", "parameters": {"type": "object"}, "x_f": 2},
            }
        ],
        "format": {"type": "object"},
        "think": "low",
        "options": {"num_ctx": 4096, "temperature": 0.5, "num_predict": -1},
        "keep_alive": -1,
        "x_g": "kept",
    }

    request = FRONT.read_request(call(asked))
    sent = OLLAMA.codec.write_request(request, TARGET, stream=False)

    assert json.loads(sent.body) == asked | {"model": "qwen3:4b"}
    assert sent.fidelity == ()


def test_every_field_of_an_answer_survives_the_way_to_the_client():
    body = {
        "model": "m",
        "remote_model": "big",
        "created_at": "2026-03-01T10:00:00.123456789Z",
        "message": {
            "role": "assistant",
            "content": "c",
            "thinking": "t",
            "tool_calls": [{"id": "i", "function": {"index": 0, "name": "f", "arguments": {"n": 1}}}],
            "x_a": 1,
        },
        "done": True,
        "done_reason": "stop",
        "total_duration": 10,
        "prompt_eval_count": 1,
        "eval_count": 2,
        "x_count": 3,
        "logprobs": [{"token": "c", "logprob": -0.5, "bytes": [99]}],
    }
    asked = call({"model": "m"})

    answer = FRONT.write_reply(OLLAMA.codec.read_reply(WireAnswer(body=json.dumps(body).encode())), asked)

    assert json.loads(answer.body) == body


def test_results_without_ids_find_their_calls():
    asked = {
        "model": "m",
        "messages": [
            {"role": "user", "content": "go"},
            {
                "role": "assistant",
                "tool_calls": [
                    {"function": {"name": "a", "arguments": {}}},
                    {"function": {"name": "b", "arguments": {}}},
                    {"function": {"name": "a", "arguments": {"n": 2}}},
                ],
            },
            {"role": "tool", "content": "of b", "tool_name": "b"},
            {"role": "tool", "content": "of a", "tool_name": "a"},
            {"role": "tool", "content": "the last"},
        ],
    }

    _, calls, results = FRONT.read_request(call(asked)).messages

    ids = [part.id for part in calls.parts if isinstance(part, ToolCall)]
    answered = [(part.call_id, part.name) for part in results.parts if isinstance(part, ToolResult)]
    assert answered == [(ids[1], "b"), (ids[0], "a"), (ids[2], "a")]
    assert len(set(ids)) == 3


def test_generate_is_a_system_text_and_a_question():
    asked = {
        "model": "m",
        "prompt": "Describe",
        "system": "Brief.",
        "images": ["iVBORw0KGgo="],
        "format": "json",
        "think": True,
        "template": "{{ .Prompt }}",
    }

    request = FRONT.read_request(call(asked, "/api/generate"))

    assert request.messages == (
        Message(role="system", parts=(Text(text="Brief."),)),
        Message(
            role="user",
            parts=(
                Text(text="Describe"),
                Media(kind="image", media_type="image/png", data=b"\x89PNG\r\n\x1a\n"),
            ),
        ),
    )
    assert (request.output, request.thinking) == (OutputFormat(kind="json"), Thinking(enabled=True))
    assert request.vendor == {"ollama": {"template": "{{ .Prompt }}"}}


def test_a_picture_in_a_data_url_is_taken():
    asked = {"model": "m", "messages": [{"role": "user", "images": ["data:image/gif;base64,R0lGODlh"]}]}

    (message,) = FRONT.read_request(call(asked)).messages

    assert message.parts == (Media(kind="image", media_type="image/gif", data=b"GIF89a"),)


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"", ""),
        (b"{", ""),
        (b"\xff\xfe", ""),
        (b"[]", ""),
        ({}, "model"),
        ({"model": 3}, "model"),
        ({"model": "m", "messages": {}}, "messages"),
        ({"model": "m", "messages": [{"role": "user", "content": 5}]}, "messages.0.content"),
        ({"model": "m", "messages": [{"role": "judge", "content": ""}]}, "messages.0.role"),
        ({"model": "m", "messages": [{"role": "user", "images": ["?"]}]}, "messages.0.images.0"),
        ({"model": "m", "messages": [{"role": "assistant", "tool_calls": [{}]}]}, "messages.0.tool_calls.0"),
        ({"model": "m", "options": {"temperature": "hot"}}, "options.temperature"),
        ({"model": "m", "format": "xml"}, "format"),
        ({"model": "m", "tools": ["f"]}, "tools.0"),
    ],
)
def test_nonsense_is_an_invalid_request_with_its_place(body: Any, where: str):
    with pytest.raises(InvalidRequest) as caught:
        FRONT.read_request(call(body))

    # Paths of list elements are told as far as the decoder knows them.
    assert caught.value.where.replace("...", "0") == where


def test_redirect_changes_the_model_and_nothing_else():
    body = b'{"model": "alias", "messages":[{"role":"user","content":"\\u00e9 1.50"}], "x": 1.50}'

    sent = FRONT.redirect(call(body), TARGET)

    assert sent.body == b'{"model":"qwen3:4b","messages":[{"role":"user","content":"\\u00e9 1.50"}],"x":1.50}'
    assert (sent.path, sent.framing) == ("/api/chat", "ndjson")


def test_redirect_leaves_bytes_with_the_right_model_alone():
    body = b'{ "stream" : false , "model" : "qwen3:4b" }'

    sent = FRONT.redirect(call(body, "/api/generate"), TARGET)

    assert (sent.body, sent.path, sent.framing) == (body, "/api/generate", "json")


def test_redirect_follows_the_targets_path():
    target = Target(
        provider="p", model="m", wire="ollama", base_url="", quirks=Quirks(paths={"chat": "/v2/{model}/chat"})
    )

    assert FRONT.redirect(call({"model": "m"}), target).path == "/v2/m/chat"


def test_an_error_has_its_status_and_its_wait():
    answer = FRONT.write_error(RateLimited("too many calls", retry_after=2.2), call({"model": "m"}))

    assert (answer.status, answer.headers["retry-after"]) == (429, "3")
    assert json.loads(answer.body) == {"error": "too many calls"}
    assert FRONT.write_error(NoAnswer("nobody"), call({})).status == 502


def test_a_stream_is_lines_that_end_with_done():
    writer = FRONT.stream_writer(call({"model": "asked"}))
    events = [
        ReplyStart(id="r", model="real", created=1772359200),
        PartStart(index=0, part=Reasoning()),
        PartDelta(index=0, text="Hm"),
        PartEnd(index=0, part=Reasoning(text="Hm")),
        PartStart(index=1, part=Text(text="")),
        PartDelta(index=1, text="Hi"),
        PartStart(index=2, part=ToolCall(id="c", name="f")),
        PartDelta(index=2, text='{"n":\n 1}'),
        PartEnd(index=1, part=Text(text="Hi")),
        PartEnd(index=2, part=ToolCall(id="c", name="f", arguments='{"n":\n 1}')),
        ReplyEnd(finish=Finish(reason="tool_calls"), usage=Usage(input=3, output=4)),
    ]

    told = b"".join([writer.write(event) for event in events]) + writer.close()

    head = {"model": "real", "created_at": "2026-03-01T10:00:00Z"}
    assistant = {"role": "assistant", "content": ""}
    assert [json.loads(each) for each in told.splitlines()] == [
        head | {"message": assistant | {"thinking": "Hm"}, "done": False},
        head | {"message": assistant | {"content": "Hi"}, "done": False},
        head
        | {
            "message": assistant
            | {"tool_calls": [{"id": "c", "function": {"name": "f", "arguments": {"n": 1}}}]},
            "done": False,
        },
        head
        | {
            "message": assistant,
            "done": True,
            "done_reason": "stop",
            "prompt_eval_count": 3,
            "eval_count": 4,
        },
    ]
    assert writer.content_type == "application/x-ndjson"


def test_a_stream_of_generate_says_response():
    writer = FRONT.stream_writer(call({"model": "m"}, "/api/generate"))

    told = writer.write(PartStart(index=0, part=Refusal(text=""))) + writer.write(
        PartDelta(index=0, text="No.")
    )

    assert json.loads(told)["response"] == "No."


def test_a_failure_mid_stream_is_a_line_of_its_own():
    writer = FRONT.stream_writer(call(b"not JSON"))

    assert json.loads(writer.fail(UpstreamBroken("gone"))) == {"error": "gone"}


def test_later_answers_of_several_are_left_out_of_a_stream():
    writer = FRONT.stream_writer(call({"model": "m"}))

    told = [
        writer.write(PartStart(index=1, part=Text(text=""), choice=1)),
        writer.write(PartDelta(index=1, text="other")),
        writer.write(PartEnd(index=1, part=Text(text="other"), choice=1)),
    ]

    assert told == [b"", b"", b""]


def test_a_body_that_is_no_utf8_where_nobody_looks_is_refused_as_one():
    body = b'{"model": "a", "messages": [{"role": "user", "content": "x"}], "unknown": "\xff"}'
    with pytest.raises(InvalidRequest, match="not JSON"):
        OllamaFront().read_request(Call(path="/api/chat", body=body))
