"""Streamed answers of Cohere, read."""

from __future__ import annotations

import pytest

from quorate.errors import QuorateError, TooLong, UpstreamBroken
from quorate.types.chat import Finish
from quorate.types.events import PartDelta, assemble
from quorate.types.parts import Citation, Opaque, Reasoning, Text, ToolCall
from quorate.types.usage import Usage
from quorate.types.value import replace
from quorate.wire.cohere import COHERE
from quorate.wire.cohere.plan import plan
from tests.wire.laws import read_stream

from .making import START, end, event, reply_of, streamed


def begin(index: int, kind: str = "text", **block: object) -> bytes:
    return event("content-start", {"content": {"type": kind} | block}, index=index)


def say(index: int, words: str, kind: str = "text", **fields: object) -> bytes:
    return event("content-delta", {"content": {kind: words}}, index=index, **fields)


def over(kind: str, index: int) -> bytes:
    return event(f"{kind}-end", index=index)


def call(index: int, name: str, *pieces: str) -> bytes:
    start = {"id": f"{name}_1", "type": "function", "function": {"name": name, "arguments": ""}}
    grown = [
        event("tool-call-delta", {"tool_calls": {"function": {"arguments": each}}}, index=index)
        for each in pieces
    ]
    return b"".join(
        (event("tool-call-start", {"tool_calls": start}, index=index), *grown, over("tool-call", index))
    )


def cite(index: int, text: str, **fields: object) -> bytes:
    return event("citation-start", {"citations": {"text": text} | fields}, index=index) + over(
        "citation", index
    )


def test_thoughts_and_text_arrive_in_blocks():
    usage = {"billed_units": {"input_tokens": 3, "output_tokens": 2}}

    reply = streamed(
        begin(0, "thinking", thinking=""),
        say(0, "H", "thinking"),
        say(0, "m.", "thinking"),
        over("content", 0),
        begin(1, text=""),
        say(1, "Yes"),
        say(1, "."),
        over("content", 1),
        end(usage=usage),
    )

    assert reply.id == "r1"
    assert reply.message.parts == (Reasoning(text="Hm."), Text(text="Yes."))
    assert reply.finish == Finish(reason="stop", raw="COMPLETE")
    assert replace(reply.usage, vendor={}) == Usage(input=3, output=2)


def test_a_plan_comes_before_the_calls_it_plans():
    planned = [event("tool-plan-delta", {"tool_plan": each}) for each in ("I will", " look.")]

    reply = streamed(*planned, call(0, "look", '{"a"', ":1}"), call(1, "see"), end("TOOL_CALL"))

    assert reply.message.parts == (
        plan("I will look."),
        ToolCall(id="look_1", name="look", arguments='{"a":1}'),
        ToolCall(id="see_1", name="see"),
    )


@pytest.mark.parametrize(
    ("pieces", "arguments"),
    [
        (("null",), "{}"),
        (("nu", "ll"), "{}"),
        (("nul", "l", "x"), "nullx"),
        (("n",), "n"),
        (("", "{", "}"), "{}"),
        ((), ""),
    ],
)
def test_the_word_for_no_arguments_is_never_told(pieces, arguments):
    events = read_stream(COHERE, [START + call(0, "now", *pieces) + end("TOOL_CALL")], "sse")

    told = "".join(each.text for each in events if isinstance(each, PartDelta))
    assert (told, assemble(events).tool_calls[0].arguments) == (arguments, arguments)


def test_citations_wait_for_the_end_of_their_text():
    reply = streamed(
        begin(0, text=""),
        say(0, "Yes"),
        cite(0, "Yes", start=0, end=3, content_index=0),
        say(0, ", sir."),
        over("content", 0),
        cite(1, "sir", start=5, end=8),
        end(),
    )

    assert [type(part) for part in reply.message.parts] == [Text, Citation, Citation]
    assert reply.text == "Yes, sir."
    assert [(each.start, each.end) for each in reply.citations] == [(0, 3), (5, 8)]


def test_a_streamed_answer_reads_as_the_whole_one_does():
    sources = [{"type": "tool", "id": "c:0", "tool_output": {"content": "Long."}}]
    where = {"start": 0, "end": 4, "sources": sources, "type": "TEXT_CONTENT", "content_index": 1}
    planned = {"start": 0, "end": 4, "sources": sources, "type": "PLAN"}
    chunk = {"text": "Long.", "token_ids": [5], "logprobs": [-0.5]}
    whole = reply_of(
        {
            "content": [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "Long."}],
            "tool_plan": "Look.",
            "citations": [{"text": "Look"} | planned, {"text": "Long"} | where],
            "tool_calls": [
                {"id": "now_1", "type": "function", "function": {"name": "now", "arguments": "null"}}
            ],
        },
        finish_reason="TOOL_CALL",
        logprobs=[chunk],
        usage={"billed_units": {"input_tokens": 1, "output_tokens": 9}},
    )

    told = streamed(
        begin(0, "thinking", thinking=""),
        say(0, "Hm.", "thinking"),
        over("content", 0),
        event("tool-plan-delta", {"tool_plan": "Look."}),
        cite(0, "Look", **planned),
        begin(1, text=""),
        say(1, "Long.", logprobs=chunk),
        cite(1, "Long", **where),
        over("content", 1),
        call(0, "now", "null"),
        end("TOOL_CALL", usage={"billed_units": {"input_tokens": 1, "output_tokens": 9}}),
    )

    assert told == whole


def test_blocks_that_nobody_closes_are_closed_at_the_end():
    reply = streamed(
        begin(0, text="Ye"), say(0, "s"), cite(0, "Yes"), say(1, "Hm", "thinking"), say(2, "No."), end()
    )

    kinds = [type(part) for part in reply.message.parts]
    assert kinds == [Text, Citation, Reasoning, Text]
    assert reply.text == "YesNo."


def test_a_block_that_we_do_not_know_is_kept_whole():
    reply = streamed(
        begin(0, "hologram", beam="a", size=1), say(0, "b", "beam"), over("content", 0), end(extra=1)
    )

    block = {"type": "hologram", "beam": "ab", "size": 1}
    assert reply.message.parts == (Opaque(kind="hologram", vendor={"cohere": block}),)
    assert reply.vendor == {"cohere": {"extra": 1}}


def test_events_without_meaning_are_passed_over():
    strange = event("debug", prompt="…") + event("party-start", index=0)

    reply = streamed(strange, begin(0, text="Hi"), end(), b"data: [DONE]\n\n", say(0, "late"), b"data: {\n\n")

    assert reply.text == "Hi"


def test_a_stream_without_names_of_events_reads_the_same():
    stream = START + begin(0, text="") + say(0, "Hi") + over("content", 0) + end()
    bare = b"\n".join(line for line in stream.split(b"\n") if not line.startswith(b"event:"))

    assert read_stream(COHERE, [bare], "sse") == read_stream(COHERE, [stream], "sse")


def test_an_error_at_the_end_of_a_stream_is_raised():
    with pytest.raises(UpstreamBroken, match="the model broke off"):
        streamed(begin(0, text="Hi"), end("ERROR", error="the model broke off"))


def test_an_error_instead_of_an_event_is_raised_as_what_it_is():
    with pytest.raises(TooLong, match="size limit"):
        streamed(b'data: {"error_type":"TOO_MANY_TOKENS","id":"1","message":"size limit exceeded"}\n\n')


@pytest.mark.parametrize("stream", [b"", START, START + begin(0, text="Hi") + over("content", 0)])
def test_a_stream_that_stops_early_is_broken(stream):
    with pytest.raises(UpstreamBroken, match="stopped before"):
        read_stream(COHERE, [stream], "sse")


@pytest.mark.parametrize(
    "frame",
    [
        b"data: {\n\n",
        b"data: []\n\n",
        b"event: content-delta\ndata: {}\n\n",
        b'event: content-delta\ndata: {"delta":{"message":{"content":[]}}}\n\n',
        b"event: message-start\ndata: <html>\n\n",
        b"data: \xff\n\n",
        event("tool-call-delta", {"tool_calls": {"function": {"arguments": "{"}}}, index=3),
    ],
)
def test_garbled_events_are_broken(frame):
    with pytest.raises(QuorateError) as caught:
        streamed(frame)

    assert isinstance(caught.value, UpstreamBroken)
