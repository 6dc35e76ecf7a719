"""How much to think: `thinking` and `output_config.effort`, and ours.

Families of models want it said in one of two ways, told by the target's `reasoning` quirk: 'budget' takes
a number of tokens, 'adaptive' a word of effort; any other value leaves it as the request has it.
"""

from __future__ import annotations

from collections.abc import Mapping

from quorate.types.chat import Thinking
from quorate.types.target import Quirks
from quorate.types.value import replace
from quorate.wire.notes import Notes

from .fields import NAME, Fields, Json, own, vendor
from .shapes import EFFORTS

LEAST_BUDGET = 1024
"""The provider refuses less."""

_BUDGETS: Mapping[str, int] = {
    "minimal": LEAST_BUDGET,
    "low": 2048,
    "medium": 8192,
    "high": 16384,
    "xhigh": 32768,
    "max": 49152,
}
"""Tokens for a word of effort, where a model takes no words."""

_RANKS = ("none", "minimal", *EFFORTS)


def read_thinking(fields: Fields | None, effort: str) -> Thinking | None:
    """`fields` is the `thinking` object, `effort` what stands in `output_config`."""
    if fields is None:
        # Effort without thinking is something else than effort with it: keep the two apart.
        return Thinking(effort=effort, vendor={NAME: {"type": None}}) if effort else None
    kind = fields.text("type")
    show = {"summarized": True, "omitted": False}.get(str(fields.peek("display")))
    if show is not None:
        del fields.rest["display"]
    match kind:
        case "enabled":
            budget = fields.whole("budget_tokens")
            left = vendor(fields.left())
            return Thinking(enabled=True, budget=budget, effort=effort, show=show, vendor=left)
        case "adaptive":
            enabled = None if effort else True
            return Thinking(enabled=enabled, effort=effort, show=show, vendor=vendor(fields.left()))
        case "disabled":
            return Thinking(enabled=False, effort=effort, show=show, vendor=vendor(fields.left()))
        case _:
            return Thinking(effort=effort, show=show, vendor={NAME: {"type": kind} | fields.left()})


def thinks(thinking: Thinking | None) -> bool:
    """Whether it asks for thoughts."""
    if thinking is None or thinking.enabled is False or thinking.effort == "none":
        return False
    kept = own(thinking.vendor)
    if "type" in kept:
        return kept["type"] is not None
    return thinking.enabled is True or thinking.budget is not None or bool(thinking.effort)


def fitted(thinking: Thinking, quirks: Quirks, notes: Notes) -> Thinking | None:
    """What the target's models take of it."""
    if quirks.reasoning == "none":
        if thinks(thinking):
            notes.dropped("thinking", "this target does not reason")
        return None
    if "type" in own(thinking.vendor):
        return thinking
    if not thinks(thinking):
        if thinking.show is not None and thinking.enabled is None:
            notes.dropped("thinking.show", "nothing is thought that could be shown")
        return replace(thinking, effort=_known(thinking.effort, quirks, notes))
    match quirks.reasoning:
        case "budget" if thinking.budget is None:
            budget = _BUDGETS.get(thinking.effort, _BUDGETS["medium"])
            notes.emulated("thinking", f"this target takes tokens: a budget of {budget}")
            return replace(thinking, enabled=True, budget=budget, effort="")
        case "budget" if thinking.effort:
            notes.dropped("thinking.effort", "this target takes a budget alone")
            return replace(thinking, effort="")
        case "adaptive" if thinking.budget is not None:
            effort = thinking.effort or _effort_for(thinking.budget)
            notes.changed("thinking.budget", f"this target takes words of effort: '{effort}'")
            return replace(thinking, budget=None, effort=_known(effort, quirks, notes))
        case _:
            return replace(thinking, effort=_known(thinking.effort, quirks, notes))


def _effort_for(budget: int) -> str:
    """The least effort whose budget covers this one."""
    return next((word for word in EFFORTS if _BUDGETS[word] >= budget), EFFORTS[-1])


def _known(effort: str, quirks: Quirks, notes: Notes) -> str:
    """The word, or the nearest that the target knows."""
    words = quirks.efforts or EFFORTS
    if effort in ("", "none", *words) or effort not in _RANKS:
        return effort
    wanted = _RANKS.index(effort)
    nearest = min(words, key=lambda word: abs((_RANKS.index(word) if word in _RANKS else 99) - wanted))
    notes.changed("thinking.effort", f"this target knows no '{effort}': '{nearest}' was sent")
    return nearest


def budgeted(thinking: Thinking, limit: int, notes: Notes, *, interleaved: bool) -> Thinking | None:
    """With a budget the provider takes: not under its least, and below the limit of the whole answer."""
    if thinking.budget is None:
        return thinking
    budget = max(thinking.budget, LEAST_BUDGET)
    # Thoughts between calls of tools may sum to more than one answer's limit.
    if budget >= limit and not interleaved:
        if limit <= LEAST_BUDGET:
            notes.dropped(
                "thinking", f"max_output leaves no room for the {LEAST_BUDGET} tokens it takes at least"
            )
            return None
        budget = max(LEAST_BUDGET, limit // 2)
    if budget != thinking.budget:
        notes.changed(
            "thinking.budget", f"{budget} tokens were sent: at least {LEAST_BUDGET}, below max_output"
        )
    return replace(thinking, budget=budget)


def write_thinking(thinking: Thinking) -> tuple[Json | None, str]:
    """The `thinking` object and the word for `output_config.effort`; either may be missing."""
    kept = own(thinking.vendor)
    effort = "" if thinking.effort == "none" else thinking.effort
    display: Json = {} if thinking.show is None else {"display": "summarized" if thinking.show else "omitted"}
    if "type" in kept:
        return (kept | display if kept["type"] is not None else None), effort
    if thinking.enabled is False or thinking.effort == "none":
        return {"type": "disabled"} | kept, effort
    if thinking.budget is not None:
        return {"type": "enabled", "budget_tokens": thinking.budget} | display | kept, effort
    if thinking.enabled or effort:
        return {"type": "adaptive"} | display | kept, effort
    return None, ""
