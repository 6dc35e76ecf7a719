"""Usage that is asked for on our account: the wish in the request, and the frame that a client does not see."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quorate.types.target import Quirks
from quorate.wire.openai_chat.asked_usage import asking_usage, without_usage
from quorate.wire.openai_chat.front import ChatFront
from tests.wire.openai_chat.given import call, target

FRONT = ChatFront()
USAGE = b'{"id":"r","choices":[],"usage":{"prompt_tokens":1}}'


def test_a_stream_is_asked_for_its_usage():
    written = FRONT.redirect(call(stream=True), target())

    assert json.loads(written.body)["stream_options"] == {"include_usage": True}
    assert written.hide is without_usage


@pytest.mark.parametrize(
    ("fields", "quirks"),
    [
        ({}, Quirks()),
        ({"stream": False}, Quirks()),
        ({"stream": True}, Quirks(stream_usage=False)),
        ({"stream": True, "stream_options": {"include_usage": True}}, Quirks()),
    ],
)
def test_elsewhere_the_bytes_stay(fields: dict[str, Any], quirks: Quirks):
    asked = call(fields)

    written = FRONT.redirect(asked, target(quirks, model="any"))

    assert (written.body, written.hide) == (asked.body, None)


@pytest.mark.parametrize(
    ("body", "options"),
    [
        (b' {"model":"m"}', {"include_usage": True}),
        (b'{"stream_options":null,"model":"m"}', {"include_usage": True}),
        (b'{"stream_options":{"include_usage":false,"x":1}}', {"include_usage": True, "x": 1}),
        (b'{"messages":[{"content":"\\"stream_options\\""}]}', {"include_usage": True}),
    ],
)
def test_the_wish_stands_beside_what_the_client_said(body: bytes, options: dict[str, Any]):
    before, after = json.loads(body), json.loads(asking_usage(body))

    assert after == before | {"stream_options": options}


@pytest.mark.parametrize(
    ("data", "left"),
    [
        (b"data: " + USAGE + b"\n\n", b""),
        (b"data: a\n\ndata: " + USAGE + b"\n\ndata: [DONE]\n\n", b"data: a\n\ndata: [DONE]\n\n"),
        (b"data:" + USAGE.replace(b"[]", b" []") + b"\r\n\r\ndata: b\r\n\r\n", b"data: b\r\n\r\n"),
        (b"data: " + USAGE, b""),
    ],
)
def test_a_frame_of_usage_alone_is_taken_out(data: bytes, left: bytes):
    assert without_usage(data) == left


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b'data: {"choices":[],"prompt_filter_results":[{"prompt_index":0}]}\n\n',
        b'data: {"choices":[],"usage":null}\n\n',
        b'data: {"choices":[{"index":0,"delta":{}}],"usage":{"prompt_tokens":1}}\n\n',
        b'data: {"choices":[{"delta":{"content":"\\"choices\\":[] \\"usage\\":{}"}}]}\n\n',
        b': a word beside\n\ndata: "choices":[]\n\n',
        b"data: half a fra",
    ],
)
def test_every_other_frame_keeps_its_bytes(data: bytes):
    assert without_usage(data) == data
