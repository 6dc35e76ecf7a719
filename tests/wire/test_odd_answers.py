"""A provider's answer may hold what no parser reads to its end: that is told as broken, never raised as it comes."""

from __future__ import annotations

from contextlib import suppress

import pytest

from quorate.errors import QuorateError, UpstreamRejected
from quorate.types.chat import ChatRequest, Message
from quorate.types.parts import Text
from quorate.types.target import Quirks, Target
from quorate.types.value import replace
from quorate.wire.seam import Frame, WireAnswer
from quorate.wire.wires import WIRES

FRAMES = {
    "openai_chat": b'{"id":"x","choices":[{"index":0,"delta":{"content":"a"}}],"odd":%b}',
    "openai_responses": b'{"type":"response.created","response":{"id":"r","odd":%b}}',
    "anthropic": b'{"type":"message_start","message":{"id":"m","model":"m","usage":{"input_tokens":1},"odd":%b}}',
    "gemini": b'{"candidates":[{"content":{"parts":[{"text":"a","odd":%b}]}}]}',
    "ollama": b'{"model":"m","message":{"role":"assistant","content":"a","odd":%b},"done":true}',
}
ODD = (b"1e999", b"1" * 5_000, b'"\\ud800"', b'"\xff"', b"[" * 3_000 + b"]" * 3_000, b"NaN")
QUESTION = ChatRequest(model="m", messages=(Message(role="user", parts=(Text(text="hi"),)),))


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd[:8]))
@pytest.mark.parametrize("protocol", FRAMES)
def test_an_odd_piece_is_told_in_our_errors(protocol: str, odd: bytes):
    codec, data = WIRES[protocol].codec, FRAMES[protocol] % odd

    with suppress(QuorateError):
        list(codec.stream_reader().read(Frame(data=data)))
    with suppress(QuorateError):
        codec.read_reply(WireAnswer(body=data))


@pytest.mark.parametrize("code", [b'"%b"' % (b"4" * 5_000), b"4" * 5_000, b'"\\ud800"', b"1e999"])
@pytest.mark.parametrize("protocol", FRAMES)
def test_an_odd_code_is_still_an_error_of_its_status(protocol: str, code: bytes):
    body = b'{"error":{"message":"no","code":%b,"status":%b,"type":%b}}' % (code, code, code)

    error = WIRES[protocol].codec.read_error(WireAnswer(status=400, body=body))

    assert isinstance(error, UpstreamRejected)


@pytest.mark.parametrize("protocol", ["openai_chat", "openai_responses", "anthropic", "gemini", "ollama"])
def test_a_models_name_is_one_step_of_a_path(protocol: str):
    target = Target(
        provider="p",
        model="a?b#c d",
        wire=protocol,
        base_url="http://127.0.0.1:9",
        quirks=Quirks(paths={"chat": "/models/{model}/chat"}),
    )
    sent = WIRES[protocol].codec.write_request(replace(QUESTION, max_output=9), target, stream=False)

    assert sent.path == "/models/a%3Fb%23c%20d/chat"
