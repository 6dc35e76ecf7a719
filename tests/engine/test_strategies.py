"""Plans, driven by hand: which attempt follows which outcome."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from quorate.engine.routing.seam import Attempt, Outcome, PatienceRanOut, Plan, RoutingStrategy
from quorate.engine.routing.strategies import (
    Retries,
    RoundRobin,
    only_first,
    pause_after,
    priority,
    retrying,
    strategies,
)
from quorate.engine.statistics import Statistics
from quorate.errors import KeyInvalid, Unreachable, Unsupported, UpstreamBroken, UpstreamBusy, UpstreamTimeout
from quorate.types.target import Target

from .stage import target

A, B, C = target("a"), target("b"), target("c")
BUSY, KEY = UpstreamBusy("busy"), KeyInvalid("key")


def drive(plan: Plan, outcomes: Iterable[Outcome]) -> list[Attempt]:
    """The attempts of a plan that hears these outcomes, or of as much of it as there is."""
    attempts = [next(plan)]
    try:
        attempts.extend(plan.send(outcome) for outcome in outcomes)
    except (StopIteration, RuntimeError):
        return attempts
    return attempts


def names(strategy: RoutingStrategy, targets: Iterable[Target], outcomes: Iterable[Outcome]) -> str:
    attempts = drive(strategy(tuple(targets), Statistics()), outcomes)
    return "".join(attempt.target.model for attempt in attempts)


def test_the_lowest_priority_goes_first_and_equals_keep_their_order():
    targets = [target("a", priority=2), target("b", priority=1), target("c", priority=1), target("d")]

    assert names(priority, targets, [BUSY] * 9) == "dbca"


def test_turns_go_round():
    turns = RoundRobin()

    assert [names(turns, [A, B, C], [BUSY] * 9) for _ in range(4)] == ["abc", "bca", "cab", "abc"]


def test_turns_of_one_or_of_none_end():
    assert names(RoundRobin(), [A], [BUSY] * 9) == "a"
    assert list(RoundRobin()((), Statistics())) == []


def test_every_set_of_strategies_keeps_its_own_turn():
    first, second = strategies()["round_robin"], strategies()["round_robin"]
    names(first, [A, B], [])

    assert names(second, [A, B], []) == "a"


def test_only_the_first_is_tried():
    assert names(only_first(priority), [A, B], [BUSY] * 9) == "a"
    assert list(only_first(priority)((), Statistics())) == []


def test_a_target_that_may_do_better_is_tried_again_before_the_next():
    assert names(retrying(priority, Retries(tries=3)), [A, B], [BUSY] * 9) == "aaabbb"


def test_a_target_that_will_not_do_better_is_not():
    assert names(retrying(priority, Retries(tries=3)), [A, B], [KEY, BUSY, BUSY, BUSY]) == "abbb"


def test_one_try_means_no_retry():
    assert names(retrying(priority, Retries(tries=1)), [A, B], [BUSY] * 9) == "ab"
    assert names(retrying(priority, Retries(tries=0)), [A, B], [BUSY] * 9) == "ab"


@pytest.mark.parametrize("outcome", [PatienceRanOut(target=A), Unsupported("no"), KEY])
def test_what_another_try_does_not_help_goes_on(outcome: Outcome):
    assert names(retrying(priority, Retries(tries=3)), [A, B], [outcome]) == "ab"


def test_rests_double_and_what_a_target_asks_for_counts_first():
    outcomes = [BUSY, UpstreamBusy("busy", retry_after=0.5), Unreachable("gone"), UpstreamTimeout("slow")]

    attempts = drive(retrying(priority, Retries(tries=5, delay=1.0))([A], Statistics()), outcomes)

    assert [attempt.wait for attempt in attempts] == [0.0, 1.0, 0.5, 4.0, 8.0]


def test_the_first_try_of_a_target_never_waits():
    attempts = drive(retrying(priority, Retries(tries=2, delay=1.0))([A, B], Statistics()), [BUSY, BUSY])

    assert [(attempt.target.model, attempt.wait) for attempt in attempts] == [
        ("a", 0.0),
        ("a", 1.0),
        ("b", 0.0),
    ]


def test_a_retry_has_the_patience_of_the_first_try():
    def patient(targets, health):
        yield Attempt(target=A, patience=2.0)

    attempts = drive(retrying(patient, Retries())([A], Statistics()), [BUSY])

    assert [attempt.patience for attempt in attempts] == [2.0, 2.0]


def test_a_long_rest_is_taken_only_where_nobody_else_is_left():
    long = UpstreamBusy("busy", retry_after=100.0)

    assert names(retrying(priority, Retries(tries=2)), [A, B], [long, long, long]) == "abb"


@pytest.mark.parametrize(
    ("outcome", "others_left", "pause"),
    [
        (BUSY, True, 2.0),
        (UpstreamBroken("x", retry_after=0.0), True, 0.0),
        (UpstreamBusy("x", retry_after=31.0), True, None),
        (UpstreamBusy("x", retry_after=31.0), False, 31.0),
        (UpstreamBusy("x", retry_after=30.0), True, 30.0),
        (KEY, False, None),
        (PatienceRanOut(target=A), False, None),
        (Unsupported("no"), False, None),
    ],
)
def test_how_long_to_rest(outcome: Outcome, others_left: bool, pause: float | None):
    assert pause_after(outcome, 2, Retries(delay=1.0), others_left=others_left) == pause
