"""Streams that tell of an error, stop before their end, or make no sense."""

from __future__ import annotations

import pytest

from quorate.errors import (
    KeyInvalid,
    QuotaExhausted,
    UpstreamBroken,
    UpstreamBusy,
    UpstreamRejected,
    UpstreamTimeout,
)

from .making import block_frames, frame, message, started, streamed

TEXT = {"type": "text", "text": ""}


def text_delta(text: str) -> dict:
    return {"type": "text_delta", "text": text}


def test_a_second_answer_inside_the_first_breaks_the_stream():
    with pytest.raises(UpstreamBroken, match="second answer"):
        streamed(started(), frame("content_block_start", index=0, content_block=TEXT), started())


@pytest.mark.parametrize(
    "pieces",
    [
        [],
        [b": only a comment\n\n"],
        [frame("message_stop")],
        [started()],
        [started(), block_frames(0, TEXT, text_delta("Hi"))],
        [started(), frame("content_block_start", index=0, content_block=TEXT)],
        [frame("content_block_start", index=0, content_block=TEXT)],
        [frame("content_block_delta", index=0, delta=text_delta("Hi"))],
        [started(), b'data: {"type": "content_block_del\n\n'],
        [started(), b"data: \xff\xfe\n\n"],
        [started(), b"data: <html>\n\n"],
        [started(), b"data: [" + b"[" * 100_000 + b"\n\n"],
        [started(), frame("content_block_start", index="0", content_block=TEXT)],
        [started(), frame("content_block_start", index=0, content_block=[])],
        [started(), frame("content_block_start", index=0, content_block={"text": "a"})],
        [started(), frame("content_block_delta", index=0, delta={"type": "text_delta", "text": 5})],
        [frame("message_start", message="hello")],
        [frame("message_start", message=message(usage=[]))],
        [started(), frame("message_delta", delta={"stop_reason": 5})],
    ],
)
def test_a_stream_cut_short_or_garbled_is_the_providers_fault(pieces):
    with pytest.raises(UpstreamBroken):
        streamed(*pieces)


@pytest.mark.parametrize(
    ("kind", "words", "error"),
    [
        ("overloaded_error", "Overloaded", UpstreamBusy),
        ("rate_limit_error", "Too fast", UpstreamBusy),
        ("api_error", "Internal server error", UpstreamBroken),
        ("timeout_error", "Too slow", UpstreamTimeout),
        ("authentication_error", "Who?", KeyInvalid),
        ("billing_error", "Pay", QuotaExhausted),
        ("invalid_request_error", "Bad", UpstreamRejected),
        ("error_to_come", "Oh", UpstreamBroken),
    ],
)
def test_an_error_in_the_midst_of_a_stream_is_that_error(kind, words, error):
    told = frame("error", error={"type": kind, "message": words}, request_id="req_1")

    with pytest.raises(error, match=words) as caught:
        streamed(started(), frame("content_block_start", index=0, content_block=TEXT), told)

    assert (caught.value.upstream_code, caught.value.request_id) == (kind, "req_1")


def test_an_error_without_a_type_is_one_too():
    with pytest.raises(UpstreamBroken, match="gone"):
        streamed(started(), b'data: {"error": {"message": "gone"}}\n\n')
