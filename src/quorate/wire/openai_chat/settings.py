"""The plain settings of a request, and what a target's quirks do to the fields of a body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from quorate.types.chat import ChatRequest, Departure
from quorate.types.target import Quirks
from quorate.wire.json_fields import Fields, Json, is_object


class _Plain(NamedTuple):
    field: str
    setting: str
    kind: str


_PLAIN = (
    _Plain("max_tokens", "max_output", "integer"),
    _Plain("temperature", "temperature", "number"),
    _Plain("top_p", "top_p", "number"),
    _Plain("top_k", "top_k", "integer"),
    _Plain("seed", "seed", "integer"),
    _Plain("presence_penalty", "presence_penalty", "number"),
    _Plain("frequency_penalty", "frequency_penalty", "number"),
    _Plain("logprobs", "logprobs", "flag"),
    _Plain("top_logprobs", "top_logprobs", "integer"),
    _Plain("n", "n", "integer"),
    _Plain("parallel_tool_calls", "parallel_tools", "flag"),
    _Plain("user", "user", "text"),
    _Plain("service_tier", "service_tier", "text"),
)
"""Body field, `ChatRequest` field and type, where the two say the same."""

LONGER_MAX = "max_completion_tokens"
"""The later name of `max_tokens`; a target that wants it has it as a quirk."""

_SETTINGS: Mapping[str, str] = {plain.field: plain.setting for plain in _PLAIN} | {
    "reasoning_effort": "thinking.effort",
    "reasoning_format": "thinking.show",
    "reasoning": "thinking",
    "enable_thinking": "thinking.enabled",
    "thinking_budget": "thinking.budget",
    "response_format": "output",
}
"""Body field → the name its setting has in a departure, where they differ."""


def write_plain(request: ChatRequest) -> Json:
    """The settings that are made."""
    body: Json = {}
    for plain in _PLAIN:
        value = getattr(request, plain.setting)
        if value is not None and value != "":
            body[plain.field] = value
    if request.stop:
        body["stop"] = list(request.stop)
    return body


def read_plain(body: Fields) -> dict[str, Any]:
    """`ChatRequest` fields by name, of the settings that are made."""
    longer = body.integer(LONGER_MAX)
    found: dict[str, Any] = {}
    for plain in _PLAIN:
        if plain.field not in body.rest:
            continue
        value = getattr(body, plain.kind)(plain.field)
        if value is not None and value != "":
            found[plain.setting] = value
    if longer is not None:
        found["max_output"] = longer
    if stop := _read_stop(body):
        found["stop"] = stop
    return found


def _read_stop(body: Fields) -> tuple[str, ...]:
    match body.take("stop"):
        case None:
            return ()
        case str() as word:
            return (word,) if word else ()
        case [*words] if all(isinstance(word, str) for word in words):
            return tuple(words)
        case _:
            raise body.wrong("stop", "a string or a list of strings")


def bend(body: Json, quirks: Quirks) -> tuple[Json, list[Departure]]:
    """The body as the target wants it: defaults, limits, fields it refuses, names it has for others."""
    lost: list[Departure] = []
    asked = set(body)
    for field, value in quirks.defaults.items():
        said = body.setdefault(field, value)
        if said is not value and is_object(said) and is_object(value):
            body[field] = value | said
    for field, (least, most) in quirks.clamp.items():
        value = body.get(field)
        if isinstance(value, int | float) and not least <= value <= most:
            body[field] = type(value)(min(max(value, least), most))
            detail = f"{value} became {body[field]}, the nearest this target takes"
            lost.append(Departure(setting=_SETTINGS.get(field, field), kind="changed", detail=detail))
    for field in sorted(quirks.drop & set(body)):
        del body[field]
        if field in asked:
            detail = "this target does not take it"
            lost.append(Departure(setting=_SETTINGS.get(field, field), kind="dropped", detail=detail))
    for field in quirks.rename.keys() & body.keys():
        body[quirks.rename[field]] = body.pop(field)
    return body, lost
