"""Which failure goes to another target, which is tried again, and which is the caller's at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from quorate.engine.routing.seam import Attempt, Health, Outcome, PatienceRanOut, Plan
from quorate.engine.routing.strategies import Retries, RoundRobin, only_first, priority, retrying
from quorate.errors import (
    InvalidRequest,
    KeyInvalid,
    ModelUnavailable,
    NoAnswer,
    QuotaExhausted,
    TooLong,
    Unreachable,
    Unsupported,
    UpstreamBroken,
    UpstreamBusy,
    UpstreamError,
    UpstreamRefused,
    UpstreamRejected,
    UpstreamTimeout,
)
from quorate.types.chat import AttemptRecord
from quorate.types.events import Event
from quorate.types.target import Target
from quorate.types.value import replace
from quorate.types.work import EmbedRequest

from .stage import (
    QUESTION,
    SECRET,
    Play,
    Scene,
    Silence,
    answers,
    fails,
    outcomes_of,
    raised_by,
    refuses,
    target,
)

PASSING = [
    TooLong,
    KeyInvalid,
    QuotaExhausted,
    ModelUnavailable,
    UpstreamBusy,
    UpstreamBroken,
    UpstreamTimeout,
    Unreachable,
]
FINAL = [UpstreamRejected, UpstreamRefused]
TRY_AGAIN = Retries(tries=3, delay=1.0)


@pytest.mark.parametrize("kind", PASSING)
async def test_another_target_may_answer_after(kind: type[UpstreamError]):
    play = Play(fails(kind("no")), answers("from b"))

    reply = await play.engine.answer(QUESTION, play.context)

    assert (reply.text, reply.provider) == ("from b", "of-b")
    assert [(each.target, each.outcome) for each in reply.attempts] == [
        ("of-a/a", kind.code),
        ("of-b/b", "answered"),
    ]
    assert play.stage.open == 0


@pytest.mark.parametrize("kind", FINAL)
async def test_no_other_target_is_asked_after(kind: type[UpstreamError]):
    play = Play(fails(kind("no")))

    error = await raised_by(play.engine.answer(QUESTION, play.context))

    assert type(error) is kind
    assert outcomes_of(error) == [kind.code]
    assert play.stage.called == ["a"]


async def test_an_error_knows_whose_it_is():
    play = Play(refuses(429, b"slow down", retry_after="7"), targets=[target("a")])

    error = await raised_by(play.engine.answer(QUESTION, play.context))

    assert isinstance(error, UpstreamBusy)
    assert (error.provider, error.model, error.status, error.retry_after) == ("of-a", "a", 429, 7.0)


async def test_an_error_inside_a_success_falls_back_too():
    play = Play(
        Scene(pieces=(b'{"error": "overloaded_error"}',)),
        Scene(pieces=(b"<html>",)),
        answers(),
        targets=[target("a"), target("b"), target("c")],
    )

    reply = await play.engine.answer(QUESTION, play.context)

    assert [each.outcome for each in reply.attempts] == ["upstream_busy", "upstream_broken", "answered"]


async def test_a_redirect_is_no_answer():
    play = Play(refuses(302), answers())

    reply = await play.engine.answer(QUESTION, play.context)

    assert [each.status for each in reply.attempts] == [302, 200]


async def test_where_all_fail_the_error_has_every_cause():
    play = Play(fails(Unreachable("gone")), refuses(503, b"full"))

    error = await raised_by(play.engine.answer(QUESTION, play.context))

    assert isinstance(error, NoAnswer)
    assert [type(cause) for cause in error.causes] == [Unreachable, UpstreamBusy]
    assert outcomes_of(error) == ["unreachable", "upstream_busy"]
    assert "of-a/a: unreachable (gone); of-b/b: upstream_busy (full)" in str(error)


async def test_where_the_only_one_fails_the_error_is_its_own():
    play = Play(fails(Unreachable("gone")), targets=[target("a")])

    error = await raised_by(play.engine.answer(QUESTION, play.context))

    assert type(error) is Unreachable
    assert len(error.attempts) == 1


async def test_a_route_without_targets_has_no_answer():
    play = Play(strategy=lambda targets, health: priority((), health))

    assert type(await raised_by(play.engine.answer(QUESTION, play.context))) is NoAnswer


async def test_a_busy_target_is_tried_again_after_growing_rests():
    play = Play(
        refuses(503), refuses(503), answers(), targets=[target("a")], strategy=retrying(priority, TRY_AGAIN)
    )

    reply = await play.engine.answer(QUESTION, play.context)

    assert play.clock.naps == [1.0, 2.0]
    assert [each.outcome for each in reply.attempts] == ["upstream_busy", "upstream_busy", "answered"]


async def test_a_target_is_left_alone_for_as_long_as_it_asks():
    play = Play(
        refuses(429, retry_after="7"),
        refuses(429, retry_after_ms="250"),
        answers(),
        targets=[target("a")],
        strategy=retrying(priority, TRY_AGAIN),
    )

    await play.engine.answer(QUESTION, play.context)

    assert play.clock.naps == [7.0, 0.25]


async def test_a_target_that_asks_for_too_long_is_passed_over():
    play = Play(refuses(429, retry_after="3600"), answers(), strategy=retrying(priority, TRY_AGAIN))

    reply = await play.engine.answer(QUESTION, play.context)

    assert (reply.provider, play.clock.naps) == ("of-b", [])


async def test_a_failure_that_stays_is_not_tried_again():
    play = Play(refuses(401), answers(), strategy=retrying(priority, TRY_AGAIN))

    reply = await play.engine.answer(QUESTION, play.context)

    assert play.stage.called == ["a", "b"]
    assert reply.provider == "of-b"


async def test_all_tries_of_a_call_share_one_number_of_attempts():
    play = Play(refuses(503), refuses(503), refuses(503), strategy=retrying(priority, TRY_AGAIN))

    error = await raised_by(play.engine.answer(QUESTION, play.within(attempts=2)))

    assert isinstance(error, UpstreamBusy)  # one target was asked: its last word is the call's
    assert [told.outcome for told in error.attempts if isinstance(told, AttemptRecord)] == [
        "upstream_busy"
    ] * 2
    assert play.stage.called == ["a", "a"]


async def test_calls_that_belong_together_share_their_attempts():
    play = Play(answers(), answers())
    context = play.within(attempts=2)

    await play.engine.answer(QUESTION, context)
    await play.engine.answer(QUESTION, context)
    error = await raised_by(play.engine.answer(QUESTION, context))

    assert isinstance(error, NoAnswer)
    assert error.attempts == ()


async def test_a_rest_longer_than_the_call_may_last_is_not_taken():
    play = Play(refuses(429, retry_after="20"), answers("from b"), strategy=retrying(priority, TRY_AGAIN))

    reply = await play.engine.answer(QUESTION, play.within(seconds=10))

    assert (reply.text, play.clock.naps) == ("from b", [])


async def test_the_deadline_ends_the_retries():
    play = Play(refuses(503), refuses(503), targets=[target("a")], strategy=retrying(priority, TRY_AGAIN))

    error = await raised_by(play.engine.answer(QUESTION, play.within(seconds=2.5)))

    assert isinstance(error, UpstreamBusy)
    assert (play.clock.naps, play.stage.called) == ([1.0], ["a", "a"])


async def test_a_call_whose_time_is_over_sends_nothing():
    play = Play()

    error = await raised_by(play.engine.answer(QUESTION, play.within(seconds=0)))

    assert isinstance(error, NoAnswer)
    assert play.stage.sent == []


async def test_the_transport_is_told_the_deadline_and_the_waits():
    own = target("a")
    play = Play(answers(), targets=[own])

    await play.engine.answer(QUESTION, play.within(seconds=5))

    assert play.stage.sent[0].deadline == 1005.0
    assert play.stage.sent[0].timeouts == play.context.timeouts


async def test_only_the_first_means_no_fallback():
    play = Play(fails(Unreachable("gone")), strategy=only_first(priority))

    assert type(await raised_by(play.engine.answer(QUESTION, play.context))) is Unreachable


async def test_taking_turns_goes_on_from_call_to_call():
    play = Play(answers(), answers(), answers(), strategy=RoundRobin())

    for _ in range(3):
        await play.engine.answer(QUESTION, play.context)

    assert play.stage.called == ["a", "b", "a"]


class Impatient:
    """Gives each target 20 ms, and keeps what it heard."""

    def __init__(self) -> None:
        self.heard: list[Outcome] = []

    def __call__(self, targets: Sequence[Target], health: Health) -> Plan:
        for each in targets:
            self.heard.append((yield Attempt(target=each, patience=0.02)))


async def read_all(play: Play) -> list[Event]:
    async with play.engine.stream(QUESTION, play.context) as events:
        return [event async for event in events]


async def test_a_plan_hears_that_its_patience_ran_out():
    strategy = Impatient()
    play = Play(Scene(pieces=(Silence(),)), answers("from b"), strategy=strategy)

    reply = await play.engine.answer(QUESTION, play.context)

    assert strategy.heard == [PatienceRanOut(target=play.targets[0])]
    assert [each.outcome for each in reply.attempts] == ["upstream_timeout", "answered"]
    assert play.stage.open == 0


async def test_patience_ends_where_an_answer_has_begun():
    play = Play(Scene(pieces=(b'{"text": "a"}\n', b'{"end": 1}\n')), strategy=Impatient())

    async with play.engine.stream(QUESTION, play.context) as events:
        await asyncio.sleep(0.05)
        seen = [event async for event in events]

    assert len(seen) == 4


async def test_a_timeout_of_the_caller_is_not_the_plans_patience():
    play = Play(Scene(pieces=(b'{"text": "a"}\n', Silence())), strategy=Impatient())

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(read_all(play), 0.05)

    assert play.stage.open == 0


async def test_a_timeout_that_the_caller_raises_is_the_callers():
    play = Play(Scene(pieces=(b'{"text": "a"}\n', Silence())), strategy=Impatient())

    async def hurry() -> None:
        async with play.engine.stream(QUESTION, play.context):
            raise TimeoutError("mine")

    with pytest.raises(TimeoutError, match="mine"):
        await hurry()


async def test_what_a_target_would_change_is_refused_by_a_strict_call_before_it_is_sent():
    play = Play(targets=[target("a", drop=["top_k"])])

    error = await raised_by(play.engine.answer(replace(QUESTION, top_k=5), play.within(strict=True)))

    assert isinstance(error, Unsupported)
    assert error.settings == ("top_k",)
    assert play.stage.sent == []


async def test_a_strict_call_goes_to_the_target_that_takes_it_as_it_is():
    play = Play(answers("from b"), targets=[target("a", drop=["top_k"]), target("b")])

    reply = await play.engine.answer(replace(QUESTION, top_k=5), play.within(strict=True, attempts=1))

    assert [(each.target, each.outcome) for each in reply.attempts] == [
        ("of-a/a", "unsupported"),
        ("of-b/b", "answered"),
    ]
    assert play.stage.called == ["b"]


async def test_where_no_target_takes_a_strict_call_the_error_says_all_that_is_wrong():
    play = Play(targets=[target("a", drop=["top_k"]), target("b", drop=["top_k", "seed"])])

    error = await raised_by(play.engine.answer(replace(QUESTION, top_k=5, seed=1), play.within(strict=True)))

    assert isinstance(error, Unsupported)
    assert error.settings == ("top_k", "seed")
    assert len(error.attempts) == 2


async def test_a_lenient_call_is_told_of_what_was_changed():
    play = Play(answers(), targets=[target("a", drop=["top_k"])])

    reply = await play.engine.answer(replace(QUESTION, top_k=5), play.context)

    assert [each.setting for each in reply.fidelity] == ["top_k"]


async def test_a_target_without_that_operation_is_passed_over():
    play = Play(
        Scene(pieces=(b'{"vectors": [[1.0], [2.0]], "input": 4, "output": 0}',)),
        targets=[target("a", wire="deaf"), target("b")],
    )

    reply = await play.engine.embed(EmbedRequest(model="any", inputs=("x", "y")), play.context)

    assert (reply.vectors, reply.provider) == (((1.0,), (2.0,)), "of-b")


async def test_a_request_that_makes_no_sense_is_not_taken_elsewhere():
    def refuse(target, request):
        raise InvalidRequest("no", where="messages")

    play = Play()
    play.engine._sign = refuse

    assert type(await raised_by(play.engine.answer(QUESTION, play.context))) is InvalidRequest


async def test_the_entrys_own_settings_fill_what_a_request_leaves_open():
    play = Play(answers(), answers(), targets=[target("a", defaults={"max_output": 7})])

    await play.engine.answer(QUESTION, play.context)
    await play.engine.answer(replace(QUESTION, max_output=9), play.context)

    assert [send.body for send in play.stage.sent] == [
        b'{"model": "a", "stream": false, "max": 7}',
        b'{"model": "a", "stream": false, "max": 9}',
    ]


async def test_a_credential_that_a_provider_quotes_is_not_passed_on():
    key = SECRET.reveal()
    quoting = refuses(401, f"unknown key {key}".encode(), x_request_id=f"id-{key}")
    play = Play(quoting, fails(Unreachable(f"no way to https://example.com/?key={key}")))

    error = await raised_by(play.engine.answer(QUESTION, play.context))

    assert isinstance(error, NoAnswer)
    shown = [str(error), repr(error.attempts), *(repr(vars(cause)) + str(cause) for cause in error.causes)]
    assert [text for text in shown if key in text] == []
    assert "unknown key (hidden)" in str(error)
