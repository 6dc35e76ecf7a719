"""Names of rows sort by time, and nobody makes the same twice."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from quorate.store.identity import first_identity, new_identity
from quorate.store.times import microseconds, moment, now

TIMES = st.integers(min_value=0, max_value=2**47 * 1000)


@given(TIMES, TIMES)
def test_names_sort_as_their_times(one: int, other: int):
    earlier, later = sorted((one, other))

    assert earlier == later or new_identity(earlier) < new_identity(later)
    assert first_identity(earlier) <= first_identity(later)


@given(TIMES)
def test_the_first_name_of_a_time_divides_those_before_from_those_after(at: int):
    assert new_identity(max(at - 1, 0)) < first_identity(at) or at == 0
    assert first_identity(at) <= new_identity(at)


def test_names_have_the_form_of_a_uuid():
    made = uuid.UUID(new_identity())

    assert (made.version, made.variant) == (7, uuid.RFC_4122)


def test_names_of_one_moment_differ():
    at = now()

    assert len({new_identity(at) for _ in range(1000)}) == 1000


def test_an_absurd_time_makes_a_name_all_the_same():
    assert len(new_identity(-1)) == len(new_identity(2**80)) == 36


def test_times_are_told_as_dates_and_back():
    at = 1_800_000_000_123_456

    assert moment(at) == datetime(2027, 1, 15, 8, 0, 0, 123456, tzinfo=UTC)
    assert microseconds(moment(at)) == at
