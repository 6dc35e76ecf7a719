"""Predictions read into replies: done at once, asked after, streamed, failed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quorate.errors import (
    KeyInvalid,
    ModelUnavailable,
    QuotaExhausted,
    UpstreamBroken,
    UpstreamBusy,
    UpstreamError,
    UpstreamRefused,
    UpstreamRejected,
)
from quorate.types.chat import ChatReply
from quorate.types.events import Event, ReplyEnd, assemble
from quorate.wire.framing import framer
from quorate.wire.replicate import REPLICATE
from quorate.wire.replicate.following import cancel, follow_stream, follow_whole
from quorate.wire.seam import Step, WireAnswer

STREAM = (
    b": hi\n\nevent: output\nid: 1:0\ndata: \n\nevent: output\nid: 1:1\ndata: The\n\n:408: 408 Request Timeout\n\n"
    b"event: output\nid: 1:2\ndata:  Rhine\ndata: \ndata: it is\n\nevent: logs\ndata: warm\n\n"
    b"event: done\nid: 1:3\ndata: {}\n\n"
)


def told(status: str = "succeeded", **fields: Any) -> WireAnswer:
    urls = {"get": "https://r.test/v1/predictions/p1", "cancel": "https://r.test/v1/predictions/p1/cancel"}
    body = {"id": "p1", "model": "meta/llama", "status": status, "urls": urls} | fields
    return WireAnswer(status=201, body=json.dumps(body).encode())


def read(answer: WireAnswer) -> ChatReply:
    return REPLICATE.codec.read_reply(answer)


def events(data: bytes, size: int = 10_000) -> list[Event]:
    cutter, reader = framer("sse"), REPLICATE.codec.stream_reader()
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    found = [event for chunk in chunks for frame in cutter.feed(chunk) for event in reader.read(frame)]
    found += [event for frame in cutter.close() for event in reader.read(frame)]
    return [*found, *reader.close()]


def test_pieces_are_one_text_and_counted_tokens_are_the_usage():
    reply = read(
        told(
            output=["The", " Rhine", ""],
            created_at="2024-10-04T18:07:40.328Z",
            version="v1",
            metrics={"input_token_count": 5, "output_token_count": 3, "predict_time": 0.2},
        )
    )

    assert (reply.id, reply.model, reply.text, reply.created) == ("p1", "meta/llama", "The Rhine", 1728065260)
    assert (reply.finish.reason, reply.finish.raw) == ("stop", "succeeded")
    assert (reply.usage.input, reply.usage.output, reply.usage.quality) == (5, 3, "exact")
    assert reply.vendor == {"replicate": {"version": "v1"}}


@pytest.mark.parametrize(
    ("output", "text"),
    [("one text", "one text"), ({"a": 1}, '{"a":1}'), ([{"a": 1}, "b"], '{"a":1}b'), (None, ""), ([], "")],
)
def test_every_form_of_output_is_read(output, text):
    reply = read(told(output=output, metrics={"predict_time": 1.5}))

    assert reply.text == text
    assert reply.usage.quality == "missing"


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"{}", b'{"id": 5}', b'{"id": "p", "status": "starting"}']
)
def test_what_is_no_prediction_is_broken(body):
    with pytest.raises(UpstreamBroken):
        read(WireAnswer(body=body))


@pytest.mark.parametrize(
    ("words", "kind", "code"),
    [
        ("The input was flagged as sensitive. (E005)", UpstreamRefused, "E005"),
        ("Model is experiencing high demand. (E003)", UpstreamBusy, "E003"),
        ("Prediction input failed validation (E006)", UpstreamRejected, "E006"),
        ("CUDA out of memory", UpstreamBroken, "failed"),
        ("", UpstreamBroken, "failed"),
    ],
)
def test_a_prediction_that_failed_is_told_apart_by_its_code(words, kind, code):
    with pytest.raises(UpstreamError) as caught:
        read(told("failed", error=words))

    assert type(caught.value) is kind
    assert caught.value.upstream_code == code


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {"title": "Unauthenticated", "detail": "You did not pass a token", "status": 401}, KeyInvalid),
        (402, {"title": "Payment Required", "detail": "Add a card", "status": 402}, QuotaExhausted),
        (404, {"detail": "The requested resource could not be found.", "status": 404}, ModelUnavailable),
        (
            422,
            {"title": "Input validation failed", "detail": "- input: prompt is required"},
            UpstreamRejected,
        ),
        (429, {"detail": "Request was throttled. Expected available in 1 second."}, UpstreamBusy),
        (500, {"detail": "Internal server error"}, UpstreamBroken),
    ],
)
def test_refused_requests_are_read(status, body, kind):
    error = REPLICATE.codec.read_error(WireAnswer(status=status, body=json.dumps(body).encode()))

    assert type(error) is kind
    assert body["detail"] in str(error)


def test_a_stream_is_the_whole_text_however_it_is_cut():
    whole = events(STREAM)

    assert assemble(whole).text == "The Rhine\n\nit is"
    assert isinstance(whole[-1], ReplyEnd)
    for size in (1, 3, 7):
        assert assemble(events(STREAM, size)) == assemble(whole)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"event: output\ndata: The\n\n", UpstreamBroken),
        (b'event: error\ndata: {"detail": "flagged (E005)"}\n\n', UpstreamRefused),
        (b"event: error\ndata: plain words\n\n", UpstreamBroken),
        (b'event: done\ndata: {"reason": "error"}\n\n', UpstreamBroken),
        (b'event: done\ndata: {"reason": "canceled"}\n\n', UpstreamBroken),
    ],
)
def test_a_stream_that_fails_says_so(data, kind):
    with pytest.raises(kind):
        events(data)


def test_it_is_asked_after_until_it_is_done_with_longer_and_longer_pauses():
    steps = follow_whole(told("starting"))
    first = next(steps)
    second = steps.send(told("processing", output=["half"]))
    with pytest.raises(StopIteration) as end:
        steps.send(told("succeeded", output=["whole"]))

    assert (first.request.method, first.request.path, first.wait) == ("GET", "/v1/predictions/p1", 0.5)
    assert second.wait == 0.75
    assert read(end.value.value).text == "whole"


def test_one_that_is_done_at_once_is_not_asked_after():
    with pytest.raises(StopIteration) as end:
        next(follow_whole(told(output=["whole"])))

    assert read(end.value.value).text == "whole"


def test_askings_that_fail_for_a_while_are_made_again_but_not_for_ever():
    busy = WireAnswer(status=503, body=b"{}")
    steps = follow_whole(told("starting"))
    next(steps)
    again = [steps.send(busy) for _ in range(3)]
    with pytest.raises(StopIteration) as end:
        steps.send(busy)

    assert all(isinstance(each, Step) for each in again)
    assert end.value.value is busy


def test_its_stream_is_the_last_thing_asked_for():
    step = next(follow_stream(told("starting", urls={"stream": "https://s.test/1"})))

    assert (step.url, step.is_last, step.request.method) == ("https://s.test/1", True, "GET")
    assert step.request.headers["accept"] == "text/event-stream"


@pytest.mark.parametrize(("output", "text"), [(["a\nb", "c"], "a\nbc"), ("one", "one")])
def test_a_model_that_cannot_stream_is_read_as_a_stream_all_the_same(output, text):
    steps = follow_stream(told("starting"))
    next(steps)
    with pytest.raises(StopIteration) as end:
        steps.send(told(output=output))

    assert assemble(events(end.value.value.body)).text == text


def test_a_failure_of_a_model_that_cannot_stream_is_read_as_one():
    steps = follow_stream(told("starting"))
    next(steps)
    with pytest.raises(StopIteration) as end:
        steps.send(told("failed", error="flagged (E005)"))

    with pytest.raises(UpstreamRefused):
        events(end.value.value.body)


def test_what_is_not_done_can_be_cancelled():
    request = cancel(told("processing"))

    assert request is not None
    assert (request.method, request.path) == ("POST", "/v1/predictions/p1/cancel")
    assert cancel(told("succeeded")) is None
    assert cancel(WireAnswer(body=b"<html>")) is None


def test_pictures_are_addresses():
    codec = REPLICATE.work["images"]

    reply = codec.read_reply(told(output=["https://d.test/1.png", "https://d.test/2.png"]))

    assert [each.url for each in reply.images] == ["https://d.test/1.png", "https://d.test/2.png"]
    assert reply.usage.images == 2
    with pytest.raises(UpstreamBroken):
        codec.read_reply(told(output=["words"]))


def test_the_list_of_models_goes_on_at_its_cursor():
    body = {
        "next": "https://r.test/v1/models?cursor=abc%3D",
        "results": [{"owner": "meta", "name": "llama", "run_count": 3, "description": None}],
    }
    listed = REPLICATE.work["models"].read_reply(WireAnswer(body=json.dumps(body).encode()))

    assert [(each.id, each.owner, each.vendor) for each in listed.models] == [
        ("meta/llama", "meta", {"replicate": {"run_count": 3}})
    ]
    assert listed.next_page == "abc="
    with pytest.raises(UpstreamBroken):
        REPLICATE.work["models"].read_reply(WireAnswer(body=b"[]"))
