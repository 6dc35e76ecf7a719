"""Answers that are asked for more than once: come by, streamed from where the provider says, stopped when left."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from quorate import Quorate
from quorate.errors import InvalidRequest, KeyInvalid, Unreachable, UpstreamRefused, UpstreamTimeout
from quorate.providers.entry import Entry
from quorate.settings.settings import Fallback, Settings
from quorate.transport.scripted import Answer, Scripted, ScriptedTransport, answer
from quorate.transport.seam import Send
from quorate.types.events import PartDelta
from quorate.types.secret import Secret

MODEL = "replicate/acme/chat"
BASE = "https://api.replicate.com/v1"
STREAM = "https://stream.test/s/1"
PIECES = (b"event: output\ndata: Rhi\n\n", b"event: output\ndata: ne\n\n", b"event: done\ndata: {}\n\n")


def told(status: str, **fields: Any) -> Answer:
    return answer(json.dumps({"id": "p1", "model": "acme/chat", "status": status} | fields).encode())


def client(script: Callable[[Send], Answer]) -> tuple[Quorate, ScriptedTransport]:
    transport = ScriptedTransport(script)
    entry = Entry(provider="replicate", key=Secret("r8_canary"))
    settings = Settings(entries=(entry,), fallback=Fallback(tries=1))
    return Quorate(settings, environment={}, transport=transport), transport


def asked(transport: ScriptedTransport) -> list[str]:
    return [f"{send.method} {send.url.removeprefix(BASE)}" for send in transport.sent]


def in_turn(*answers: Answer) -> Callable[[Send], Answer]:
    left = iter(answers)
    return lambda send: next(left)


async def test_work_that_takes_its_time_is_asked_after():
    door, transport = client(in_turn(told("starting"), told("succeeded", output=["Rhi", "ne"])))

    async with door:
        reply = await door.chat("A river?", model=MODEL)

    assert reply.text == "Rhine"
    assert asked(transport) == ["POST /models/acme/chat/predictions", "GET /predictions/p1"]
    assert {send.headers["authorization"] for send in transport.sent} == {"Bearer r8_canary"}
    assert len(reply.attempts) == 1


async def test_a_stream_is_read_where_the_provider_says_and_without_our_credential():
    door, transport = client(in_turn(told("starting", urls={"stream": STREAM}), Scripted(chunks=PIECES)))

    async with door, door.stream("A river?", model=MODEL) as events:
        text = "".join([event.text async for event in events if isinstance(event, PartDelta)])

    assert text == "Rhine"
    assert transport.sent[1].url == STREAM
    assert "authorization" not in transport.sent[1].headers
    assert len(transport.sent) == 2


async def test_work_that_never_ends_stops_at_the_calls_deadline_and_is_cancelled():
    door, transport = client(lambda send: told("processing"))

    async with door:
        with pytest.raises(UpstreamTimeout) as caught:
            await door.chat("A river?", model=MODEL, timeout=0.3)

    assert caught.value.waited_for == "total"
    assert asked(transport)[-1] == "POST /predictions/p1/cancel"


async def test_a_stream_that_is_left_early_is_cancelled():
    door, transport = client(
        lambda send: (
            Scripted(chunks=PIECES) if send.url == STREAM else told("starting", urls={"stream": STREAM})
        )
    )

    async with door, door.stream("A river?", model=MODEL) as events:
        await anext(aiter(events))

    assert asked(transport)[-1] == "POST /predictions/p1/cancel"


async def test_a_stream_that_cannot_be_opened_is_cancelled():
    def script(send: Send) -> Answer:
        return Unreachable("no route") if send.url == STREAM else told("starting", urls={"stream": STREAM})

    door, transport = client(script)

    async with door:
        with pytest.raises(Unreachable):
            async with door.stream("A river?", model=MODEL):
                pass

    assert "POST /predictions/p1/cancel" in asked(transport)


async def test_work_that_is_refused_at_once_is_not_followed():
    refusal = answer(b'{"title": "Unauthenticated", "detail": "Bad token"}', 401)
    door, transport = client(lambda send: refusal)

    async with door:
        with pytest.raises(KeyInvalid, match="Bad token"):
            await door.chat("A river?", model=MODEL)

    assert len(transport.sent) == 1


async def test_work_that_fails_later_is_that_failure():
    door, transport = client(in_turn(told("starting"), told("failed", error="flagged (E005)")))

    async with door:
        with pytest.raises(UpstreamRefused):
            await door.chat("A river?", model=MODEL)

    assert len(transport.sent) == 2


async def test_no_models_name_leaves_its_place_in_the_address():
    door, transport = client(lambda send: told("succeeded", output="x"))

    async with door:
        with pytest.raises(InvalidRequest):
            await door.chat("A river?", model="replicate/acme/../../account")

    assert transport.sent == []
