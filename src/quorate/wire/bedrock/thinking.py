"""How much to think: said in the fields that each family of models has for it, by the target's `reasoning` quirk.

'budget', 'adaptive' and 'thinking' are Claude's: a number of tokens, a word of effort, either. 'effort' is
`reasoning_effort`, 'config' is `reasoning_config`, both a word; 'level' is Nova's `reasoningConfig`.
"""

from __future__ import annotations

from collections.abc import Mapping

from quorate.types.chat import ChatRequest, Thinking
from quorate.types.target import Quirks
from quorate.types.value import Value, replace
from quorate.wire.json_fields import Json
from quorate.wire.notes import Notes

from .fields import own, vendor

LEAST_BUDGET = 1024
"""The models refuse less."""

BUDGETS: Mapping[str, int] = {
    "minimal": LEAST_BUDGET,
    "low": 2048,
    "medium": 8192,
    "high": 16384,
    "xhigh": 32768,
    "max": 49152,
}
"""Tokens for a word of effort, where a model takes no words."""

_WORDS = ("none", *BUDGETS)
_NATIVE_WORDS = ("low", "medium", "high", "xhigh", "max")


class Wish(Value):
    """What is said of it in the request."""

    fields: Json = {}
    """Of `additionalModelRequestFields`."""
    effort: str = ""
    """Of `outputConfig`."""
    thinks: bool = False
    """It is asked for thoughts in the way that bars other settings."""
    bars: tuple[str, ...] = ()
    """Settings of ours that a model takes none of while it thinks so."""


def wishes(thinking: Thinking | None) -> bool:
    """Whether it asks for thoughts."""
    if thinking is None or thinking.enabled is False or thinking.effort == "none":
        return False
    return thinking.enabled is True or thinking.budget is not None or bool(thinking.effort)


def write_thinking(request: ChatRequest, quirks: Quirks, notes: Notes) -> Wish:
    thinking = request.thinking
    if thinking is None:
        return Wish()
    if quirks.reasoning == "none":
        if wishes(thinking):
            notes.dropped("thinking", "this target does not reason, or not by wish")
        return Wish()
    if thinking.show is not None and quirks.reasoning not in ("adaptive", "thinking"):
        notes.dropped("thinking.show", "this target has no such setting")
    if quirks.reasoning in ("budget", "adaptive", "thinking"):
        return _claude(request, thinking, quirks, notes)
    return _in_a_word(thinking, quirks, notes)


def _claude(request: ChatRequest, thinking: Thinking, quirks: Quirks, notes: Notes) -> Wish:
    kept = own(thinking.vendor)
    if not wishes(thinking):
        off = thinking.enabled is False or thinking.effort == "none"
        return Wish(fields={"thinking": {"type": "disabled"} | kept} if off else {})
    choice = request.tool_choice
    if request.tools and choice is not None and choice.mode in ("required", "named"):
        notes.dropped("thinking", "a model that must call a tool may not think")
        return Wish()
    dialect = quirks.reasoning
    if dialect == "thinking":
        dialect = "adaptive" if thinking.budget is None else "budget"
    shown: Json = (
        {"display": "summarized" if thinking.show else "omitted"}
        if thinking.show is not None and quirks.reasoning != "budget"
        else {}
    )
    if dialect == "adaptive":
        effort = _effort(thinking, quirks, notes)
        return Wish(fields={"thinking": {"type": "adaptive"} | shown | kept}, effort=effort, thinks=True)
    budget = _budget(request, thinking, notes)
    if budget is None:
        return Wish()
    said: Json = {"type": "enabled", "budget_tokens": budget}
    return Wish(fields={"thinking": said | shown | kept}, thinks=True)


def _budget(request: ChatRequest, thinking: Thinking, notes: Notes) -> int | None:
    """Tokens that the models take: not under their least, and below the limit of the whole answer."""
    budget = thinking.budget
    if budget is None:
        budget = BUDGETS.get(thinking.effort, BUDGETS["medium"])
        notes.emulated("thinking", f"this target takes tokens: a budget of {budget}")
    elif thinking.effort:
        notes.dropped("thinking.effort", "this target takes a budget alone")
    fitting = max(budget, LEAST_BUDGET)
    if request.max_output is not None and fitting >= request.max_output:
        if request.max_output <= LEAST_BUDGET:
            words = f"max_output leaves no room for the {LEAST_BUDGET} tokens it takes at least"
            notes.dropped("thinking", words)
            return None
        fitting = max(LEAST_BUDGET, request.max_output // 2)
    if fitting != budget:
        words = f"{fitting} tokens were sent: at least {LEAST_BUDGET}, below max_output"
        notes.changed("thinking.budget", words)
    return fitting


def _effort(thinking: Thinking, quirks: Quirks, notes: Notes) -> str:
    if thinking.budget is not None:
        effort = thinking.effort or _effort_for(thinking.budget, quirks)
        notes.changed("thinking.budget", f"this target takes words of effort: '{effort}'")
        return nearest(effort, quirks, notes)
    return nearest(thinking.effort, quirks, notes) if thinking.effort else ""


def _effort_for(budget: int, quirks: Quirks) -> str:
    """The least effort whose budget covers this one."""
    words = [word for word in quirks.efforts or _NATIVE_WORDS if word in BUDGETS] or list(_NATIVE_WORDS)
    return next((word for word in words if BUDGETS[word] >= budget), words[-1])


def nearest(effort: str, quirks: Quirks, notes: Notes) -> str:
    """The word, or the nearest that the target knows."""
    words = quirks.efforts or _NATIVE_WORDS
    if effort in words or effort not in _WORDS:
        return effort
    wanted = _WORDS.index(effort)
    found = min(words, key=lambda word: abs((_WORDS.index(word) if word in _WORDS else 99) - wanted))
    notes.changed("thinking.effort", f"this target knows no '{effort}': '{found}' was sent")
    return found


def _in_a_word(thinking: Thinking, quirks: Quirks, notes: Notes) -> Wish:
    """For models that take a word; off is a word too where they have one, else silence."""
    if not wishes(thinking):
        off = thinking.enabled is False or thinking.effort == "none"
        if off and quirks.reasoning == "level":
            return Wish(fields={"reasoningConfig": {"type": "disabled"}})
        if off and "none" in quirks.efforts:
            return Wish(fields=_word("none", quirks))
        return Wish()
    if thinking.budget is not None:
        word = thinking.effort or _effort_for(thinking.budget, quirks)
        notes.changed("thinking.budget", f"this target takes words of effort: '{word}'")
        thinking = replace(thinking, effort=word)
    word = nearest(thinking.effort or "medium", quirks, notes)
    # Nova's highest effort takes none of these beside it (docs.aws.amazon.com/nova, "Extended thinking").
    bars = (
        ("max_output", "temperature", "top_p", "top_k")
        if quirks.reasoning == "level" and word == "high"
        else ()
    )
    return Wish(fields=_word(word, quirks), bars=bars)


def _word(word: str, quirks: Quirks) -> Json:
    match quirks.reasoning:
        case "level":
            return {"reasoningConfig": {"type": "enabled", "maxReasoningEffort": word}}
        case "config":
            return {"reasoning_config": word}
        case _:
            return {"reasoning_effort": word}


def read_thinking(extra: Json, effort: str) -> tuple[Thinking | None, str]:
    """The wish in the additional fields, and the name of the field that held it."""
    match extra:
        case {"thinking": {"type": "enabled", "budget_tokens": int(budget), **rest} as told}:
            return _read(Thinking(enabled=True, budget=budget, effort=effort), told, rest), "thinking"
        case {"thinking": {"type": "adaptive", **rest} as told}:
            enabled = None if effort else True
            return _read(Thinking(enabled=enabled, effort=effort), told, rest), "thinking"
        case {"thinking": {"type": "disabled", **rest} as told}:
            return _read(Thinking(enabled=False, effort=effort), told, rest), "thinking"
        case {"reasoningConfig": {"type": "enabled", "maxReasoningEffort": str(word), **rest}} if not rest:
            return Thinking(effort=word), "reasoningConfig"
        case {"reasoningConfig": {"type": "disabled", **rest}} if not rest:
            return Thinking(enabled=False), "reasoningConfig"
        case {"reasoning_effort": str(word)}:
            return Thinking(effort=word), "reasoning_effort"
        case {"reasoning_config": str(word)}:
            return Thinking(effort=word), "reasoning_config"
        case _:
            return None, ""


def _read(thinking: Thinking, told: Json, rest: Json) -> Thinking:
    show = {"summarized": True, "omitted": False}.get(str(told.get("display")))
    kept = {name: value for name, value in rest.items() if name != "display" or show is None}
    return replace(thinking, show=show, vendor=vendor(kept))
