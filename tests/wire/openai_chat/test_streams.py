"""Streams: the features, and the oddities of real providers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quorate.errors import UpstreamBroken, UpstreamBusy, UpstreamError, UpstreamRejected
from quorate.types.chat import Finish
from quorate.types.events import PartDelta, PartEnd, PartStart, ReplyEnd, ReplyStart
from quorate.types.parts import Citation, Media, Opaque, Reasoning, SearchResult, Text, ToolCall
from tests.wire.openai_chat.given import DONE, events, piece, reply, streamed

ROLE = piece({"role": "assistant", "content": ""})
COUNTS = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}


def call_piece(index: int | None = 0, **fields: Any) -> bytes:
    function = {name: fields.pop(name) for name in ("name", "arguments") if name in fields}
    numbered = {} if index is None else {"index": index}
    return piece({"tool_calls": [numbered | fields | {"function": function}]})


def test_the_events_of_a_text():
    assert events(ROLE, piece({"content": "he"}), piece({"content": "y"}), piece({}, "stop"), DONE) == [
        ReplyStart(id="r1", model="m1", created=5),
        PartStart(index=0, part=Text(text="")),
        PartDelta(index=0, text="hey"),
        PartEnd(index=0, part=Text(text="hey")),
        ReplyEnd(finish=Finish(reason="stop", raw="stop")),
    ]


def test_usage_comes_after_the_end_in_a_piece_without_choices():
    read = streamed(ROLE, piece({"content": "a"}), piece({}, "stop"), piece(None, usage=COUNTS), DONE)
    assert (read.usage.input, read.usage.output, read.usage.quality) == (3, 2, "exact")


def test_usage_may_come_in_every_piece_and_grow():
    growing = [COUNTS | {"completion_tokens": n, "total_tokens": 3 + n} for n in (1, 2)]
    read = streamed(*(piece({"content": "a"}, usage=each) for each in growing), piece({}, "stop"), DONE)
    assert (read.text, read.usage.output) == ("aa", 2)


def test_usage_told_twice_counts_once():
    last = piece({}, "stop", x_groq={"id": "q", "usage": COUNTS})
    assert streamed(ROLE, last, piece(None, usage=COUNTS), DONE).usage.total == 5
    assert streamed(ROLE, last, DONE).usage.total == 5


def test_usage_may_come_with_choices_after_the_end():
    after = piece({"role": "assistant", "content": ""}, usage=COUNTS)
    read = streamed(ROLE, piece({"content": "a"}), piece({}, "stop"), after, DONE)
    assert (read.text, read.finish.raw, read.usage.total) == ("a", "stop", 5)


def test_interleaved_answers_are_kept_apart():
    pieces = [
        piece({"content": text}, finish, choice={"index": index})
        for index, text, finish in [
            (0, "a", None),
            (1, "x", None),
            (0, "b", "stop"),
            (1, "y", None),
            (1, "z", "length"),
        ]
    ]
    read = streamed(*pieces, DONE)
    assert (read.text, read.finish.raw) == ("ab", "stop")
    assert [(each.message.text, each.finish.raw) for each in read.alternatives] == [("xyz", "length")]


def test_arguments_grow_piece_by_piece():
    read = streamed(
        ROLE,
        call_piece(0, id="c1", type="function", name="f", arguments=""),
        call_piece(0, arguments='{"a"'),
        call_piece(0, arguments=":1}"),
        call_piece(1, id="c2", type="function", name="g", arguments="{}"),
        piece({}, "tool_calls"),
        DONE,
    )
    assert read.tool_calls == (
        ToolCall(id="c1", name="f", arguments='{"a":1}'),
        ToolCall(id="c2", name="g", arguments="{}"),
    )


def test_pieces_of_parallel_calls_may_interleave():
    read = streamed(
        call_piece(0, id="c1", name="f", arguments=""),
        call_piece(1, id="c2", name="g", arguments=""),
        call_piece(0, arguments="1"),
        call_piece(1, arguments="2"),
        call_piece(0, arguments="1"),
        DONE,
    )
    assert [each.arguments for each in read.tool_calls] == ["11", "2"]


@pytest.mark.parametrize(
    "pieces",
    [
        (
            call_piece(None, id="c1", name="f", arguments="{}"),
            call_piece(None, id="c2", name="g", arguments="{}"),
        ),
        (call_piece(0, id="c1", name="f", arguments="{}"), call_piece(0, id="c2", name="g", arguments="{}")),
        (
            call_piece(0, id="c1", name="f", arguments="{"),
            call_piece(0, id="c1", name="f", arguments="}"),
            call_piece(1, id="c2", name="g", arguments="{}"),
        ),
        (
            call_piece(0, id="c1"),
            call_piece(0, name="f", arguments="{}"),
            call_piece(1, id="c2", name="g", arguments="{}"),
        ),
    ],
    ids=["no numbers", "one number for all", "id and name repeated", "the name after the id"],
)
def test_calls_are_told_apart_whatever_a_server_leaves_out(pieces: tuple[bytes, ...]):
    assert streamed(ROLE, *pieces, DONE).tool_calls == (
        ToolCall(id="c1", name="f", arguments="{}"),
        ToolCall(id="c2", name="g", arguments="{}"),
    )


def test_calls_without_an_id_get_one_of_their_own():
    pieces = [call_piece(None, id="", type="function", name=name, arguments="{}") for name in ("f", "g")]
    assert [each.id for each in streamed(*pieces, DONE).tool_calls] == ["call_r1_0", "call_r1_1"]


def test_a_call_cut_short_keeps_what_came():
    read = streamed(ROLE, call_piece(0, id="c1", name="f", arguments=""), piece({}, "length"), DONE)
    assert (read.tool_calls[0].arguments, read.finish.reason) == ("", "length")


def test_free_text_calls_stream_as_json():
    first = piece(
        {"tool_calls": [{"index": 0, "id": "c", "type": "custom", "custom": {"name": "run", "input": 'a"'}}]}
    )
    more = piece({"tool_calls": [{"index": 0, "custom": {"input": "\n"}}]})
    (call,) = streamed(first, more, piece({}, "tool_calls"), DONE).tool_calls
    assert json.loads(call.arguments) == {"input": 'a"\n'}


def test_the_older_function_call_streams_too():
    pieces = [
        piece({"function_call": each}) for each in ({"name": "f", "arguments": ""}, {"arguments": "{}"})
    ]
    (call,) = streamed(*pieces, piece({}, "function_call"), DONE).tool_calls
    assert (call.name, call.arguments) == ("f", "{}")


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_thoughts_come_before_the_words(field: str):
    thoughts = [piece({field: text, "content": None}) for text in ("h", "m", "m")]
    read = streamed(ROLE, *thoughts, piece({"content": "hi"}), piece({}, "stop"), DONE)
    assert read == reply({field: "hmm", "content": "hi"})


def test_details_of_thoughts_are_put_together():
    def told(**detail: Any) -> bytes:
        base = {"type": "reasoning.text", "index": 0, "format": "f"}
        return piece({"content": "", "reasoning": detail.get("text"), "reasoning_details": [base | detail]})

    read = streamed(
        told(text="he"),
        told(text="y"),
        told(text=None, signature="s"),
        piece({"content": "hi"}, "stop"),
        DONE,
    )
    whole_details = [{"type": "reasoning.text", "index": 0, "format": "f", "text": "hey", "signature": "s"}]
    assert read == reply({"reasoning": "hey", "reasoning_details": whole_details, "content": "hi"})


def test_a_seal_that_comes_after_the_text_is_kept():
    sealed = {"type": "reasoning.encrypted", "data": "gAAA", "index": 0}
    late = piece({"content": "", "reasoning_details": [sealed]})
    read = streamed(ROLE, piece({"content": "a"}), late, piece({"content": "b"}, "stop"), DONE)
    assert read.message.parts == (
        Text(text="ab"),
        Reasoning(redacted=True, vendor={"openai_chat": {"fields": [], "reasoning_details": [sealed]}}),
    )


def test_thinking_chunks_inside_the_content():
    def chunk(text: str, **more: Any) -> dict[str, Any]:
        return {"type": "thinking", "thinking": [{"type": "text", "text": text}], **more}

    read = streamed(
        ROLE,
        piece({"content": [chunk("h")]}),
        piece({"content": [chunk("m", closed=True), {"type": "text", "text": "1"}]}),
        piece({"content": "44"}, "stop"),
        DONE,
    )
    assert read == reply({"content": [chunk("hm", closed=True), {"type": "text", "text": "144"}]})


def test_logprobs_come_token_by_token():
    def token(word: str) -> dict[str, Any]:
        return {"token": word, "logprob": -1.0, "bytes": list(word.encode()), "top_logprobs": []}

    pieces = [
        piece({"content": word}, choice={"logprobs": {"content": [token(word)]}}) for word in ("a", "b")
    ]
    read = streamed(ROLE, *pieces, piece({}, "stop"), DONE)
    assert read == reply({"content": "ab"}, choice={"logprobs": {"content": [token("a"), token("b")]}})


def test_a_spoken_answer_streams():
    sounds = [
        {"id": "a1"},
        {"transcript": "hel"},
        {"transcript": "lo", "data": "YW"},
        {"data": "Jj"},
        {"expires_at": 9},
    ]
    read = streamed(*(piece({"audio": each}) for each in sounds), piece({}, "stop"), DONE)
    assert read.message.parts == (
        Media(
            kind="audio",
            file_id="a1",
            data=b"abc",
            transcript="hello",
            vendor={"openai_chat": {"audio": {"expires_at": 9}}},
        ),
    )


def test_annotations_wait_for_the_end_of_the_text():
    note = {"type": "url_citation", "url_citation": {"url": "https://a.example", "title": "A"}}
    read = streamed(
        ROLE, piece({"content": "a", "annotations": [note]}), piece({"content": "b"}, "stop"), DONE
    )
    assert read.message.parts == (Text(text="ab"), Citation(url="https://a.example", title="A"))


def test_sources_and_cumulative_messages_in_every_piece():
    beside: dict[str, Any] = {
        "citations": ["https://a.example"],
        "search_results": [{"title": "A", "url": "https://a.example", "date": None}],
    }
    pieces = [
        piece(
            {"role": "assistant", "content": text},
            choice={"message": {"role": "assistant", "content": so_far}},
            **beside,
        )
        for text, so_far in (("po", "po"), ("ng", "pong"))
    ]
    end = piece(
        {"content": ""},
        "stop",
        choice={"message": {"role": "assistant", "content": "pong"}},
        object="chat.completion.done",
        usage=COUNTS | {"cost": {"total_cost": 0.00501}},
        **beside,
    )
    read = streamed(*pieces, end)
    assert read.text == "pong"
    assert len(read.citations) == 1
    assert isinstance(read.message.parts[2], SearchResult)
    assert str(read.usage.stated_cost) == "0.00501"


def test_a_first_piece_that_only_tells_of_filters():
    filters: dict[str, Any] = {"prompt_filter_results": [{"prompt_index": 0}]}
    first = piece(None, id="", model="", object="", created=0, **filters)
    read = streamed(first, ROLE, piece({"content": "a"}), piece({}, "stop"), DONE)
    assert (read.id, read.model) == ("r1", "m1")
    assert read.vendor["openai_chat"] == filters


def test_padding_is_no_leftover():
    read = streamed(ROLE, piece({"content": "a"}, obfuscation="xyz"), piece({}, "stop", p="abc"), DONE)
    assert read == reply({"content": "a"})


def test_leftovers_of_pieces_are_those_of_the_reply():
    first = piece({"role": "assistant", "content": ""}, provider="P", system_fingerprint=None)
    last = piece({"state": "s"}, "stop", choice={"native_finish_reason": "end"}, timings={"ms": 1})
    read = streamed(first, piece({"content": "a"}, provider="P"), last, DONE)
    assert read == reply(
        {"content": "a", "state": "s"},
        choice={"native_finish_reason": "end"},
        provider="P",
        system_fingerprint=None,
        timings={"ms": 1},
    )


def test_an_odd_part_of_the_content_comes_whole():
    reference = {"type": "reference", "reference_ids": [1]}
    read = streamed(
        piece({"content": "a"}), piece({"content": [reference]}), piece({"content": "b"}, "stop"), DONE
    )
    assert read.message.parts == (
        Text(text="a"),
        Opaque(kind="reference", vendor={"openai_chat": reference}),
        Text(text="b"),
    )


def test_a_server_that_cannot_stream_sends_the_message_whole():
    body = {
        "id": "r1",
        "model": "m1",
        "choices": [{"index": 0, "message": {"content": "hi"}, "finish_reason": "stop"}],
    }
    assert streamed(b"data: " + json.dumps(body).encode() + b"\n\n", DONE).text == "hi"


def test_comments_and_empty_events_are_passed_over():
    noise = b": keepalive\n\n: OPENROUTER PROCESSING\n\ndata: \n\n"
    assert streamed(noise, ROLE, noise, piece({"content": "a"}), noise, piece({}, "stop"), DONE).text == "a"


def test_a_stream_may_end_without_its_mark():
    read = streamed(ROLE, piece({"content": "a"}), piece({}, "eos_token"))
    assert (read.text, read.finish) == ("a", Finish(reason="stop", raw="eos_token"))


def test_a_stream_may_have_the_mark_and_no_word_for_its_end():
    assert streamed(ROLE, piece({"content": "a"}), DONE).finish == Finish(reason="stop")


def test_what_comes_after_the_end_is_harmless():
    assert (
        streamed(ROLE, piece({"content": "a"}), DONE, b"data: garbage\n\n", piece({"content": "b"})).text
        == "a"
    )


@pytest.mark.parametrize(
    "pieces",
    [
        (),
        (ROLE,),
        (ROLE, piece({"content": "a"})),
        (piece({"content": "a"}, "stop"), piece({"content": "b"}, choice={"index": 1})),
    ],
    ids=["nothing", "a role", "half a text", "one of two answers"],
)
def test_a_stream_that_breaks_off_is_not_called_whole(pieces: tuple[bytes, ...]):
    with pytest.raises(UpstreamBroken):
        events(*pieces)


@pytest.mark.parametrize(
    "data", [b"{", b"<html>", b"[1]", b'"x"', b"\xff", b'{"choices": [{"delta": {"content": "a"']
)
def test_a_garbled_piece_is_an_error(data: bytes):
    with pytest.raises(UpstreamBroken):
        events(ROLE, piece({"content": "a"}), b"data: " + data + b"\n\n")


@pytest.mark.parametrize(
    ("frame", "kind", "code"),
    [
        (
            b'event: error\ndata: {"error":{"message":"no tool","code":"tool_use_failed","status_code":400}}\n\n',
            UpstreamRejected,
            "tool_use_failed",
        ),
        (piece({"content": ""}, "error", error={"code": 429, "message": "slow"}), UpstreamBusy, ""),
        (piece({"content": ""}, choice={"error": {"code": 502, "message": "gone"}}), UpstreamBroken, ""),
        (b'data: {"error": "overloaded", "error_type": "overloaded"}\n\n', UpstreamError, "overloaded"),
        (b"event: error\ndata: out of memory\n\n", UpstreamError, ""),
        (b'event: error\ndata: {"message": "gone"}\n\n', UpstreamError, ""),
    ],
)
def test_an_error_in_the_middle_is_raised_with_the_providers_words(
    frame: bytes, kind: type[UpstreamError], code: str
):
    with pytest.raises(kind) as raised:
        events(ROLE, piece({"content": "a"}), frame)
    assert raised.value.upstream_code == code
    assert str(raised.value) in frame.decode()


def test_an_absurd_number_of_answers_is_an_error():
    with pytest.raises(UpstreamBroken):
        events(ROLE, piece({"content": "a"}, choice={"index": 2**60}))


def test_a_piece_with_odd_types_does_no_harm():
    odd = piece(
        {"content": {"a": 1}, "tool_calls": 5, "reasoning": []}, choice={"index": None, "logprobs": "x"}
    )
    assert streamed(ROLE, odd, piece({"content": "a"}, "stop"), DONE).text == "a"
