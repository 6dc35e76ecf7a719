"""How much to think: said by budget or by effort, and what thinking forbids."""

from __future__ import annotations

import pytest

from quorate.types.chat import Thinking, Tool, ToolChoice
from quorate.types.target import Quirks

from .making import asked_with, body_of, departures, request

BUDGET = Quirks(reasoning="budget")
ADAPTIVE = Quirks(reasoning="adaptive")
WEATHER = Tool(name="weather", schema={"type": "object"})


def thought(thinking: Thinking, quirks: Quirks | None = None, **fields):
    body = body_of(request(thinking=thinking, **fields), quirks)
    return body.get("thinking"), body.get("output_config", {}).get("effort")


@pytest.mark.parametrize(
    ("fields", "thinking"),
    [
        ({"thinking": {"type": "enabled", "budget_tokens": 2000}}, Thinking(enabled=True, budget=2000)),
        ({"thinking": {"type": "disabled"}}, Thinking(enabled=False)),
        ({"thinking": {"type": "adaptive"}}, Thinking(enabled=True)),
        (
            {"thinking": {"type": "adaptive", "display": "summarized"}, "output_config": {"effort": "max"}},
            Thinking(effort="max", show=True),
        ),
        (
            {"thinking": {"type": "enabled", "budget_tokens": 2000, "display": "omitted"}},
            Thinking(enabled=True, budget=2000, show=False),
        ),
        ({"output_config": {"effort": "low"}}, Thinking(effort="low", vendor={"anthropic": {"type": None}})),
        ({"thinking": {"type": "between_tools"}}, Thinking(vendor={"anthropic": {"type": "between_tools"}})),
        (
            {"thinking": {"type": "adaptive", "display": "updates", "block_binding": "b"}},
            Thinking(enabled=True, vendor={"anthropic": {"display": "updates", "block_binding": "b"}}),
        ),
    ],
)
def test_what_a_client_says_of_thinking_is_read_and_written_back(fields, thinking):
    asked = asked_with(**fields, max_tokens=9000)
    body = body_of(asked)

    assert asked.thinking == thinking
    assert {name: body[name] for name in ("thinking", "output_config") if name in body} == fields


@pytest.mark.parametrize(
    ("thinking", "said"),
    [
        (Thinking(effort="high"), ({"type": "adaptive"}, "high")),
        (Thinking(effort="none"), ({"type": "disabled"}, None)),
        (Thinking(enabled=True), ({"type": "adaptive"}, None)),
        (Thinking(budget=3000), ({"type": "enabled", "budget_tokens": 3000}, None)),
    ],
)
def test_a_target_with_nothing_said_takes_both_ways(thinking, said):
    assert thought(thinking) == said
    assert departures(request(thinking=thinking)) == []


@pytest.mark.parametrize(
    ("thinking", "said", "told"),
    [
        (Thinking(effort="low"), {"type": "enabled", "budget_tokens": 2048}, [("thinking", "emulated")]),
        (Thinking(enabled=True), {"type": "enabled", "budget_tokens": 8192}, [("thinking", "emulated")]),
        (
            Thinking(effort="low", budget=3000),
            {"type": "enabled", "budget_tokens": 3000},
            [("thinking.effort", "dropped")],
        ),
        (Thinking(budget=100), {"type": "enabled", "budget_tokens": 1024}, [("thinking.budget", "changed")]),
        (Thinking(enabled=False), {"type": "disabled"}, []),
    ],
)
def test_a_model_of_budgets_gets_a_budget(thinking, said, told):
    assert thought(thinking, BUDGET, max_output=20000) == (said, None)
    assert departures(request(thinking=thinking, max_output=20000), BUDGET) == told


@pytest.mark.parametrize(
    ("thinking", "effort", "told"),
    [
        (Thinking(effort="xhigh"), "xhigh", []),
        (Thinking(effort="minimal"), "low", [("thinking.effort", "changed")]),
        (Thinking(budget=3000), "medium", [("thinking.budget", "changed")]),
        (Thinking(budget=90000), "max", [("thinking.budget", "changed")]),
    ],
)
def test_a_model_of_efforts_gets_a_word(thinking, effort, told):
    assert thought(thinking, ADAPTIVE) == ({"type": "adaptive"}, effort)
    assert departures(request(thinking=thinking), ADAPTIVE) == told


def test_a_word_the_target_does_not_know_becomes_the_nearest():
    quirks = Quirks(reasoning="adaptive", efforts=("low", "high"))

    assert thought(Thinking(effort="max"), quirks) == ({"type": "adaptive"}, "high")
    assert departures(request(thinking=Thinking(effort="max")), quirks) == [("thinking.effort", "changed")]


def test_a_model_that_does_not_reason_is_not_asked_to():
    quirks = Quirks(reasoning="none")

    assert thought(Thinking(effort="high"), quirks) == (None, None)
    assert departures(request(thinking=Thinking(effort="high")), quirks) == [("thinking", "dropped")]
    assert departures(request(thinking=Thinking(effort="none")), quirks) == []


def test_a_budget_stays_below_the_answers_limit():
    asked = request(thinking=Thinking(budget=9000), max_output=4000)

    assert body_of(asked)["thinking"]["budget_tokens"] == 2000
    assert departures(asked) == [("thinking.budget", "changed")]


def test_an_answer_too_short_to_think_does_not():
    asked = request(thinking=Thinking(budget=2000), max_output=500)

    assert "thinking" not in body_of(asked)
    assert departures(asked) == [("thinking", "dropped")]


def test_an_invented_limit_leaves_room_for_the_budget():
    body = body_of(request(thinking=Thinking(budget=10000)), max_output=None)

    assert body["max_tokens"] == 14096


def test_thoughts_between_calls_may_pass_the_limit():
    betas = {"anthropic": {"betas": ["interleaved-thinking-2025-05-14"]}}
    asked = request(thinking=Thinking(budget=9000), max_output=4000, vendor=betas)

    assert body_of(asked)["thinking"]["budget_tokens"] == 9000
    assert departures(asked) == []


def test_a_model_that_thinks_takes_no_sampling():
    asked = request(thinking=Thinking(budget=2000), temperature=0.5, top_p=0.5, top_k=5)

    assert not {"temperature", "top_p", "top_k"} & set(body_of(asked))
    assert departures(asked) == [("temperature", "dropped"), ("top_p", "dropped"), ("top_k", "dropped")]


def test_sampling_that_thinking_allows_stays():
    asked = request(thinking=Thinking(budget=2000), temperature=1, top_p=0.95)

    assert (body_of(asked)["temperature"], body_of(asked)["top_p"]) == (1, 0.95)
    assert departures(asked) == []


def test_a_model_that_must_call_a_tool_may_not_think():
    asked = request(
        thinking=Thinking(effort="high"), tools=(WEATHER,), tool_choice=ToolChoice(mode="required")
    )

    assert "thinking" not in body_of(asked)
    assert departures(asked) == [("thinking", "dropped")]


def test_there_is_nothing_to_show_where_nothing_is_thought():
    assert departures(request(thinking=Thinking(show=True))) == [("thinking.show", "dropped")]
