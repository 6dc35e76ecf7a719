"""The plan that a model makes before it calls tools: thoughts, in a field of their own."""

from __future__ import annotations

from quorate.types.parts import Reasoning

from .fields import own, vendor

_FIELD = "tool_plan"


def plan(text: str) -> Reasoning:
    """Marked, so that it goes back as a plan."""
    return Reasoning(text=text, vendor=vendor({_FIELD: True}))


def is_plan(thought: Reasoning) -> bool:
    return own(thought.vendor).get(_FIELD) is True
