"""The one timer of a call, on a loop whose hours pass when the test says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from quorate.transport import watch
from quorate.transport.watch import NEVER, Rounds, Watch


class Clock:
    """A loop's timers and `monotonic`, moved on by hand."""

    def __init__(self) -> None:
        self.now = 100.0
        self.armed = 0
        self._timers: list[Timer] = []

    def call_later(self, delay: float, callback: Callable[[], None]) -> Timer:
        self.armed += 1
        self._timers.append(Timer(self.now + delay, callback))
        return self._timers[-1]

    @property
    def waiting(self) -> int:
        return sum(not timer.is_over for timer in self._timers)

    def pass_to(self, moment: float) -> None:
        while due := [timer for timer in self._timers if timer.moment <= moment and not timer.is_over]:
            first = min(due, key=lambda timer: timer.moment)
            self.now, first.is_over = first.moment, True
            first.callback()
        self.now = moment


class Timer:
    def __init__(self, moment: float, callback: Callable[[], None]) -> None:
        self.moment, self.callback, self.is_over = moment, callback, False

    def cancel(self) -> None:
        self.is_over = True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(watch, "monotonic", lambda: clock.now)
    return clock


def watching(
    clock: Clock, deadline: float = NEVER, rounds: Rounds | None = None
) -> tuple[Watch, list[tuple[str, float]]]:
    """A watch, and when it gave up on what."""
    given_up: list[tuple[str, float]] = []

    def note(waits_for: str) -> None:
        given_up.append((waits_for, clock.now))

    return Watch(cast("Any", clock), deadline, note, rounds), given_up


def test_a_wait_that_is_too_long_is_given_up_at_its_moment(clock: Clock):
    made, given_up = watching(clock)
    made.wait("gap", 105.0)
    clock.pass_to(104.9)
    assert given_up == []

    clock.pass_to(106.0)

    assert given_up == [("gap", 105.0)]
    assert clock.waiting == 0


def test_no_wait_outlives_the_deadline(clock: Clock):
    made, given_up = watching(clock, deadline=103.0)
    made.wait("gap", 105.0)
    clock.pass_to(110.0)

    assert given_up == [("total", 103.0)]


def test_a_wait_without_an_end_sets_no_timer(clock: Clock):
    made, given_up = watching(clock)
    made.wait("gap", NEVER)
    clock.pass_to(1e9)

    assert (clock.armed, given_up) == (0, [])


def test_what_comes_in_time_puts_the_end_off_without_a_timer_each(clock: Clock):
    made, given_up = watching(clock)
    for step in range(1000):
        clock.pass_to(100 + step * 0.01)
        made.wait("gap", clock.now + 5)
        made.rest()
    made.wait("gap", clock.now + 5)
    clock.pass_to(1000.0)

    assert given_up == [("gap", pytest.approx(114.99))]
    assert clock.armed < 6


def test_nothing_is_given_up_while_nothing_is_waited_for(clock: Clock):
    made, given_up = watching(clock, deadline=101.0)
    made.wait("first_byte", 105.0)
    made.rest()
    clock.pass_to(200.0)

    assert given_up == []


def test_a_shorter_wait_after_a_longer_one_is_given_up_in_time(clock: Clock):
    made, given_up = watching(clock)
    made.wait("first_byte", 200.0)
    made.wait("gap", 101.0)
    clock.pass_to(300.0)

    assert given_up == [("gap", 101.0)]


def test_a_wait_that_is_over_before_it_begins_is_given_up_at_once(clock: Clock):
    made, given_up = watching(clock)
    made.wait("first_byte", 99.0)
    clock.pass_to(100.0)

    assert given_up == [("first_byte", 100.0)]


def test_an_ended_watch_leaves_no_timer(clock: Clock):
    made, given_up = watching(clock)
    made.wait("gap", 105.0)
    made.end()
    clock.pass_to(200.0)

    assert (clock.waiting, given_up) == (0, [])


def test_the_time_left_is_that_to_the_deadline(clock: Clock):
    assert watching(clock, deadline=103.5)[0].left() == 3.5
    assert watching(clock)[0].left() == NEVER


def test_long_waits_of_many_calls_share_one_timer(clock: Clock):
    rounds = Rounds(cast("Any", clock))
    for step in range(1000):
        clock.pass_to(100 + step * 0.01)
        made, _ = watching(clock, deadline=clock.now + 600, rounds=rounds)
        made.wait("first_byte", clock.now + 120)
        made.end()
    clock.pass_to(1000.0)

    assert clock.armed < 25
    assert clock.waiting == 0


@pytest.mark.parametrize("seconds", [0.0, 0.1, 0.5, 0.6, 1.0, 5.0, 120.0])
def test_a_wait_that_shares_a_timer_is_given_up_at_its_moment(clock: Clock, seconds: float):
    rounds = Rounds(cast("Any", clock))
    watching(clock, rounds=rounds)[0].wait("gap", 1000.0)
    clock.pass_to(100.3)
    made, given_up = watching(clock, rounds=rounds)
    made.wait("first_byte", 100.3 + seconds)
    clock.pass_to(500.0)

    assert given_up == [("first_byte", pytest.approx(100.3 + seconds))]


def test_waits_that_come_and_go_are_given_up_in_time_between_rounds(clock: Clock):
    rounds = Rounds(cast("Any", clock))
    made, given_up = watching(clock, rounds=rounds)
    for step in range(100):
        clock.pass_to(100 + step * 0.07)
        made.wait("gap", clock.now + 0.6)
        made.rest()
    made.wait("gap", clock.now + 0.6)
    clock.pass_to(1000.0)

    assert given_up == [("gap", pytest.approx(107.53))]


def test_closed_rounds_leave_no_timer(clock: Clock):
    rounds = Rounds(cast("Any", clock))
    watching(clock, rounds=rounds)[0].wait("gap", 1000.0)
    rounds.close()

    assert clock.waiting == 0
