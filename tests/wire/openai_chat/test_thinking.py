"""How much to reason, in every dialect."""

from __future__ import annotations

from typing import Any

import pytest

from quorate.types.chat import Thinking
from quorate.types.target import Quirks
from tests.wire.openai_chat.given import ask, body_of, departures, read

SWITCHED = Quirks(reasoning="thinking", efforts=("low", "high"))


def said(thinking: Thinking, quirks: Quirks) -> dict[str, Any]:
    body = body_of(ask(thinking=thinking), quirks)
    return {name: value for name, value in body.items() if name not in ("model", "messages")}


@pytest.mark.parametrize(
    ("dialect", "thinking", "fields"),
    [
        ("effort", Thinking(effort="low"), {"reasoning_effort": "low"}),
        ("effort", Thinking(enabled=False), {"reasoning_effort": "none"}),
        ("object", Thinking(effort="low"), {"reasoning": {"effort": "low"}}),
        ("object", Thinking(budget=99, show=False), {"reasoning": {"max_tokens": 99, "exclude": True}}),
        ("object", Thinking(enabled=False), {"reasoning": {"enabled": False}}),
        ("thinking", Thinking(enabled=True), {"thinking": {"type": "enabled"}}),
        ("thinking", Thinking(effort="none"), {"thinking": {"type": "disabled"}}),
        (
            "thinking",
            Thinking(enabled=True, budget=50),
            {"thinking": {"type": "enabled", "budget_tokens": 50}},
        ),
        ("enable_thinking", Thinking(enabled=False), {"enable_thinking": False}),
        ("enable_thinking", Thinking(budget=50), {"enable_thinking": True, "thinking_budget": 50}),
        ("budget", Thinking(budget=50), {"thinking_budget": 50}),
        ("budget", Thinking(enabled=False), {"thinking_budget": 0}),
        (
            "format",
            Thinking(effort="high", show=True),
            {"reasoning_effort": "high", "reasoning_format": "parsed"},
        ),
        ("format", Thinking(show=False), {"reasoning_format": "hidden"}),
    ],
)
def test_each_dialect_says_it_its_own_way(dialect: Any, thinking: Thinking, fields: dict[str, Any]):
    quirks = Quirks(reasoning=dialect)
    assert said(thinking, quirks) == fields
    assert departures(ask(thinking=thinking), quirks) == []


@pytest.mark.parametrize(
    ("quirks", "thinking", "told"),
    [
        (Quirks(), Thinking(budget=2000), [("thinking.budget", "changed")]),
        (Quirks(), Thinking(effort="low", show=True), [("thinking.show", "dropped")]),
        (Quirks(), Thinking(enabled=True), [("thinking.enabled", "changed")]),
        (Quirks(efforts=("low", "high")), Thinking(effort="minimal"), [("thinking.effort", "changed")]),
        (Quirks(reasoning="thinking"), Thinking(effort="high"), [("thinking.effort", "changed")]),
        (Quirks(reasoning="budget"), Thinking(effort="low"), [("thinking.effort", "changed")]),
        (
            Quirks(reasoning="none"),
            Thinking(effort="low", budget=9),
            [("thinking.effort", "dropped"), ("thinking.budget", "dropped")],
        ),
    ],
)
def test_what_a_dialect_cannot_say_is_reported(
    quirks: Quirks, thinking: Thinking, told: list[tuple[str, str]]
):
    assert departures(ask(thinking=thinking), quirks) == told


def test_a_switch_may_have_an_effort_beside_it():
    assert said(Thinking(effort="high"), SWITCHED) == {"reasoning_effort": "high"}
    assert said(Thinking(enabled=True, effort="low"), SWITCHED) == {
        "thinking": {"type": "enabled"},
        "reasoning_effort": "low",
    }
    assert said(Thinking(effort="none"), SWITCHED) == {"thinking": {"type": "disabled"}}


@pytest.mark.parametrize(
    ("efforts", "word"),
    [(("none", "high"), "high"), (("none", "default"), "default"), (("low", "high"), "low")],
)
def test_the_nearest_effort_never_switches_thinking_off(efforts: tuple[str, ...], word: str):
    assert said(Thinking(effort="minimal"), Quirks(efforts=efforts)) == {"reasoning_effort": word}


@pytest.mark.parametrize(
    ("fields", "thinking"),
    [
        ({"reasoning_effort": "low"}, Thinking(effort="low")),
        ({"reasoning": {"effort": "low", "exclude": True}}, Thinking(effort="low", show=False)),
        ({"reasoning": {"max_tokens": 9, "enabled": True}}, Thinking(budget=9, enabled=True)),
        ({"thinking": {"type": "enabled", "budget_tokens": 9}}, Thinking(enabled=True, budget=9)),
        (
            {"thinking": {"type": "disabled"}, "reasoning_effort": "low"},
            Thinking(enabled=False, effort="low"),
        ),
        ({"enable_thinking": True, "thinking_budget": 9}, Thinking(enabled=True, budget=9)),
        ({"reasoning_format": "hidden"}, Thinking(show=False)),
    ],
)
def test_every_dialect_is_read(fields: dict[str, Any], thinking: Thinking):
    assert read(**fields).thinking == thinking


@pytest.mark.parametrize(
    "fields",
    [
        {"thinking": {"type": "adaptive"}},
        {"thinking": {"clear_thinking": False}},
        {"reasoning_format": "raw"},
        {"thinking": 5},
    ],
)
def test_words_we_do_not_know_go_on_as_they_are(fields: dict[str, Any]):
    request = read(**fields)
    assert request.thinking is None
    assert body_of(request).items() >= fields.items()


def test_what_a_caller_says_of_reasoning_in_the_protocols_own_words_goes_along():
    request = ask(thinking=Thinking(effort="low"), vendor={"openai_chat": {"reasoning": {"exclude": True}}})

    assert body_of(request, Quirks(reasoning="object"))["reasoning"] == {"effort": "low", "exclude": True}
