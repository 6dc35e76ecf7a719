"""Credentials that have to be fetched: before a call, once more when they are refused, and never for other targets."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from quorate.errors import KeyInvalid, NoAnswer
from quorate.types.chat import ChatRequest, Message
from quorate.types.events import assemble
from quorate.types.parts import Text
from quorate.types.target import Auth, Target

from .stage import Play, Scene, answers, refuses, streams, target

QUESTION = ChatRequest(model="any", messages=(Message(role="user", parts=(Text(text="Hello"),)),))
SIGNED = target("a", auth=Auth(kind="sigv4"))
EXPIRED: Scene = refuses(403, json.dumps({"message": "expired"}).encode())


class Purse:
    """A cloud that has so many credentials after its first; without any, it has none to begin with."""

    def __init__(self, *, more: int = 0, broke: bool = False) -> None:
        self.more, self.broke = more, broke
        self.readied, self.renewed = list[str](), list[bool]()

    async def ready(self, target: Target) -> None:
        self.readied.append(target.name)
        if self.broke:
            raise KeyInvalid("no credential: sign in")

    def sign(
        self, target: Target, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> dict[str, str]:
        return dict(headers)

    async def renew(self, target: Target, error: KeyInvalid, *, again: bool) -> bool:
        self.renewed.append(again)
        error.args = (f"{error}; sign in",)
        self.more -= 1
        return not again and self.more >= 0


async def test_only_targets_that_need_it_are_readied():
    purse = Purse()
    play = Play(answers(), answers(), targets=(target("b"),), clouds={"sigv4": purse})
    await play.engine.answer(QUESTION, play.context)
    signed = Play(answers(), targets=(SIGNED,), clouds={"sigv4": purse})
    await signed.engine.answer(QUESTION, signed.context)

    assert purse.readied == ["of-a/a"]
    assert purse.renewed == []


async def test_a_refused_credential_is_renewed_and_the_target_asked_once_more():
    play = Play(EXPIRED, answers(), targets=(SIGNED,), clouds={"sigv4": Purse(more=1)})
    reply = await play.engine.answer(QUESTION, play.context)

    assert (reply.text, len(play.stage.sent)) == ("hello", 2)
    assert [each.outcome for each in reply.attempts] == ["key_invalid", "answered"]


async def test_a_stream_is_renewed_as_well():
    play = Play(EXPIRED, streams("hello"), targets=(SIGNED,), clouds={"sigv4": Purse(more=1)})
    async with play.engine.stream(QUESTION, play.context) as events:
        assert assemble([event async for event in events]).text == "hello"

    assert len(play.stage.sent) == 2


async def test_a_second_refusal_is_the_callers_with_what_to_do():
    play = Play(EXPIRED, EXPIRED, targets=(SIGNED,), clouds={"sigv4": (purse := Purse(more=5))})

    with pytest.raises(KeyInvalid, match="; sign in"):
        await play.engine.answer(QUESTION, play.context)
    assert len(play.stage.sent) == 2
    assert purse.renewed == [False, True]


async def test_what_cannot_be_renewed_is_not_tried_again():
    play = Play(EXPIRED, targets=(SIGNED,), clouds={"sigv4": Purse()})

    with pytest.raises(KeyInvalid, match="; sign in"):
        await play.engine.answer(QUESTION, play.context)
    assert len(play.stage.sent) == 1


async def test_without_a_credential_another_target_answers():
    play = Play(answers(), targets=(SIGNED, target("b")), clouds={"sigv4": Purse(broke=True)})
    reply = await play.engine.answer(QUESTION, play.context)

    assert (reply.provider, play.stage.called) == ("of-b", ["b"])
    assert [each.outcome for each in reply.attempts] == ["key_invalid", "answered"]


async def test_without_any_target_left_it_is_said_what_to_do():
    play = Play(refuses(500), targets=(SIGNED, target("b")), clouds={"sigv4": Purse(broke=True)})

    with pytest.raises(NoAnswer, match="no credential: sign in"):
        await play.engine.answer(QUESTION, play.context)


async def test_a_renewed_try_counts_as_an_attempt():
    play = Play(EXPIRED, answers(), targets=(SIGNED,), clouds={"sigv4": Purse(more=1)})

    with pytest.raises(KeyInvalid):
        await play.engine.answer(QUESTION, play.within(attempts=1))
    assert len(play.stage.sent) == 1
