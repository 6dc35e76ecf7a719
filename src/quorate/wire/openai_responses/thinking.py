"""How much to reason, and whether to tell of it: the `reasoning` of a request."""

from __future__ import annotations

from collections.abc import Mapping

from quorate.types.chat import Departure, Thinking
from quorate.types.target import Quirks
from quorate.wire.json_fields import Fields, How, Json, a_text

from .fields import own, vendor

_EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""The words of effort, weakest first."""

_BUDGETS: Mapping[str, int] = {
    "minimal": 512,
    "low": 1024,
    "medium": 4096,
    "high": 16_384,
    "xhigh": 32_768,
    "max": 65_536,
}
"""The budget of tokens up to which an effort stands for it."""


def _lose(kind: How, setting: str, detail: str) -> Departure:
    return Departure(setting=f"thinking.{setting}", kind=kind, detail=detail)


def write_thinking(thinking: Thinking, quirks: Quirks) -> tuple[Json, list[Departure]]:
    """`reasoning`; empty where there is nothing to say, or the target cannot be told."""
    if quirks.reasoning == "none":
        return {}, _untold(thinking)
    word, lost = _asked_effort(thinking)
    nearest = _nearest(word, quirks.efforts)
    if nearest != word:
        detail = f"'{word}' becomes '{nearest}', the nearest this target takes"
        lost.append(_lose("changed", "effort", detail))
    told: Json = {"effort": nearest} if nearest else {}
    if thinking.show and "generate_summary" not in own(thinking.vendor):  # the older name of the same
        told["summary"] = "auto"
    return told | own(thinking.vendor), lost


def _untold(thinking: Thinking) -> list[Departure]:
    unset = Thinking()
    return [
        _lose("dropped", name, "this target cannot be told")
        for name in ("enabled", "effort", "budget", "show")
        if getattr(thinking, name) != getattr(unset, name)
    ]


def _asked_effort(thinking: Thinking) -> tuple[str, list[Departure]]:
    """The word of effort that says what was asked."""
    word = thinking.effort
    if word:
        told = thinking.budget is not None
        return word, [_lose("dropped", "budget", "the effort is told instead")] if told else []
    if thinking.enabled is False:
        return "none", []
    if thinking.budget is not None:
        word = next((each for each, most in _BUDGETS.items() if thinking.budget <= most), "max")
        return word, [_lose("changed", "budget", f"a budget of tokens becomes the effort '{word}'")]
    if thinking.enabled:
        return "medium", [_lose("changed", "enabled", "said as the effort 'medium'")]
    return "", []


def _nearest(word: str, allowed: tuple[str, ...]) -> str:
    if not word or not allowed or word in allowed or word not in _EFFORTS:
        return word
    wanted = _EFFORTS.index(word)
    known = [each for each in allowed if each in _EFFORTS and each != "none"]
    return min(known, key=lambda each: abs(_EFFORTS.index(each) - wanted)) if known else allowed[0]


def read_thinking(body: Fields) -> Thinking | None:
    """What a client says of it. A form of summary that is more than a wish for one stays among the leftovers."""
    inner = body.inner("reasoning")
    if inner is None:
        return None
    wish = a_text(inner.rest.get("summary")) or a_text(inner.rest.get("generate_summary"))
    if inner.rest.get("summary", "") in ("auto", None):
        inner.rest.pop("summary", None)
    return Thinking(effort=inner.text("effort"), show=True if wish else None, vendor=vendor(inner.rest))
