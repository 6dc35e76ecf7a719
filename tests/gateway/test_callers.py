"""What a key may do: which models, until when, how fast; and that what becomes of a call is written down."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from quorate.errors import ForbiddenCaller, RateLimited, UnknownCaller
from quorate.gateway.app import Gateway
from quorate.gateway.callers import Caller, KeyRing, check_model, hash_of
from quorate.gateway.journal import Journal
from quorate.gateway.limits import Limits
from quorate.gateway.record import AccessRecord
from quorate.sim.simulator import Simulator
from quorate.types.value import replace
from tests.sim.asking import question

from .house import HOST, Answered, call, gateway_for, seen, settings_for, written

KEY = "qk-key-of-a-caller-of-the-tests"
CALLER = Caller(scope="tenant", key="one", name="Tests")


class Clock:
    """A clock that is set by hand, in seconds."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Ears:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.heard: list[AccessRecord] = []

    def take(self, records: Sequence[AccessRecord]) -> None:
        self.heard += records


class Faulty:
    """Fails at everything."""

    def take(self, records: Sequence[AccessRecord]) -> None:
        raise RuntimeError("out of order")


def ring(caller: Caller, now: Any = lambda: 0.0) -> KeyRing:
    made = KeyRing(now=now)
    made.learn("tests", {hash_of(KEY): caller})
    return made


async def ask(gateway: Gateway, model: str) -> Answered:
    asked = written("openai_chat", question(model=model))
    return await call(gateway, asked.path, asked.body, headers={"host": HOST, "x-api-key": KEY})


def test_a_key_opens_until_its_time_is_over():
    clock = Clock()
    keys = ring(replace(CALLER, expires_at=1_010.0), clock)

    before = keys.find({"x-api-key": KEY}, {})
    clock.now = 1_010.0

    assert before.scope == "tenant"
    with pytest.raises(UnknownCaller, match="expired"):
        keys.find({"x-api-key": KEY}, {})


def test_a_source_that_forgets_a_key_closes_the_door_and_other_sources_stay():
    keys = ring(CALLER)
    keys.learn("settings", {hash_of("another key of the tests"): replace(CALLER, key="two")})
    keys.learn("tests", {})

    assert keys.find({"x-api-key": "another key of the tests"}, {}).key == "two"
    with pytest.raises(UnknownCaller):
        keys.find({"x-api-key": KEY}, {})


LEADS = {"fast": ["openai/gpt-5", "openai/gpt-5-mini"], "mixed": ["openai/gpt-5", "ollama/x"], "nothing": []}


@pytest.mark.parametrize(
    ("patterns", "name", "may"),
    [
        ((), "anything", True),
        (("openai/*",), "openai/gpt-5", True),
        (("OpenAI/*",), "openai/gpt-5", True),
        (("openai/*",), "ollama/x", False),
        (("openai/*",), "fast", True),
        (("openai/*",), "mixed", False),
        (("mixed",), "mixed", True),
        (("openai/*",), "nothing", False),
    ],
)
def test_a_key_may_ask_for_what_its_patterns_fit(patterns: tuple[str, ...], name: str, *, may: bool):
    caller = replace(CALLER, models=patterns)
    refusals: list[ForbiddenCaller] = []

    try:
        check_model(caller, name, lambda asked: LEADS.get(asked, [asked]))
    except ForbiddenCaller as error:
        refusals.append(error)

    assert (refusals == []) is may


def test_requests_come_as_fast_as_the_key_allows_and_no_faster():
    clock = Clock()
    limits, caller = Limits(clock), replace(CALLER, requests_per_minute=2)
    limits.admit(caller)
    limits.admit(caller)

    with pytest.raises(RateLimited) as refused:
        limits.admit(caller)
    clock.now += refused.value.retry_after or 0
    limits.admit(caller)

    assert refused.value.retry_after == 30.0


def test_what_was_used_beyond_the_tokens_of_a_minute_is_waited_for():
    clock = Clock()
    limits, caller = Limits(clock), replace(CALLER, tokens_per_minute=60)
    limits.admit(caller)
    limits.used(caller, 90)

    with pytest.raises(RateLimited, match="60 tokens") as refused:
        limits.admit(caller)
    clock.now += refused.value.retry_after or 0
    limits.admit(caller)

    assert refused.value.retry_after == 31.0


def test_keys_do_not_share_what_they_may_use():
    limits = Limits(Clock())
    one, two = (replace(CALLER, key=key, requests_per_minute=1) for key in ("one", "two"))
    limits.admit(one)

    limits.admit(two)

    with pytest.raises(RateLimited):
        limits.admit(one)


@pytest.fixture
async def sim() -> AsyncIterator[Simulator]:
    async with Simulator(seed=7, speed=0) as running:
        yield running


async def test_a_key_for_some_models_sees_and_reaches_only_those(sim: Simulator):
    gateway, household = gateway_for(
        settings_for(sim.url), callers=ring(replace(CALLER, models=("sim-openai/*",)))
    )

    reached = await ask(gateway, "sim-openai/sim-swift")
    refused = await ask(gateway, "sim-ollama/sim-swift")
    listed = await call(
        gateway, "/v1/models", method="GET", headers={"host": HOST, "authorization": f"Bearer {KEY}"}
    )
    await household.transport.close()

    assert (reached.status, refused.status) == (200, 403)
    assert {each["id"].split("/")[0] for each in json.loads(listed.body)["data"]} == {"sim-openai"}


async def test_too_many_requests_are_told_when_to_come_again(sim: Simulator):
    gateway, household = gateway_for(
        settings_for(sim.url), callers=ring(replace(CALLER, requests_per_minute=1))
    )

    first = await ask(gateway, "sim-openai/sim-swift")
    second = await ask(gateway, "sim-openai/sim-swift")
    await household.transport.close()

    assert (first.status, second.status) == (200, 429)
    assert 50 < float(second.headers["retry-after"]) <= 60
    assert sim.stats.requests == 1


async def test_what_becomes_of_a_call_is_written_down(sim: Simulator):
    ears = Ears()
    gateway, household = gateway_for(settings_for(sim.url), callers=ring(CALLER), observers=(Faulty(), ears))

    answered = await ask(gateway, "sim-anthropic/sim-swift")
    await ask(gateway, "no-such/model")
    await seen(lambda: len(ears.heard) == 2)
    await household.transport.close()

    one, other = ears.heard
    assert one.id == answered.headers["x-quorate-decision"]
    assert (one.scope, one.key, one.protocol, one.operation) == ("tenant", "one", "openai_chat", "chat")
    assert (one.status, one.outcome, one.road, one.provider) == (
        200,
        "answered",
        "translated",
        "sim-anthropic",
    )
    assert (one.model, one.answered_model) == ("sim-anthropic/sim-swift", "sim-swift")
    assert one.trace[0].usage.total > 0
    assert one.trace[0].cost is not None
    assert 0 < (one.first_byte_seconds or 0) <= one.seconds
    assert (other.status, other.outcome, other.trace) == (404, "unknown_model", [])


async def test_a_journal_that_nobody_empties_hands_on_at_once_when_it_is_full(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("quorate.gateway.journal.MOST", 3)
    ears = Ears()
    journal = Journal([ears])

    for number in range(4):
        journal.add(AccessRecord(str(number), "POST", "/"))
    heard = [each.id for each in ears.heard]
    journal.flush()

    assert heard == ["0", "1", "2"]
    assert [each.id for each in ears.heard] == ["0", "1", "2", "3"]
