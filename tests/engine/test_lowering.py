"""A number of tokens that was meant for one model is lowered for another that cannot say so much."""

from __future__ import annotations

import pytest

from quorate.engine.lowering import lowered
from quorate.types.chat import ChatRequest, Departure, Message, Thinking
from quorate.types.parts import Text
from quorate.types.target import Target
from quorate.types.value import replace

TARGET = Target(
    provider="house", model="small", wire="gemini", base_url="http://127.0.0.1:9", max_output=8000
)
REQUEST = ChatRequest(
    model="big", messages=(Message(role="user", parts=(Text(text="hi"),)),), max_output=128_000
)


def told(departures: tuple[Departure, ...]) -> list[tuple[str, str]]:
    return [(each.setting, each.kind) for each in departures]


def test_a_limit_above_the_targets_becomes_the_targets():
    request, lost = lowered(REQUEST, TARGET, "big")

    assert request == replace(REQUEST, max_output=8000)
    assert told(lost) == [("max_output", "changed")]


@pytest.mark.parametrize("asked", ["small", "house/small"])
def test_a_limit_for_the_very_model_that_answers_is_its_providers_matter(asked: str):
    assert lowered(REQUEST, TARGET, asked) == (REQUEST, ())


@pytest.mark.parametrize(
    ("request_", "target"),
    [
        (replace(REQUEST, max_output=8000), TARGET),
        (replace(REQUEST, max_output=None), TARGET),
        (REQUEST, replace(TARGET, max_output=None)),
    ],
)
def test_a_limit_that_fits_or_is_not_known_stays(request_: ChatRequest, target: Target):
    assert lowered(request_, target, "big") == (request_, ())


def test_thoughts_that_fitted_into_the_answer_still_do():
    request, lost = lowered(replace(REQUEST, thinking=Thinking(enabled=True, budget=32_000)), TARGET, "big")

    assert request.thinking == Thinking(enabled=True, budget=4000)
    assert told(lost) == [("max_output", "changed"), ("thinking.budget", "changed")]


@pytest.mark.parametrize("budget", [2000, 200_000])
def test_thoughts_that_fit_or_never_did_stay(budget: int):
    asked = replace(REQUEST, thinking=Thinking(budget=budget))

    request, lost = lowered(asked, TARGET, "big")

    assert request.thinking == asked.thinking
    assert told(lost) == [("max_output", "changed")]
