"""What is read of whole answers, and of streams, which say the same."""

from __future__ import annotations

from typing import Any

import pytest

from quorate.errors import UpstreamBroken
from quorate.types.chat import Finish
from quorate.types.parts import Citation, Media, Opaque, Part, Reasoning, Text, ToolCall, ToolResult
from quorate.wire.eventstream import write_message
from quorate.wire.seam import WireAnswer
from tests.wire import laws

from .making import START, WIRE, answer, delta, ending, message, read, stop, streamed, without_id

CITED = {
    "title": "Manual",
    "location": {"documentChar": {"documentIndex": 0, "start": 3, "end": 9}},
    "sourceContent": [{"text": "ask "}, {"text": "first"}],
}
CITATION = Citation(
    title="Manual",
    quote="ask first",
    vendor={"bedrock": {"location": CITED["location"], "sourceContent": CITED["sourceContent"]}},
)
SEALED = Reasoning(signature="c2VhbA==", redacted=True, vendor={"bedrock": {}})
CALL = ToolCall(id="t1", name="weather", arguments='{"city": "Lima", "n": 1.0}')
CALL_START = message(
    "contentBlockStart",
    {"contentBlockIndex": 1, "start": {"toolUse": {"toolUseId": "t1", "name": "weather"}}},
)

ANSWERS: dict[str, tuple[list[dict[str, Any]], list[bytes], list[Part]]] = {
    "words": (
        [{"text": "Hello, you"}],
        [delta(0, text="Hello"), delta(0, text=", you"), stop(0)],
        [Text(text="Hello, you")],
    ),
    "words after nothing": (
        [{"text": ""}, {"text": "Yes"}],
        [delta(0, text=""), stop(0), delta(1, text="Yes"), stop(1)],
        [Text(text="Yes")],
    ),
    "thoughts that are signed": (
        [{"reasoningContent": {"reasoningText": {"text": "Hm, so", "signature": "sig"}}}, {"text": "Yes"}],
        [
            delta(0, reasoningContent={"text": "Hm,"}),
            delta(0, reasoningContent={"text": " so"}),
            delta(0, reasoningContent={"signature": "sig"}),
            stop(0),
            delta(1, text="Yes"),
            stop(1),
        ],
        [Reasoning(text="Hm, so", signature="sig", vendor={"bedrock": {}}), Text(text="Yes")],
    ),
    "thoughts that are sealed": (
        [{"reasoningContent": {"redactedContent": "c2VhbA=="}}],
        [delta(0, reasoningContent={"redactedContent": "c2VhbA=="}), stop(0)],
        [SEALED],
    ),
    "words and a call": (
        [
            {"text": "I look"},
            {"toolUse": {"toolUseId": "t1", "name": "weather", "input": {"city": "Lima", "n": 1.0}}},
        ],
        [
            delta(0, text="I look"),
            stop(0),
            CALL_START,
            delta(1, toolUse={"input": ""}),
            delta(1, toolUse={"input": '{"city": "Li'}),
            delta(1, toolUse={"input": 'ma", "n": 1.0}'}),
            stop(1),
        ],
        [Text(text="I look"), CALL],
    ),
    "a call without arguments": (
        [{"toolUse": {"toolUseId": "t1", "name": "weather", "input": {}}}],
        [CALL_START, stop(1)],
        [ToolCall(id="t1", name="weather", arguments="{}")],
    ),
    "words with their sources": (
        [
            {"citationsContent": {"content": [{"text": "Ask "}, {"text": "her"}], "citations": [CITED]}},
            {"text": "!"},
        ],
        [
            delta(0, text="Ask "),
            delta(0, citation=CITED),
            delta(0, text="her"),
            stop(0),
            delta(1, text="!"),
            stop(1),
        ],
        [Text(text="Ask her"), CITATION, Text(text="!")],
    ),
    "a tool that the provider ran": (
        [
            {"toolUse": {"toolUseId": "s1", "name": "web", "input": {"q": "x"}, "type": "server_tool_use"}},
            {
                "toolResult": {
                    "toolUseId": "s1",
                    "type": "web_result",
                    "status": "error",
                    "content": [{"text": "none"}, {"json": {"a": 1}}],
                }
            },
        ],
        [
            message(
                "contentBlockStart",
                {
                    "contentBlockIndex": 0,
                    "start": {"toolUse": {"toolUseId": "s1", "name": "web", "type": "server_tool_use"}},
                },
            ),
            delta(0, toolUse={"input": '{"q": "x"}'}),
            stop(0),
            message(
                "contentBlockStart",
                {
                    "contentBlockIndex": 1,
                    "start": {"toolResult": {"toolUseId": "s1", "type": "web_result", "status": "error"}},
                },
            ),
            delta(1, toolResult=[{"text": "none"}]),
            delta(1, toolResult=[{"json": {"a": 1}}]),
            stop(1),
        ],
        [
            ToolCall(
                id="s1",
                name="web",
                arguments='{"q": "x"}',
                hosted=True,
                vendor={"bedrock": {"type": "server_tool_use"}},
            ),
            ToolResult(
                call_id="s1",
                hosted=True,
                failed=True,
                content=(Text(text="none"), Text(text='{"a":1}', vendor={"bedrock": {"json": {"a": 1}}})),
                vendor={"bedrock": {"type": "web_result"}},
            ),
        ],
    ),
    "a picture": (
        [{"image": {"format": "png", "source": {"bytes": "cG5n"}}}],
        [
            message("contentBlockStart", {"contentBlockIndex": 0, "start": {"image": {"format": "png"}}}),
            delta(0, image={"source": {"bytes": "cG5n"}}),
            stop(0),
        ],
        [Media(kind="image", media_type="image/png", data=b"png")],
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_says_the_same_whole_and_streamed(name: str):
    blocks, messages, parts = ANSWERS[name]
    whole, stream = read(*blocks), streamed(START, *messages, ending())

    assert list(whole.message.parts) == parts
    assert stream == without_id(whole)
    assert whole.vendor == {"bedrock": {"metrics": {"latencyMs": 3}}}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_goes_back_as_it_came(name: str):
    assert WIRE.front is not None
    whole = read(*ANSWERS[name][0])
    told = WIRE.front.write_reply(whole, laws.Call(path="/model/m/converse"))

    assert without_id(WIRE.codec.read_reply(told)) == without_id(whole)


def test_a_block_of_times_to_come_travels_whole():
    block = {"dream": {"of": ["sheep"]}}

    assert read(block).message.parts == (Opaque(kind="dream", vendor={"bedrock": block}),)


def test_what_stands_beside_a_block_is_kept():
    (part,) = read({"text": "Hi", "type": "text"}).message.parts

    assert part == Text(text="Hi", vendor={"bedrock": {"beside": {"type": "text"}}})


def test_an_answer_tells_its_id_in_a_header_and_the_model_in_its_trace():
    told = answer({"text": "Hi"}, trace={"promptRouter": {"invokedModelId": "arn:aws:bedrock:x:1:p/us.a"}})
    reply = WIRE.codec.read_reply(WireAnswer(body=told.body, headers={"x-amzn-requestid": "r-1"}))

    assert (reply.id, reply.model) == ("r-1", "us.a")


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("tool_use", "tool_calls"),
        ("guardrail_intervened", "blocked"),
        ("content_filtered", "blocked"),
        ("malformed_tool_use", "error"),
        ("weather", "other"),
    ],
)
def test_an_end_has_its_reason_and_its_word(word: str, reason: Any):
    assert read({"text": "Hi"}, stop=word).finish == Finish(reason=reason, raw=word)
    assert streamed(START, delta(0, text="Hi"), ending(word)).finish == Finish(reason=reason, raw=word)


def test_a_guardrail_says_what_it_found():
    trace = {"guardrail": {"actionReason": "Guardrail blocked.", "inputAssessment": {}}}
    extra = {"stop_sequence": "END"}
    whole = read(
        {"text": "No"}, stop="guardrail_intervened", trace=trace, additionalModelResponseFields=extra
    )
    stream = streamed(
        START,
        delta(0, text="No"),
        message(
            "messageStop", {"stopReason": "guardrail_intervened", "additionalModelResponseFields": extra}
        ),
        message(
            "metadata", {"usage": {"inputTokens": 5, "outputTokens": 7, "totalTokens": 12}, "trace": trace}
        ),
    )

    assert whole.finish == stream.finish
    assert (whole.finish.detail, whole.finish.stop) == ("Guardrail blocked.", "END")
    assert whole.vendor["bedrock"]["trace"] == stream.vendor["bedrock"]["trace"] == trace


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b"{}",
        b'{"output":{}}',
        b'{"output":{"message":{"content":7}}}',
        b'{"output":{"message":{"content":[7]}}}',
        b'{"output":{"message":{"content":[{"text":7}]}}}',
        b'{"output":{"message":{"content":[{"toolUse":{}}]}}}',
        b"\xff",
    ],
)
def test_an_answer_that_makes_no_sense_is_a_broken_upstream(body: bytes):
    with pytest.raises(UpstreamBroken):
        WIRE.codec.read_reply(laws.answer_of(body))


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [START],
        [START, delta(0, text="Hi")],
        [START, delta(0, text="Hi"), stop(0)],
        [START, delta(0, toolUse={"input": "{}"})],
        [START, write_message(b"{", {":event-type": "contentBlockDelta", ":message-type": "event"})],
        [START, delta(0, text=7)],
        [START, write_message(b"\xff", {":event-type": "messageStop", ":message-type": "event"})],
        [
            START,
            message("contentBlockStart", {"contentBlockIndex": 0, "start": {"image": {"format": "png"}}}),
            delta(0, image={"source": {"bytes": "!"}}),
        ],
    ],
)
def test_a_stream_without_its_end_or_its_sense_is_a_broken_upstream(messages: list[bytes]):
    with pytest.raises(UpstreamBroken):
        streamed(*messages)


def test_events_of_times_to_come_and_lost_ones_are_passed_over():
    reply = streamed(
        message("dawn", {"a": 1}),
        delta(0, dream={"a": 1}),
        delta(0, text="Hi"),
        stop(9),
        message("contentBlockStart", {"contentBlockIndex": 3, "start": {"dream": {}}}),
        message("contentBlockStart", {"start": {}}),
        message("messageStop", {"stopReason": "end_turn"}),
    )

    assert reply.text == "Hi"
    assert reply.usage.quality == "missing"


def test_a_fault_after_the_end_takes_nothing_back():
    late = write_message(b"{}", {":message-type": "exception", ":exception-type": "internalServerException"})

    assert streamed(START, delta(0, text="Hi"), ending(), late).text == "Hi"
