"""What every SDK asks, and what it should get."""

from __future__ import annotations

from typing import Any

QUESTION = "Name three rivers in France"
WEATHER = "What is the weather in Vienna?"
CITY = "city"
TOOL: dict[str, Any] = {
    "name": "weather",
    "description": "The weather in a city",
    "parameters": {"type": "object", "properties": {CITY: {"type": "string"}}, "required": [CITY]},
}


def expect(found: object, wanted: object) -> None:
    if found != wanted:
        raise AssertionError(f"{found!r} instead of {wanted!r}")


def expect_answer(text: str | None) -> None:
    """The simulator repeats the question."""
    if not text or QUESTION not in text:
        raise AssertionError(f"the answer is {text!r}")
