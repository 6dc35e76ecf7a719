"""What the relay does with streams that are cut, broken or beyond our reading."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest

from quorate.engine.forwarded import rewrites
from quorate.errors import UpstreamBroken, UpstreamError
from quorate.transport.scripted import Scripted, ScriptedTransport
from quorate.types.target import Quirks
from quorate.wire.seam import Frame
from quorate.wire.wires import WIRES
from tests.sim.asking import question

from .house import Answered, call, gateway_for, settings_for, written


def chunk(text: str, **more: object) -> bytes:
    told = {"id": "c", "object": "chat.completion.chunk", "model": "m", "created": 1} | more
    return (
        b"data: "
        + json.dumps(told | {"choices": [{"index": 0, "delta": {"content": text}}]}).encode()
        + b"\n\n"
    )


END = (
    b'data: {"id":"c","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n',
    b"data: [DONE]\n\n",
)
COUNTS = b'{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}'
USAGE = b'data: {"id":"c","model":"m","choices":[],"usage":' + COUNTS + b"}\n\n"
SSE = {"content-type": "text/event-stream"}
BROKEN = UpstreamBroken("connection reset")


async def relayed(
    chunks: Iterable[bytes],
    breaks: UpstreamError | None = None,
    *,
    front: str = "openai_chat",
    query: str = "",
) -> tuple[Answered, ScriptedTransport, dict[str, int]]:
    """The answer that a client gets of a stream of these bytes, and what was booked of it."""
    script = [Scripted(headers=SSE, chunks=tuple(chunks), breaks=breaks)]
    transport = ScriptedTransport(script)
    gateway, household = gateway_for(settings_for("http://upstream.example"), transport)
    provider = {"openai_chat": "sim-openai", "gemini": "sim-gemini", "ollama": "sim-ollama"}[front]
    asked = written(front, question(model=f"{provider}/m"), stream=True)
    answered = await call(gateway, asked.path, asked.body, query=query)
    booked = household.statistics.read()[provider]
    return (
        answered,
        transport,
        {
            "answered": booked.answered,
            "failures": booked.failures,
            "input": booked.input_tokens,
            "output": booked.output_tokens,
        },
    )


async def test_only_the_models_name_is_another():
    answered, transport, _ = await relayed([chunk("hi"), *END])

    sent = transport.sent[0]
    asked = written("openai_chat", question(model="m"), stream=True)
    assert sent.body == asked.body
    assert sent.url == "http://upstream.example/v1/chat/completions"
    assert answered.is_whole


@pytest.mark.parametrize("size", [1, 3, 7, 50, 10_000])
async def test_bytes_cut_anywhere_reach_the_client_whole_events_at_a_time(size: int):
    stream = b": hello\n\n" + chunk("Grüße") + chunk("!") + b"".join(END)

    answered, _, booked = await relayed([stream[at : at + size] for at in range(0, len(stream), size)])

    assert answered.body == stream
    assert all(piece.endswith(b"\n\n") for piece in answered.pieces)
    assert booked["answered"] == 1


async def test_usage_is_read_beside_the_road():
    _, _, booked = await relayed([chunk("hi"), END[0], USAGE, END[1]])

    assert (booked["input"], booked["output"]) == (9, 2)


async def test_usage_that_is_not_told_is_estimated():
    _, _, booked = await relayed([chunk("a" * 40), *END])

    assert booked["output"] == 10
    assert booked["input"] > 0


async def test_a_stream_that_breaks_inside_an_event_ends_with_the_protocols_error():
    answered, _, booked = await relayed([chunk("hi"), chunk("there")[:20]], BROKEN)

    first, error, rest = answered.body.partition(b'data: {"error":')
    assert first == chunk("hi")
    assert error
    assert rest.endswith(b"}\n\n")
    assert answered.is_whole
    assert (booked["answered"], booked["failures"]) == (0, 1)


async def test_a_stream_without_its_end_ends_with_the_protocols_error():
    answered, _, booked = await relayed([chunk("hi")])

    assert b'data: {"error":' in answered.body
    assert booked["failures"] == 1


async def test_what_breaks_after_the_end_harms_nobody():
    answered, _, booked = await relayed([chunk("hi"), *END], BROKEN)

    assert answered.body == chunk("hi") + b"".join(END)
    assert booked["answered"] == 1


async def test_lines_of_json_break_off_with_a_line_that_says_so():
    line = b'{"model":"m","message":{"role":"assistant","content":"hi"},"done":false}\n'

    answered, _, _ = await relayed([line, line[:9]], BROKEN, front="ollama")

    whole, told = answered.body.splitlines(keepends=True)
    assert whole == line
    assert json.loads(told)["error"]


async def test_a_list_that_breaks_off_stays_without_its_end():
    answered, _, booked = await relayed(
        [b'[{"candidates":[{"content":{"parts":[{"text":"hi"}],"role":"model"}}]}'], BROKEN, front="gemini"
    )

    assert not answered.is_whole
    assert booked["failures"] == 1


async def test_an_error_before_the_first_word_is_an_error_and_no_stream():
    answered, _, _ = await relayed(
        [b'data: {"error":{"message":"no more credit","code":"insufficient_quota"}}\n\n']
    )

    assert answered.status >= 400
    assert b"no more credit" in answered.body


async def test_a_fault_in_our_reading_keeps_no_answer_back(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    class Faulty:
        def read(self, frame: Frame) -> Iterable[object]:
            raise KeyError("our own fault")

        def close(self) -> Iterable[object]:
            return ()

    codec = type(WIRES["openai_chat"].codec)
    monkeypatch.setattr(codec, "stream_reader", lambda self: Faulty())

    answered, _, booked = await relayed([chunk("hi"), *END])

    assert answered.body == chunk("hi") + b"".join(END)
    assert booked["answered"] == 1
    assert "beside the road" in caplog.text


def test_a_field_that_a_quirk_changes_is_seen_in_the_bytes():
    body = b'{"model": "m", "seed" : 5, "messages": [{"role": "user", "content": "top_k"}]}'

    assert rewrites(Quirks(drop=frozenset({"seed"})), body)
    assert not rewrites(Quirks(rename={"seed": "random_seed"}), body)
    assert rewrites(Quirks(clamp={"seed": (0, 1)}), body)
    assert not rewrites(Quirks(clamp={"seed": (0, 9)}), body)
    assert rewrites(Quirks(defaults={"safe": True}), body)
    assert not rewrites(Quirks(drop=frozenset({"top_k", "user"}), defaults={"seed": 1}), body)


@pytest.mark.parametrize(
    ("value", "rewritten"),
    [
        ("0.7", False),
        ("1", False),
        ("1e-1", False),
        ("null", False),
        ("1.01", True),
        ("-0.1", True),
        ("1e3", True),
    ],
)
def test_a_number_within_a_targets_limits_passes_as_it_is(value: str, rewritten: bool):
    body = b'{"temperature" : %b, "tools": [{"temperature": {"type": "number"}}]}' % value.encode()

    assert rewrites(Quirks(clamp={"temperature": (0.0, 1.0)}), body) is rewritten
