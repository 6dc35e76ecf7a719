"""What a call may cost is set aside before it, what it did cost is booked after it, once."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from quorate.engine.routing.strategies import Retries, priority, retrying
from quorate.errors import BudgetExceeded, NoAnswer, UpstreamBusy, UpstreamTimeout
from quorate.types.chat import ChatRequest, Message
from quorate.types.parts import Text
from quorate.types.value import replace
from quorate.types.work import EmbedRequest, ModelsRequest

from .stage import INPUT_GUESSED, QUESTION, Play, Scene, Silence, answers, fails, raised_by, refuses, target

SMALL = replace(QUESTION, max_output=10)
WORST = Decimal("0.156")
"""56 bytes of input and 10 tokens of output."""

TRUE = Decimal("0.053")
"""3 tokens in, 5 out."""

GUESS = Decimal("0.014")
"""The input alone, by estimate."""


def timeout(waited_for: str) -> UpstreamTimeout:
    error = UpstreamTimeout("too slow")
    error.waited_for = waited_for
    return error


async def test_an_answer_is_booked_at_its_price():
    play = Play(answers())

    reply = await play.engine.answer(SMALL, play.context)

    assert (reply.cost, reply.price_rule, play.context.budget.spent) == (TRUE, "test prices", TRUE)
    assert [(each.cost, each.estimated) for each in reply.attempts] == [(TRUE, False)]


async def test_the_service_tier_counts():
    play = Play(answers())

    reply = await play.engine.answer(replace(SMALL, service_tier="fast"), play.context)

    assert reply.cost == 2 * TRUE


async def test_a_call_that_could_cost_too_much_is_refused_before_it_is_sent():
    play = Play()

    error = await raised_by(play.engine.answer(SMALL, play.within(dollars=WORST - Decimal("0.001"))))

    assert isinstance(error, BudgetExceeded)
    assert (error.needed, error.left) == (WORST, WORST - Decimal("0.001"))
    assert play.stage.sent == []


async def test_a_call_that_just_fits_is_sent_and_settled():
    play = Play(answers())

    await play.engine.answer(SMALL, play.within(dollars=WORST))

    assert (play.context.budget.spent, play.context.budget.reserved) == (TRUE, 0)


async def test_calls_side_by_side_share_one_limit():
    play = Play(answers(), answers(), answers())
    context = play.within(dollars=2 * WORST)

    results = await asyncio.gather(
        *(play.engine.answer(SMALL, context) for _ in range(3)), return_exceptions=True
    )

    assert [type(result) for result in results if isinstance(result, Exception)] == [BudgetExceeded]
    assert (context.budget.spent, context.budget.reserved) == (2 * TRUE, 0)


async def test_a_failed_call_gives_everything_back():
    play = Play(fails(UpstreamBusy("no")), refuses(500))

    error = await raised_by(play.engine.answer(SMALL, play.within(dollars=WORST)))

    assert isinstance(error, NoAnswer)
    assert (play.context.budget.spent, play.context.budget.reserved) == (0, 0)


async def test_the_worst_case_is_that_of_the_dearest_target():
    play = Play(targets=[target("a"), target("b", defaults={"max_output": 20})])

    error = await raised_by(play.engine.answer(QUESTION, play.within(dollars=Decimal("0.1"))))

    assert isinstance(error, BudgetExceeded)
    assert error.needed == Decimal("0.056") + Decimal("0.01") * 4096


@pytest.mark.parametrize(
    ("request_", "entry", "needed"),
    [
        (SMALL, target("a", max_output=500), "0.156"),
        (QUESTION, target("a", max_output=500), "5.056"),
        (QUESTION, target("a", max_output=500, defaults={"max_output": 50}), "0.556"),
        (replace(SMALL, n=3), target("a"), "0.356"),
        (
            ChatRequest(
                model="any",
                max_output=10,
                messages=(Message(role="user", parts=(Text(text="12345678" * 5, cache="1h"),)),),
            ),
            target("a"),
            "0.212",
        ),
    ],
)
async def test_the_worst_case_counts_all_that_may_be_billed(request_, entry, needed: str):
    play = Play(targets=[entry])

    error = await raised_by(play.engine.answer(request_, play.within(dollars=Decimal("0.0001"))))

    assert isinstance(error, BudgetExceeded)
    assert error.needed == Decimal(needed)


async def test_an_unknown_price_is_refused_where_there_is_a_limit():
    play = Play(targets=[target("unpriced")])

    error = await raised_by(play.engine.answer(SMALL, play.within(dollars=Decimal(9))))

    assert isinstance(error, BudgetExceeded)
    assert play.stage.sent == []


async def test_an_unknown_price_passes_where_that_is_allowed():
    play = Play(answers(), targets=[target("unpriced")])

    reply = await play.engine.answer(SMALL, play.within(dollars=Decimal(9), unknown_price="allow"))

    assert reply.cost is None
    assert play.statistics.read()["of-unpriced"].unpriced == 1


async def test_an_unknown_price_is_no_matter_without_a_limit():
    play = Play(answers(), targets=[target("unpriced")])

    assert (await play.engine.answer(SMALL, play.context)).cost is None


async def test_an_answer_without_counts_costs_what_was_set_aside():
    play = Play(Scene(pieces=(b'{"text": "hello"}',)))

    reply = await play.engine.answer(SMALL, play.within(dollars=WORST))

    assert reply.cost is None
    assert (play.context.budget.spent, play.context.budget.reserved) == (WORST, 0)


async def test_a_cancelled_call_books_its_input_by_estimate():
    play = Play(Scene(pieces=(Silence(),)))
    task = asyncio.create_task(play.engine.answer(SMALL, play.within(dollars=WORST)))
    await asyncio.sleep(0.01)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert (play.context.budget.spent, play.context.budget.reserved) == (GUESS, 0)
    assert play.stage.open == 0
    told = play.statistics.read()["of-a"]
    assert (told.left, told.input_tokens, told.cost) == (1, INPUT_GUESSED, GUESS)


@pytest.mark.parametrize("waited_for", ["first_byte", "gap", "total"])
async def test_a_provider_given_up_at_work_is_booked_by_estimate(waited_for: str):
    play = Play(fails(timeout(waited_for)), answers())

    reply = await play.engine.answer(SMALL, play.context)

    assert [(each.cost, each.estimated) for each in reply.attempts] == [(GUESS, True), (TRUE, False)]
    assert (reply.cost, play.context.budget.spent) == (TRUE, GUESS + TRUE)


async def test_a_connection_that_never_stood_costs_nothing():
    play = Play(fails(timeout("connect")), answers())

    await play.engine.answer(SMALL, play.context)

    assert play.context.budget.spent == TRUE


async def test_what_a_lost_attempt_cost_is_not_there_for_the_next():
    play = Play(fails(timeout("gap")), answers())

    error = await raised_by(play.engine.answer(SMALL, play.within(dollars=WORST)))

    assert isinstance(error, BudgetExceeded)
    assert error.left == WORST - GUESS
    assert (play.context.budget.spent, play.context.budget.reserved) == (GUESS, 0)
    assert play.stage.called == ["a"]


async def test_the_next_attempt_sets_its_own_worst_case_aside():
    play = Play(fails(timeout("gap")), answers())

    reply = await play.engine.answer(SMALL, play.within(dollars=WORST + GUESS))

    assert reply.cost == TRUE
    assert (play.context.budget.spent, play.context.budget.reserved) == (GUESS + TRUE, 0)


async def test_retries_do_not_set_aside_twice():
    play = Play(refuses(503), answers(), strategy=retrying(priority, Retries(delay=1.0)))

    await play.engine.answer(SMALL, play.within(dollars=WORST))

    assert (play.context.budget.spent, play.context.budget.reserved) == (TRUE, 0)


async def test_a_stream_is_set_aside_and_settled_too():
    play = Play(Scene(pieces=(b'{"text": "a"}\n', b'{"end": 1, "input": 3, "output": 5}\n')))

    async with play.engine.stream(SMALL, play.within(dollars=WORST)) as events:
        during = play.context.budget.reserved
        async for _ in events:
            pass

    assert during == WORST
    assert (play.context.budget.spent, play.context.budget.reserved) == (TRUE, 0)


async def test_embedding_reserves_its_input_alone():
    play = Play(Scene(pieces=(b'{"vectors": [[1.0]], "input": 2, "output": 0}',)))

    reply = await play.engine.embed(
        EmbedRequest(model="any", inputs=("12345678",)), play.within(dollars=Decimal("0.008"))
    )

    assert (reply.cost, play.context.budget.spent) == (Decimal("0.002"), Decimal("0.002"))


async def test_listing_models_is_free_and_needs_no_price():
    unpriced = target("unpriced")
    play = Play(Scene(pieces=(b'{"models": ["x"]}',)))

    listed = await play.engine.list_models(ModelsRequest(), unpriced, play.within(dollars=Decimal("0.01")))

    assert [model.id for model in listed.models] == ["x"]
    told = play.statistics.read()["of-unpriced"]
    assert (told.answered, told.unpriced, told.cost) == (1, 0, 0)
