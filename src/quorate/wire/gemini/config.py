"""A request's settings as Gemini's `generationConfig`, in both directions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from quorate.types.chat import ChatRequest, Departure, OutputFormat, Thinking
from quorate.types.target import Quirks
from quorate.wire.openapi import narrowed, widened

from .fields import Fields, Json, own, vendor

SETTINGS: Mapping[str, str] = {
    "maxOutputTokens": "max_output",
    "temperature": "temperature",
    "topP": "top_p",
    "topK": "top_k",
    "stopSequences": "stop",
    "seed": "seed",
    "presencePenalty": "presence_penalty",
    "frequencyPenalty": "frequency_penalty",
    "responseLogprobs": "logprobs",
    "logprobs": "top_logprobs",
    "candidateCount": "n",
}
"""Field of `generationConfig` → field of a request, for settings that are one and the same."""

_WHOLE = ("maxOutputTokens", "topK", "seed", "logprobs", "candidateCount")
_NUMBERS = ("temperature", "topP", "presencePenalty", "frequencyPenalty")

_EFFORTS = ("minimal", "low", "medium", "high")
_STRENGTHS = (*_EFFORTS, "xhigh", "max")

_BUDGETS = {"minimal": 1024, "low": 1024, "medium": 8192, "high": 24576, "xhigh": 24576, "max": 24576}
"""Reasoning tokens that Google's own OpenAI-shaped door gives for an effort: ai.google.dev/gemini-api/docs/openai"""

_DYNAMIC = -1
"""The budget by which a model decides for itself how long to think."""

_JSON = "application/json"


def write_config(request: ChatRequest, quirks: Quirks, notes: list[Departure]) -> Json:
    """All settings that were said; those of other protocols are noted by the caller."""
    config: Json = {}
    for field, name in SETTINGS.items():
        value = getattr(request, name)
        if value is not None and value != ():
            config[field] = value
    if request.output is not None:
        config |= _write_output(request.output, quirks, notes)
    if request.thinking is not None and (thinking := _write_thinking(request.thinking, quirks, notes)):
        config["thinkingConfig"] = thinking
    return config


def _write_output(output: OutputFormat, quirks: Quirks, notes: list[Departure]) -> Json:
    if not quirks.json_mode or quirks.schema == "prompt":
        return {}  # the caller puts it into the prompt
    kept = dict(own(output.vendor))
    original = kept.pop("responseSchema", None)
    fields: Json = {"responseMimeType": _JSON}
    if output.kind == "json" or quirks.schema != "native":
        return fields | kept
    if original is not None and widened(original) == output.schema:
        fields["responseSchema"] = original
    elif "responseJsonSchema" in quirks.drop:
        fields["responseSchema"], lost = narrowed(_titled(output))
        notes.extend(Departure(setting="output.schema", kind="changed", detail=loss) for loss in lost)
    else:
        fields["responseJsonSchema"] = _titled(output)
    return fields | kept


def _titled(output: OutputFormat) -> dict[str, Any]:
    """The schema, with the format's own name and description where it says neither itself."""
    said: dict[str, Any] = {}
    if output.name != OutputFormat(kind="json").name and "title" not in output.schema:
        said["title"] = output.name
    if output.description and "description" not in output.schema:
        said["description"] = output.description
    return output.schema | said


def _write_thinking(thinking: Thinking, quirks: Quirks, notes: list[Departure]) -> Json:
    if quirks.reasoning == "none":
        detail = "this target takes no settings for reasoning"
        notes.append(Departure(setting="thinking", kind="dropped", detail=detail))
        return {}
    kept = own(thinking.vendor)
    fields: Json = {}
    if thinking.enabled is False or thinking.effort == "none":
        fields |= _write_off(quirks, notes)
    elif thinking.budget is not None:
        fields["thinkingBudget"] = thinking.budget
        if thinking.effort:
            detail = "the budget was sent: this protocol takes one of the two"
            notes.append(Departure(setting="thinking.effort", kind="dropped", detail=detail))
    elif thinking.effort and "thinkingLevel" not in kept:
        fields |= _write_effort(thinking.effort, quirks, notes)
    elif thinking.enabled and quirks.reasoning != "level":
        fields["thinkingBudget"] = _DYNAMIC
    if thinking.show is not None:
        fields["includeThoughts"] = thinking.show
    return fields | kept


def _write_off(quirks: Quirks, notes: list[Departure]) -> Json:
    """A model that goes by levels always thinks: the weakest is as near to not thinking as it gets."""
    if quirks.reasoning != "level":
        return {"thinkingBudget": 0}
    level = _nearest("minimal", quirks.efforts or _EFFORTS)
    detail = f"sent as '{level}': this target always thinks"
    notes.append(Departure(setting="thinking.enabled", kind="changed", detail=detail))
    return {"thinkingLevel": level.upper()}


def _write_effort(effort: str, quirks: Quirks, notes: list[Departure]) -> Json:
    if quirks.reasoning == "budget":
        budget = _BUDGETS.get(effort, _BUDGETS["medium"])
        detail = f"sent as a budget of {budget} tokens"
        notes.append(Departure(setting="thinking.effort", kind="emulated", detail=detail))
        return {"thinkingBudget": budget}
    level = _nearest(effort, quirks.efforts or _EFFORTS)
    if level != effort:
        detail = f"sent as '{level}': this target has no '{effort}'"
        notes.append(Departure(setting="thinking.effort", kind="changed", detail=detail))
    return {"thinkingLevel": level.upper()}


def _nearest(effort: str, known: Sequence[str]) -> str:
    """The word itself or the nearest in strength, the weaker of two; of an unknown word, the middle one."""
    if effort in known:
        return effort
    place = _STRENGTHS.index(effort) if effort in _STRENGTHS else _STRENGTHS.index("medium")
    ranked = [word for word in _STRENGTHS if word in known]
    return min(ranked or known, key=lambda word: abs(_STRENGTHS.index(word) - place) if ranked else 0)


def read_config(config: Fields) -> dict[str, Any]:
    """The fields of a `ChatRequest`; what is left in `config` is the vendor's."""
    found: dict[str, Any] = {SETTINGS[field]: config.integer(field) for field in _WHOLE}
    found |= {SETTINGS[field]: config.number(field) for field in _NUMBERS}
    found["stop"] = tuple(config.words("stopSequences"))
    found["logprobs"] = config.flag("responseLogprobs")
    found["output"] = _read_output(config)
    if thinking := config.inner("thinkingConfig"):
        found["thinking"] = _read_thinking(thinking)
    return found


def _read_output(config: Fields) -> OutputFormat | None:
    media_type = config.maybe_text("responseMimeType")
    if media_type != _JSON:
        if media_type is not None:
            config.put_back("responseMimeType", media_type)
        return None
    schema, original = config.value("responseJsonSchema"), config.value("responseSchema")
    if isinstance(schema, dict):
        return _named(cast("Json", schema), {})
    if isinstance(original, dict):
        return _named(widened(cast("Json", original)), {"responseSchema": original})
    for name, value in (("responseJsonSchema", schema), ("responseSchema", original)):
        if value is not None:
            config.put_back(name, value)
    return OutputFormat(kind="json")


def _named(schema: dict[str, Any], kept: Json) -> OutputFormat:
    title = schema.get("title")
    name = title if isinstance(title, str) and title.isidentifier() else OutputFormat(kind="json").name
    return OutputFormat(kind="schema", schema=schema, name=name, vendor=vendor(kept))


def _read_thinking(fields: Fields) -> Thinking:
    level, budget, show = (
        fields.word("thinkingLevel"),
        fields.integer("thinkingBudget"),
        fields.flag("includeThoughts"),
    )
    kept = fields.left()
    effort = level.lower() if isinstance(level, str) else ""
    if level is not None and effort not in _EFFORTS:
        kept["thinkingLevel"] = level
    match budget:
        case None:
            return Thinking(effort=effort, show=show, vendor=vendor(kept))
        case 0:
            return Thinking(enabled=False, effort=effort, show=show, vendor=vendor(kept))
        case -1:
            return Thinking(enabled=True, effort=effort, show=show, vendor=vendor(kept))
        case _:
            return Thinking(enabled=True, effort=effort, budget=budget, show=show, vendor=vendor(kept))
