"""How much to reason, in the dialects of OpenAI-shaped targets: read from all, written in the target's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from quorate.types.chat import Departure, Thinking
from quorate.types.target import Quirks, ReasoningDialect
from quorate.types.value import replace
from quorate.wire.json_fields import Fields, How, Json, a_text, an_object

from .fields import own, vendor

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""The words of effort, weakest first."""

_BUDGETS: Mapping[str, int] = {
    "minimal": 512,
    "low": 1024,
    "medium": 4096,
    "high": 16_384,
    "xhigh": 32_768,
    "max": 65_536,
}


class Written(NamedTuple):
    """Body fields, and which settings they do not say as they were."""

    fields: Json
    lost: list[Departure]


def effort_of(budget: int) -> str:
    """The effort that a budget of tokens comes nearest to."""
    return next((word for word, most in _BUDGETS.items() if budget <= most), "max")


def _lose(kind: How, setting: str, detail: str) -> Departure:
    return Departure(setting=f"thinking.{setting}", kind=kind, detail=detail)


def _dropped(thinking: Thinking, *told: str) -> list[Departure]:
    """A departure for each setting that is made and not among those told."""
    unset = Thinking()
    return [
        _lose("dropped", name, "this target cannot be told")
        for name in ("enabled", "effort", "budget", "show")
        if name not in told and getattr(thinking, name) != getattr(unset, name)
    ]


def _asked_effort(thinking: Thinking, quirks: Quirks) -> tuple[str, list[Departure]]:
    """The word of effort that says what was asked, among those the target takes."""
    lost: list[Departure] = []
    word = thinking.effort
    if not word and thinking.enabled is False:
        word = "none"
    elif not word and thinking.budget is not None:
        word = effort_of(thinking.budget)
        lost.append(_lose("changed", "budget", f"a budget of tokens becomes the effort '{word}'"))
    elif not word and thinking.enabled:
        word = "medium"
        lost.append(_lose("changed", "enabled", "said as the effort 'medium'"))
    elif word and thinking.budget is not None:
        lost.append(_lose("dropped", "budget", "the effort is told instead"))
    nearest = _nearest(word, quirks.efforts)
    if nearest != word:
        lost.append(
            _lose("changed", "effort", f"'{word}' becomes '{nearest}', the nearest this target takes")
        )
    return nearest, lost


def _nearest(word: str, allowed: tuple[str, ...]) -> str:
    if not word or not allowed or word in allowed or word not in EFFORTS:
        return word
    wanted = EFFORTS.index(word)
    thinking = [each for each in allowed if each != "none"] or list(allowed)
    known = [each for each in thinking if each in EFFORTS]
    return min(known, key=lambda each: abs(EFFORTS.index(each) - wanted)) if known else thinking[0]


def _effort(thinking: Thinking, quirks: Quirks) -> Written:
    word, lost = _asked_effort(thinking, quirks)
    return Written(
        {"reasoning_effort": word} if word else {},
        [*lost, *_dropped(thinking, "effort", "budget", "enabled")],
    )


def _object(thinking: Thinking, quirks: Quirks) -> Written:
    inner: Json = {}
    lost: list[Departure] = []
    if thinking.effort:
        inner["effort"], lost = _asked_effort(thinking, quirks)
    elif thinking.budget is not None:
        inner["max_tokens"] = thinking.budget
    if thinking.enabled is not None:
        inner["enabled"] = thinking.enabled
    if thinking.show is not None:
        inner["exclude"] = not thinking.show
    inner |= an_object(own(thinking.vendor).get("reasoning"))
    return Written({"reasoning": inner} if inner else {}, lost)


def _switched(thinking: Thinking) -> bool | None:
    """On, off, or nothing said."""
    if thinking.enabled is not None:
        return thinking.enabled
    if thinking.effort:
        return thinking.effort != "none"
    return None if thinking.budget is None else thinking.budget > 0


def _said_as_switch(thinking: Thinking) -> list[Departure]:
    if not thinking.effort or thinking.effort == "none":
        return []
    return [_lose("changed", "effort", "this target can only be told to think or not")]


def _thinking(thinking: Thinking, quirks: Quirks) -> Written:
    if quirks.efforts:
        return _thinking_with_effort(thinking, quirks)
    on = _switched(thinking)
    inner: Json = {} if on is None else {"type": "enabled" if on else "disabled"}
    if thinking.budget is not None:
        inner["budget_tokens"] = thinking.budget
    inner |= an_object(own(thinking.vendor).get("thinking"))
    lost = [*_said_as_switch(thinking), *_dropped(thinking, "enabled", "effort", "budget")]
    return Written({"thinking": inner} if inner else {}, lost)


def _thinking_with_effort(thinking: Thinking, quirks: Quirks) -> Written:
    """A switch for whether to think, an effort beside it for how much."""
    off = thinking.effort == "none" and "none" not in quirks.efforts
    asked = replace(thinking, enabled=None, effort="" if off else thinking.effort)
    word, lost = _asked_effort(asked, quirks)
    on = False if off else thinking.enabled
    inner: Json = {} if on is None else {"type": "enabled" if on else "disabled"}
    inner |= an_object(own(thinking.vendor).get("thinking"))
    fields: Json = {"reasoning_effort": word} if word else {}
    lost += _dropped(thinking, "enabled", "effort", "budget")
    return Written(fields | ({"thinking": inner} if inner else {}), lost)


def _enable_thinking(thinking: Thinking, quirks: Quirks) -> Written:
    on = _switched(thinking)
    fields: Json = {} if on is None else {"enable_thinking": on}
    if thinking.budget is not None:
        fields["thinking_budget"] = thinking.budget
    return Written(fields, [*_said_as_switch(thinking), *_dropped(thinking, "enabled", "effort", "budget")])


def _budget(thinking: Thinking, quirks: Quirks) -> Written:
    if thinking.budget is not None:
        return Written({"thinking_budget": thinking.budget}, _dropped(thinking, "budget", "enabled"))
    if _switched(thinking) is False:
        return Written({"thinking_budget": 0}, _dropped(thinking, "enabled", "effort"))
    if thinking.effort in _BUDGETS:
        lost = _lose("changed", "effort", "said as a budget of tokens")
        return Written({"thinking_budget": _BUDGETS[thinking.effort]}, [lost, *_dropped(thinking, "effort")])
    return Written({}, _dropped(thinking))


def _format(thinking: Thinking, quirks: Quirks) -> Written:
    word, lost = _asked_effort(thinking, quirks)
    fields: Json = {"reasoning_effort": word} if word else {}
    if thinking.show is not None:
        fields["reasoning_format"] = "parsed" if thinking.show else "hidden"
    return Written(fields, lost)


def _none(thinking: Thinking, quirks: Quirks) -> Written:
    return Written({}, _dropped(thinking))


_DIALECTS: Mapping[ReasoningDialect, Callable[[Thinking, Quirks], Written]] = {
    "effort": _effort,
    "object": _object,
    "thinking": _thinking,
    "enable_thinking": _enable_thinking,
    "budget": _budget,
    "format": _format,
}


def write_thinking(thinking: Thinking, quirks: Quirks) -> Written:
    """The body fields of the target's dialect."""
    return _DIALECTS.get(quirks.reasoning, _none)(thinking, quirks)


def read_thinking(body: Fields) -> Thinking | None:
    """What any of the dialects says; None where nothing does. Unknown words stay among the leftovers."""
    effort = body.text("reasoning_effort")
    found = Thinking(effort=effort) if effort else None
    readers: tuple[Callable[[Fields], Thinking | None], ...] = (_read_object, _read_thinking, _read_switches)
    for reader in readers:
        read = reader(body)
        found = read if found is None else _both(found, read)
    return found


def _both(first: Thinking, second: Thinking | None) -> Thinking:
    if second is None:
        return first
    return Thinking(
        enabled=second.enabled if first.enabled is None else first.enabled,
        effort=first.effort or second.effort,
        budget=second.budget if first.budget is None else first.budget,
        show=second.show if first.show is None else first.show,
        vendor=vendor(own(first.vendor) | own(second.vendor)),
    )


def _read_object(body: Fields) -> Thinking | None:
    inner = body.inner("reasoning")
    if inner is None:
        return None
    hidden = inner.flag("exclude")
    return Thinking(
        enabled=inner.flag("enabled"),
        effort=inner.text("effort"),
        budget=inner.integer("max_tokens"),
        show=None if hidden is None else not hidden,
        vendor=vendor({"reasoning": inner.rest} if inner.rest else {}),
    )


_SWITCH = {"enabled": True, "disabled": False}
_SHOWN = {"parsed": True, "hidden": False}


def _read_thinking(body: Fields) -> Thinking | None:
    enabled = _SWITCH.get(a_text(an_object(body.rest.get("thinking")).get("type")))
    if enabled is None:
        return None  # another protocol's word: it goes on among the leftovers
    inner = Fields(body.take("thinking"), body.place("thinking"))
    inner.take("type")
    budget = inner.integer("budget_tokens")
    return Thinking(
        enabled=enabled, budget=budget, vendor=vendor({"thinking": inner.rest} if inner.rest else {})
    )


def _read_switches(body: Fields) -> Thinking | None:
    enabled, budget = body.flag("enable_thinking"), body.integer("thinking_budget")
    show = _SHOWN.get(a_text(body.rest.get("reasoning_format")))
    if show is not None:
        del body.rest["reasoning_format"]
    if (enabled, budget, show) == (None, None, None):
        return None
    return Thinking(enabled=enabled, budget=budget, show=show)
