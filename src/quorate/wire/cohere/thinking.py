"""How much to think: `thinking` with a budget of tokens, for the models that think."""

from __future__ import annotations

from collections.abc import Mapping

from quorate.types.chat import Thinking
from quorate.types.target import Quirks
from quorate.wire.json_fields import Json, a_text
from quorate.wire.notes import Notes

from .fields import left, own, vendor

_BUDGETS: Mapping[str, int] = {
    "minimal": 1024,
    "low": 2048,
    "medium": 8192,
    "high": 16384,
    "xhigh": 24576,
    "max": 31000,
}
"""Tokens for a word of effort. Cohere advises to stay under 31000, so that an answer has room after them."""


def write_thinking(thinking: Thinking, quirks: Quirks, notes: Notes) -> Json | None:
    if quirks.reasoning == "none":
        if thinking.enabled or thinking.budget is not None or thinking.effort not in ("", "none"):
            notes.dropped("thinking", "this model does not think before it answers")
        return None
    if thinking.show is False:
        notes.dropped("thinking.show", "thoughts that are thought are shown")
    if thinking.enabled is False or thinking.effort == "none":
        return {"type": "disabled"} | own(thinking.vendor)
    budget = thinking.budget
    if budget is None and thinking.effort:
        budget = _BUDGETS.get(thinking.effort, _BUDGETS["medium"])
        notes.emulated("thinking.effort", f"this target takes tokens: a budget of {budget}")
    elif thinking.effort:
        notes.dropped("thinking.effort", "this target takes a budget alone")
    if budget is None:
        return {"type": "enabled"} | own(thinking.vendor) if thinking.enabled or thinking.vendor else None
    if budget < 1:
        notes.changed("thinking.budget", "no tokens to think with: it does not think")
        return {"type": "disabled"} | own(thinking.vendor)
    return {"type": "enabled", "token_budget": budget} | own(thinking.vendor)


def read_thinking(raw: Json) -> Thinking:
    budget = raw.get("token_budget")
    return Thinking(
        enabled=a_text(raw.get("type")) != "disabled",
        budget=budget if isinstance(budget, int) else None,
        vendor=vendor(left(raw, ("type", "token_budget"))),
    )
