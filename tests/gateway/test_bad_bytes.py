"""Calls with damage done to them: never a fault of ours, never a hang, always an answer in the client's form."""

from __future__ import annotations

import json
import random

import pytest

from quorate.cli.simulated import NAMES
from quorate.gateway.app import Gateway
from quorate.types.chat import OutputFormat, Thinking
from tests.sim.asking import question

from .house import PROTOCOLS, call, written

ROUNDS = 60
TOKENS = (
    b"null",
    b"[]",
    b"{}",
    b"-1",
    b"1e999",
    b'"\\ud800"',
    b'""',
    b"true",
    b"\xff",
    b"",
    b'"x"',
    b"[" * 2000,
)


def damaged(body: bytes, luck: random.Random) -> bytes:
    """The body with a value, a few bytes or its end changed."""
    place = luck.randrange(len(body))
    match luck.randrange(4):
        case 0:
            return body[:place]
        case 1:
            return body[:place] + luck.choice(TOKENS) + body[place + luck.randrange(8) :]
        case 2:
            colon = body.find(b":", place)
            ends = [end for mark in (b",", b"}", b"]") if (end := body.find(mark, colon)) > 0]
            return body[: colon + 1] + luck.choice(TOKENS) + body[min(ends, default=len(body)) :]
        case _:
            return body[:place] + body[max(0, place - 9) :]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("front", PROTOCOLS)
async def test_damaged_calls_are_answered_or_refused(gateway: Gateway, front: str, stream: bool):
    luck = random.Random(f"{front} {stream}")
    statuses: list[int] = []
    for number in range(ROUNDS):
        target = list(NAMES.values())[number % len(NAMES)]
        asked = written(
            front,
            question(
                model=f"{target}/sim-swift",
                output=OutputFormat(kind="json"),
                thinking=Thinking(effort="low"),
                stop=("x",),
                temperature=0.5,
            ),
            stream=stream,
        )
        answered = await call(gateway, asked.path, damaged(asked.body, luck), query=asked.query)
        statuses.append(answered.status)
        assert answered.is_whole
        assert answered.status < 400 or "error" in json.loads(answered.body)

    assert 500 not in statuses
    assert 400 in statuses
