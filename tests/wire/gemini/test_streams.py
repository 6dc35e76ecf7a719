"""What Gemini streams, piece by piece, and what our front streams to its clients."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quorate.errors import BudgetExceeded, RateLimited, UpstreamBroken, UpstreamBusy
from quorate.types.chat import Finish
from quorate.types.events import PartDelta, PartEnd, PartStart, ReplyEnd, ReplyStart, assemble
from quorate.types.parts import Citation, Opaque, Reasoning, Refusal, Text, ToolCall
from quorate.types.usage import Usage
from quorate.wire.gemini import GEMINI
from quorate.wire.seam import Frame
from tests.wire.laws import read_stream

from .making import LIST, SSE, answered, candidate, events_in, read, streamed

COUNTS: Any = {"promptTokenCount": 3, "candidatesTokenCount": 2, "totalTokenCount": 5}


def test_words_come_as_they_are_said():
    events = events_in(
        answered(candidate({"text": "Hm", "thought": True}, finish=None)),
        answered(candidate({"text": "Hi"}, finish=None)),
        answered(candidate({"text": " there"}), usageMetadata=COUNTS),
    )

    assert events == [
        ReplyStart(id="r1", model="gemini-2.5-flash"),
        PartStart(index=0, part=Reasoning(text="")),
        PartDelta(index=0, text="Hm"),
        PartEnd(index=0, part=Reasoning(text="Hm")),
        PartStart(index=1, part=Text(text="")),
        PartDelta(index=1, text="Hi there"),
        PartEnd(index=1, part=Text(text="Hi there")),
        ReplyEnd(
            finish=Finish(reason="stop", raw="STOP"),
            usage=Usage(input=3, output=2, vendor={"gemini": COUNTS}),
        ),
    ]


def test_a_stream_and_a_whole_answer_of_the_same_parts_are_one_reply():
    parts: Any = [
        {"text": "Hm", "thought": True},
        {"text": "So ", "thoughtSignature": "s"},
        {"functionCall": {"name": "f", "args": {"a": 1}}, "thoughtSignature": "s2"},
        {"executableCode": {"language": "PYTHON", "code": "1"}},
        {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1"}},
        {"newPart": 1},
        {"inlineData": {"mimeType": "image/png", "data": "eA=="}},
    ]
    ends: Any = {"groundingMetadata": {"groundingChunks": [{"web": {"uri": "u"}}]}, "avgLogprobs": -0.5}

    pieces = [answered(candidate(part, finish=None)) for part in parts]
    last = answered(candidate(**ends), usageMetadata=COUNTS)

    assert streamed(*pieces, last) == read(answered(candidate(*parts, **ends), usageMetadata=COUNTS))


def test_a_signature_after_the_words_is_theirs():
    reply = streamed(
        answered(candidate({"text": "Hi"}, finish=None)),
        answered(candidate({"text": "", "thoughtSignature": "s"})),
    )

    assert reply.message.parts == (Text(text="Hi", vendor={"gemini": {"thoughtSignature": "s"}}),)


def test_the_last_counts_hold_and_pieces_without_any_change_nothing():
    reply = streamed(
        answered(
            candidate({"text": "a"}, finish=None), usageMetadata={"promptTokenCount": 3, "totalTokenCount": 3}
        ),
        answered(candidate({"text": "b"}), usageMetadata=COUNTS),
        answered(usageMetadata={"trafficType": "ON_DEMAND"}),
    )

    assert (reply.usage.input, reply.usage.output) == (3, 2)


def call(**fields: Any) -> Any:
    return answered(candidate({"functionCall": fields}, finish=None))


def piece(path: str, **value: Any) -> Any:
    return call(partialArgs=[{"jsonPath": path} | value], willContinue=True)


def test_arguments_that_come_in_pieces_are_put_together():
    reply = streamed(
        call(name="cook", willContinue=True),
        piece("$.recipe.name", stringValue="Las", willContinue=True),
        piece("$.recipe.name", stringValue="agna", willContinue=True),
        piece("$.recipe.name", stringValue=""),
        piece("$.recipe.steps[0]['min utes']", numberValue=5),
        piece('$.recipe.steps[1]["a.b"]', boolValue=False),
        piece("$.recipe.note", nullValue="NULL_VALUE"),
        call(),
        call(name="eat"),
        call(name="rest", willContinue=True),
        answered(candidate({"text": ""})),
    )

    assert [(each.name, json.loads(each.arguments)) for each in reply.tool_calls] == [
        (
            "cook",
            {"recipe": {"name": "Lasagna", "steps": [{"min utes": 5}, {"a.b": False}], "note": None}},
        ),
        ("eat", {}),
        ("rest", {}),
    ]
    assert reply.finish.reason == "tool_calls"


@pytest.mark.parametrize("path", ["", "$", "$.a[5]", "$.list.x", "$..a", "$.a[*]"])
def test_a_piece_of_arguments_without_a_place_is_a_broken_stream(path: str):
    with pytest.raises(UpstreamBroken):
        events_in(
            call(name="f", willContinue=True),
            piece("$.list[0]", stringValue="a"),
            piece(path, stringValue="b"),
        )


def test_citations_grow_over_the_pieces():
    one, two = {"uri": "https://a.example"}, {"uri": "https://b.example"}
    reply = streamed(
        answered(candidate({"text": "a"}, finish=None, citationMetadata={"citations": [one]})),
        answered(candidate({"text": "b"}, citationMetadata={"citations": [one, two]})),
    )

    assert reply.citations == (Citation(url="https://a.example"), Citation(url="https://b.example"))


def test_answers_side_by_side_are_kept_apart():
    reply = streamed(
        answered(candidate({"text": "a"}, finish=None), candidate({"text": "x"}, finish=None, index=1)),
        answered(candidate({"text": "b"}), candidate({"text": "y"}, finish="MAX_TOKENS", index=1)),
    )

    assert (reply.text, reply.alternatives[0].message.text) == ("ab", "xy")
    assert reply.alternatives[0].finish.reason == "length"


def test_a_refused_prompt_ends_the_stream():
    reply = streamed({"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": COUNTS})

    assert (reply.finish.reason, reply.finish.raw, reply.message.parts) == ("blocked", "SAFETY", ())


@pytest.mark.parametrize(
    "pieces",
    [
        (),
        (answered(candidate({"text": "a"}, finish=None)),),
        (answered(candidate({"text": "a"}), candidate({"text": "x"}, finish=None, index=1)),),
        (answered(usageMetadata=COUNTS),),
    ],
)
def test_a_stream_without_its_end_is_broken(pieces: tuple[Any, ...]):
    with pytest.raises(UpstreamBroken, match="before its end"):
        events_in(*pieces)


@pytest.mark.parametrize("data", [b"", b"{", b"ping", b"5", b'{"odd": 1}', b'{"candidates": {"content": 1}}'])
def test_a_garbled_piece_is_a_broken_stream(data: bytes):
    with pytest.raises(UpstreamBroken):
        list(GEMINI.codec.stream_reader().read(Frame(data=data)))


def test_pieces_that_share_one_event_are_read_one_by_one():
    lines = b"".join(
        b"data: " + json.dumps(each).encode() + b"\n"
        for each in (answered(candidate({"text": "a"}, finish=None)), answered(candidate({"text": "b"})))
    )

    assert assemble(read_stream(GEMINI, [lines], "sse")).text == "ab"


ERROR: Any = {"error": {"code": 503, "message": "Overloaded", "status": "UNAVAILABLE"}}


@pytest.mark.parametrize("end", ["data: %s\r\n\r\n", "%s", "[%s]"])
def test_an_error_in_mid_stream_is_raised_however_it_is_wrapped(end: str):
    start = b"data: " + json.dumps(answered(candidate({"text": "a"}, finish=None))).encode() + b"\r\n\r\n"
    stream = [start, (end % json.dumps(ERROR)).encode()]
    reader = GEMINI.codec.stream_reader()

    with pytest.raises(UpstreamBusy, match="Overloaded"):
        [reader.read(Frame(data=each.strip().removeprefix(b"data: "))) for each in stream]


def test_a_bare_error_between_the_events_is_raised():
    start = b"data: " + json.dumps(answered(candidate({"text": "a"}, finish=None))).encode() + b"\r\n\r\n"
    bare = json.dumps(ERROR, indent=2).replace("\n", "\r\n").encode()

    with pytest.raises(UpstreamBusy):
        read_stream(GEMINI, [start, bare], "sse")


def test_a_list_with_numbers_for_words_is_read():
    stream = json.dumps(
        [answered(candidate({"text": "a"}, finish=None)), answered(candidate({"text": "b"}, finish=1))]
    )

    reply = assemble(read_stream(GEMINI, [stream.encode()], "json_list"))

    assert (reply.text, reply.finish.raw) == ("ab", "STOP")


EVENTS: list[Any] = [
    ReplyStart(id="x", model="m"),
    PartStart(index=0, part=Text(text="")),
    PartDelta(index=0, text="Hi"),
    PartEnd(index=0, part=Text(text="Hi")),
    PartStart(index=1, part=ToolCall(id="c", name="f")),
    PartDelta(index=1, text="{}"),
    PartEnd(index=1, part=ToolCall(id="c", name="f", arguments="{}")),
    ReplyEnd(finish=Finish(reason="tool_calls", raw="tool_use"), usage=Usage(input=1, output=2)),
]
PIECES: list[Any] = [
    {"candidates": [{"content": {"parts": [{"text": "Hi"}], "role": "model"}, "index": 0}]},
    {
        "candidates": [
            {
                "content": {
                    "parts": [{"functionCall": {"id": "c", "name": "f", "args": {}}}],
                    "role": "model",
                },
                "index": 0,
            }
        ]
    },
    {
        "candidates": [
            {"content": {"parts": [{"text": ""}], "role": "model"}, "index": 0, "finishReason": "STOP"}
        ],
        "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 2, "totalTokenCount": 3},
    },
]


def test_a_client_is_streamed_events_as_google_writes_them():
    assert GEMINI.front is not None
    writer = GEMINI.front.stream_writer(SSE)

    stream = b"".join(writer.write(event) for event in EVENTS) + writer.close()

    assert writer.content_type == "text/event-stream"
    assert stream.endswith(b"\r\n\r\n")
    assert [json.loads(each.removeprefix("data: ")) for each in stream.decode().split("\r\n\r\n")[:-1]] == [
        each | {"modelVersion": "m", "responseId": "x"} for each in PIECES
    ]


def test_a_client_that_asks_for_no_events_is_streamed_a_list():
    assert GEMINI.front is not None
    writer = GEMINI.front.stream_writer(LIST)

    stream = b"".join(writer.write(event) for event in EVENTS) + writer.close()

    assert writer.content_type == "application/json"
    assert json.loads(stream) == [each | {"modelVersion": "m", "responseId": "x"} for each in PIECES]


def test_a_list_without_a_piece_is_a_list_still():
    assert GEMINI.front is not None
    assert GEMINI.front.stream_writer(LIST).close() == b"[]"


def test_words_that_came_whole_are_written_once():
    assert GEMINI.front is not None
    writer = GEMINI.front.stream_writer(SSE)
    whole = Refusal(text="No")

    stream = b"".join(
        writer.write(event)
        for event in (
            PartStart(index=0, part=whole),
            PartEnd(index=0, part=whole),
            PartDelta(index=7, text="?"),
        )
    )

    assert stream.count(b'"No"') == 1
    assert b"?" not in stream


def test_what_a_client_of_google_cannot_read_is_left_out():
    assert GEMINI.front is not None
    writer = GEMINI.front.stream_writer(SSE)
    foreign = Opaque(kind="odd", vendor={"anthropic": {"type": "odd"}})

    assert (
        writer.write(PartStart(index=0, part=foreign)) + writer.write(PartEnd(index=0, part=foreign)) == b""
    )


def test_a_refused_prompt_is_streamed_without_a_candidate():
    assert GEMINI.front is not None
    writer = GEMINI.front.stream_writer(SSE)
    feedback = {"blockReason": "SAFETY"}

    piece = writer.write(
        ReplyEnd(finish=Finish(reason="blocked"), vendor={"gemini": {"promptFeedback": feedback}})
    )

    assert json.loads(piece.removeprefix(b"data: ")) == {"promptFeedback": feedback}


def test_a_failure_after_the_beginning_is_google_s_error():
    assert GEMINI.front is not None
    events, items = GEMINI.front.stream_writer(SSE), GEMINI.front.stream_writer(LIST)

    as_event = events.fail(BudgetExceeded("too dear"))
    as_item = (
        items.write(EVENTS[2 - 1]) + items.write(EVENTS[2]) + items.fail(RateLimited("slow", retry_after=3.0))
    )

    assert json.loads(as_event.removeprefix(b"data: "))["error"]["status"] == "RESOURCE_EXHAUSTED"
    assert json.loads(as_item)[-1]["error"]["details"][1] == {
        "@type": "type.googleapis.com/google.rpc.RetryInfo",
        "retryDelay": "3s",
    }


def test_logprobs_go_to_the_words_they_came_with():
    def tokens(word: str) -> Any:
        return {"chosenCandidates": [{"token": word, "logProbability": -1}]}

    reply = streamed(
        answered(candidate({"text": "a"}, finish=None, logprobsResult=tokens("a"))),
        answered(candidate({"text": "b"}, finish=None, logprobsResult=tokens("b"))),
        answered(candidate({"functionCall": {"name": "f"}}, finish=None)),
        answered(candidate({"text": "c"}, logprobsResult=tokens("c"))),
    )

    texts = [part for part in reply.message.parts if isinstance(part, Text)]
    assert [[token.token for token in part.logprobs] for part in texts] == [["a", "b"], ["c"]]
