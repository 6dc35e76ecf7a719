"""The tokens of an input: the provider's count, or an estimate that says it is one."""

from __future__ import annotations

import pytest

from quorate.engine.routing.strategies import RoundRobin
from quorate.errors import KeyInvalid, Unreachable, Unsupported, UpstreamBusy, UpstreamError, UpstreamRejected
from quorate.types.work import CountRequest
from tests.engine.stage import INPUT_GUESSED, QUESTION, Play, Scene, fails, raised_by, refuses, target

ASKED = CountRequest(model="any", request=QUESTION)
COUNTED = Scene(pieces=(b'{"count": 42}',))


async def test_the_provider_counts():
    play = Play(COUNTED)

    reply = await play.engine.count(ASKED, play.context)

    assert (reply.tokens, reply.estimated, reply.provider, reply.model) == (42, False, "of-a", "a")
    assert (reply.fidelity, [each.outcome for each in reply.attempts]) == ((), ["answered"])
    assert play.context.budget.spent == 0


async def test_the_favourite_is_asked_and_no_other():
    play = Play(COUNTED, targets=[target("a", priority=5), target("b")])

    reply = await play.engine.count(ASKED, play.context)

    assert reply.provider == "of-b"


async def test_a_count_takes_nobodys_turn():
    turns = RoundRobin()
    play = Play(COUNTED, COUNTED, strategy=turns)

    await play.engine.count(ASKED, play.context)

    assert next(turns(play.targets, play.statistics)).target.model == "a"


async def test_a_target_that_counts_nothing_is_counted_for():
    play = Play(targets=[target("a", wire="deaf"), target("b")])

    reply = await play.engine.count(ASKED, play.context)

    assert (reply.tokens, reply.estimated, reply.provider) == (INPUT_GUESSED, True, "of-a")
    assert [(each.setting, each.kind) for each in reply.fidelity] == [("tokens", "emulated")]
    assert "counts no tokens" in reply.fidelity[0].detail


@pytest.mark.parametrize(
    "scene",
    [
        refuses(404),
        refuses(405),
        refuses(503),
        refuses(401),
        fails(Unreachable("no")),
        fails(UpstreamBusy("x")),
    ],
)
async def test_where_the_counting_fails_an_estimate_must_do(scene: Scene):
    play = Play(scene)

    reply = await play.engine.count(ASKED, play.context)

    assert (reply.tokens, reply.estimated, len(reply.attempts)) == (INPUT_GUESSED, True, 1)


async def test_a_request_that_the_provider_finds_wrong_is_not_counted():
    play = Play(refuses(400))

    assert isinstance(await raised_by(play.engine.count(ASKED, play.context)), UpstreamRejected)


@pytest.mark.parametrize(
    ("wire", "scenes", "kind"), [("deaf", [], Unsupported), ("toy", [refuses(401)], KeyInvalid)]
)
async def test_strictly_asked_there_is_no_estimate(wire: str, scenes: list[Scene], kind: type[UpstreamError]):
    play = Play(*scenes, targets=[target("a", wire=wire)])

    assert isinstance(await raised_by(play.engine.count(ASKED, play.within(strict=True))), kind)


async def test_an_estimate_shows_no_credential():
    secret = b"the key sk-canary-0123456789 is wrong"
    play = Play(refuses(401, secret))

    reply = await play.engine.count(ASKED, play.context)

    assert "canary" not in reply.fidelity[0].detail
