"""Replies out of the ordinary: bare, garbled, or an error inside a success."""

from __future__ import annotations

import pytest

from quorate.errors import UpstreamBroken, UpstreamBusy
from quorate.types.chat import Finish
from quorate.types.usage import MISSING, Usage

from .making import message, reply_of


def test_a_message_as_plain_text_and_without_usage_is_read():
    reply = reply_of({"id": "m", "content": "Hello", "model": None, "stop_reason": None})

    assert (reply.text, reply.model, reply.usage) == ("Hello", "", MISSING)
    assert reply.finish == Finish(reason="other")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>busy</html>",
        b'{"id": "msg_1", "content": [',
        b"[]",
        b"{}",
        b"\xff\xfe",
        b'{"content": 5}',
        b'{"content": [5]}',
        b'{"content": [{"text": "a"}]}',
        b'{"content": [{"type": "text", "text": 5}]}',
        b'{"content": [{"type": "text", "text": "a", "citations": [1]}]}',
        b'{"content": [], "usage": 1e999}',
        b'{"content": ' + b"[" * 100_000,
    ],
)
def test_bytes_that_make_no_sense_are_the_providers_fault(body):
    with pytest.raises(UpstreamBroken) as caught:
        reply_of(body)

    assert caught.value.status == 200


def test_an_error_inside_a_success_is_that_error():
    with pytest.raises(UpstreamBusy, match="Overloaded"):
        reply_of({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})


def test_usage_that_makes_no_sense_counts_nothing():
    reply = reply_of(message(usage={"input_tokens": "3", "output_tokens": -1, "cache_creation": []}))

    assert (reply.usage.input_total, reply.usage.output_total) == (0, 0)
    assert reply.usage == Usage(vendor=reply.usage.vendor)
