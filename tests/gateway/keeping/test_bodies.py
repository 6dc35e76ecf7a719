"""Questions and answers are kept where operator and key both wish it, without personal data if that is wished."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from quorate.gateway import bodies
from quorate.gateway.app import Gateway
from quorate.gateway.bodies import BodyKeeper
from quorate.gateway.callers import Caller, KeyRing, hash_of
from quorate.gateway.hooks.book import Hooks
from quorate.gateway.record import AccessRecord
from quorate.settings.settings import HookSettings
from quorate.store.bodies import CallBodies, find_bodies
from quorate.store.database import Database
from tests.gateway.hooks.echo import PROTOCOLS, Echo, provider, settings_for, words_and_call
from tests.gateway.hooks.test_mask import CARD, EMAIL, asking
from tests.gateway.house import HOST, Answered, call, seen, written

KEEPING = {"host": HOST, "authorization": "Bearer a-key-that-keeps"}
STAFF = HookSettings(use="mask", on=("nobody",), options={"patterns": {"STAFF": r"S-\d{6}"}})


class House:
    """A gateway that keeps, and what it has kept."""

    def __init__(self, database: Database) -> None:
        self.database, self.echo, self.hooks = database, Echo(words_and_call), Hooks()
        self.keeper = BodyKeeper(database, lambda: self.hooks.redaction)
        self.records: list[AccessRecord] = []
        self.made: Gateway | None = None

    def gateway(self, *hooks: HookSettings, keep: str) -> Gateway:
        callers = KeyRing()
        callers.learn("test", {hash_of("a-key-that-keeps"): Caller(scope="team", key="k1", keep_bodies=True)})
        self.made = self.echo.gateway(
            settings_for(*hooks, keep_bodies=keep),
            callers=callers,
            observers=[self.keeper, self],
            bodies=self.keeper,
            hooks=self.hooks,
        )
        return self.made

    def take(self, records: Any) -> None:
        self.records += records

    async def kept(self, calls: int = 1) -> CallBodies | None:
        """Of the last call, once all so many have been written."""
        assert self.made is not None
        self.made._services.journal.flush()
        await seen(lambda: len(self.records) == calls)
        assert await self.keeper.writer.flush(5)
        async with self.database.read() as connection:
            return await find_bodies(connection, self.records[-1].id, scope=None)


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    made = House(database)
    made.keeper.start()
    yield made
    await made.keeper.close()


async def asked(
    gateway: Gateway,
    text: str = EMAIL,
    *,
    protocol: str = "openai_chat",
    stream: bool = False,
    headers: Mapping[str, str] = KEEPING,
    leave_after: int | None = None,
) -> Answered:
    question = written(protocol, asking(text, f"{provider('gemini')}/m", max_output=99), stream=stream)
    return await call(
        gateway, question.path, question.body, query=question.query, headers=headers, leave_after=leave_after
    )


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
async def test_kept_whole_they_are_what_went_over_the_line(house: House, stream: bool):
    answered = await asked(house.gateway(keep="whole"), stream=stream)

    kept = await house.kept()

    assert kept is not None
    assert (kept.scope, kept.key_id, kept.redacted) == ("team", "k1", False)
    assert kept.answered.data == answered.body
    assert kept.answered.size == len(answered.body)
    assert EMAIL in json.loads(kept.asked.data)["messages"][0]["content"]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_redacted_they_hold_no_personal_data(house: House, protocol: str, stream: bool):
    answered = await asked(
        house.gateway(STAFF, keep="redacted"), f"{EMAIL} {CARD} S-123456", protocol=protocol, stream=stream
    )

    kept = await house.kept()

    assert kept is not None
    assert kept.redacted
    assert answered.status == 200
    for body in (kept.asked, kept.answered):
        json.loads(body.data)
        assert not body.truncated
        assert b"[EMAIL_1]" in body.data
        assert b"[CARD_1]" in body.data
        assert b"[STAFF_1]" in body.data
        assert EMAIL.encode() not in body.data
        assert b"4111" not in body.data
        assert b"S-123456" not in body.data


async def test_nothing_is_kept_unless_both_wish_it(house: House):
    await asked(house.gateway(keep="no"))

    assert await house.kept() is None


async def test_of_a_key_that_does_not_wish_it_nothing_is_kept(house: House):
    plain = {"host": HOST, "authorization": "Bearer key-of-the-tests-0123456789"}
    await asked(house.gateway(keep="whole"), headers=plain)

    assert await house.kept() is None


async def test_a_refusal_is_kept_too(house: House):
    question = written("openai_chat", asking(EMAIL, "nobody/m"))
    await call(house.gateway(keep="redacted"), question.path, question.body, headers=KEEPING)

    kept = await house.kept()

    assert kept is not None
    assert b"unknown_model" in kept.answered.data or b"model_not_found" in kept.answered.data


@pytest.mark.parametrize(("keep", "is_kept"), [("whole", True), ("redacted", False)])
async def test_half_an_answer_may_end_in_half_a_value_and_cannot_be_cleaned(
    house: House, keep: str, is_kept: bool
):
    await asked(house.gateway(keep=keep), stream=True, leave_after=30)

    kept = await house.kept()

    assert kept is not None
    assert (b"chat.completion.chunk" in kept.answered.data) == is_kept
    assert kept.answered.truncated != is_kept
    assert kept.answered.size > 0


@pytest.mark.parametrize("keep", ["whole", "redacted"])
async def test_of_a_long_body_no_more_is_kept_than_can_be(
    house: House, keep: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(bodies, "LONGEST", 100)
    answered = await asked(house.gateway(keep=keep), "word " * 100)

    kept = await house.kept()

    assert kept is not None
    assert kept.asked.truncated
    assert kept.answered.truncated
    assert len(kept.asked.data) == len(kept.answered.data) == (100 if keep == "whole" else 0)
    assert kept.answered.size == len(answered.body)


async def test_answers_under_way_are_bounded_together(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bodies, "MOST_HELD", 50)
    await asked(house.gateway(keep="whole"), "word " * 100)

    kept = await house.kept()

    assert kept is not None
    assert len(kept.answered.data) == 50
    assert kept.answered.truncated


async def test_an_unreadable_question_is_not_kept_where_it_would_have_to_be_cleaned(house: House):
    gateway = house.gateway(keep="redacted")
    await call(gateway, "/v1/chat/completions", b'{"mail": "jane\\u0040example.com"', headers=KEEPING)

    kept = await house.kept()

    assert kept is not None
    assert (kept.asked.data, kept.asked.truncated, kept.asked.size) == (b"", True, 32)
