"""What is kept of every provider, and how it is told."""

from __future__ import annotations

from decimal import Decimal

import pytest

from quorate.engine.routing.strategies import Retries, priority, retrying
from quorate.engine.statistics import KEPT, ProviderStatistics, Statistics, percentile
from quorate.errors import Unreachable
from quorate.types.usage import Usage

from .stage import QUESTION, Play, answers, fails, raised_by, refuses, target


async def test_every_provider_has_its_own_books():
    play = Play(
        fails(Unreachable("gone")), answers(tokens_in=3, tokens_out=5), answers(tokens_in=1, tokens_out=1)
    )

    await play.engine.answer(QUESTION, play.context)
    await play.engine.answer(QUESTION, play.context)

    told = play.statistics.read()
    assert (told["of-a"].requests, told["of-a"].failures, told["of-a"].answered) == (2, 1, 1)
    assert (told["of-b"].requests, told["of-b"].input_tokens, told["of-b"].output_tokens) == (1, 3, 5)
    assert told["of-b"].cost == Decimal("0.053")
    assert told["of-a"].cost + told["of-b"].cost == play.context.budget.spent


async def test_every_try_is_counted():
    play = Play(
        refuses(503), refuses(503), targets=[target("a")], strategy=retrying(priority, Retries(tries=2))
    )

    await raised_by(play.engine.answer(QUESTION, play.context))

    told = play.statistics.read()["of-a"]
    assert (told.requests, told.failures, told.last_error) == (2, 2, "upstream_busy")
    assert play.statistics.failures_in_a_row(play.targets[0]) == 2


async def test_what_was_never_sent_is_not_counted():
    play = Play(answers(), targets=[target("a", drop=["temperature"]), target("b")])
    from quorate.types.value import replace

    await play.engine.answer(replace(QUESTION, temperature=1.0), play.within(strict=True))

    assert list(play.statistics.read()) == ["of-b"]


def test_an_answer_ends_a_row_of_failures():
    books, asked = Statistics(), target("a")
    books.failed("of-a", "unreachable")

    before = books.failures_in_a_row(asked)
    books.answered("of-a", 0.1)

    assert (before, books.failures_in_a_row(asked)) == (1, 0)
    assert books.read()["of-a"].last_error == ""


def test_nobody_asked_means_nothing_told():
    assert Statistics().read() == {}
    assert Statistics().failures_in_a_row(target("a")) == 0


def test_latency_is_told_of_the_last_answers():
    books = Statistics()

    for seconds in [1000.0] * 10 + [1.0] * (KEPT - 1) + [3.0]:
        books.answered("p", seconds)

    told = books.read()["p"]
    assert told.latency == pytest.approx((KEPT - 1 + 3.0) / KEPT)
    assert told.latency_p95 == 1.0


def test_a_provider_that_only_failed_has_no_latency():
    books = Statistics()
    books.failed("p", "unreachable")

    assert (books.read()["p"].latency, books.read()["p"].latency_p95) == (None, None)


def test_a_cost_that_is_not_known_is_counted_apart():
    books = Statistics()
    books.used("p", Usage(input=1), Decimal("0.5"))
    books.used("p", Usage(output=2), None)

    told = books.read()["p"]
    assert (told.cost, told.unpriced, told.input_tokens, told.output_tokens) == (Decimal("0.5"), 1, 1, 2)


def test_what_was_left_is_neither_an_answer_nor_a_failure():
    books = Statistics()
    books.left("p")

    assert books.read()["p"] == ProviderStatistics(requests=1, left=1)


@pytest.mark.parametrize(
    ("values", "share", "result"),
    [
        ([], 0.95, None),
        ([7.0], 0.95, 7.0),
        ([float(each) for each in range(1, 101)], 0.95, 95.0),
        ([2.0, 1.0], 0.5, 1.0),
    ],
)
def test_a_percentile_is_one_of_the_values(values: list[float], share: float, result: float | None):
    assert percentile(values, share) == result
