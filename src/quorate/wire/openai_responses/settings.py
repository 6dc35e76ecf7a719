"""The plain settings of a request, and what a target's quirks do to the fields of a body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from quorate.types.chat import ChatRequest, Departure
from quorate.types.target import Quirks
from quorate.wire.json_fields import Fields, Json, is_list


class _Plain(NamedTuple):
    field: str
    setting: str
    kind: str


_PLAIN = (
    _Plain("max_output_tokens", "max_output", "integer"),
    _Plain("temperature", "temperature", "number"),
    _Plain("top_p", "top_p", "number"),
    _Plain("top_logprobs", "top_logprobs", "integer"),
    _Plain("parallel_tool_calls", "parallel_tools", "flag"),
    _Plain("user", "user", "text"),
    _Plain("service_tier", "service_tier", "text"),
)
"""Body field, `ChatRequest` field and type, where the two say the same."""

_UNSPOKEN = ("top_k", "stop", "seed", "presence_penalty", "frequency_penalty", "n")
"""Settings that this protocol has no words for."""

_LOGPROBS = "message.output_text.logprobs"
"""What `include` says where log probabilities are wanted."""

_SETTINGS: Mapping[str, str] = {plain.field: plain.setting for plain in _PLAIN} | {
    "reasoning": "thinking",
    "text": "output",
    "instructions": "messages",
}
"""Body field → the name its setting has in a departure, where they differ."""


def write_plain(request: ChatRequest, quirks: Quirks, include: object) -> tuple[Json, list[Departure]]:
    """The settings that are made; `include` is what the request asks for besides."""
    body: Json = {}
    for plain in _PLAIN:
        value = getattr(request, plain.setting)
        if value is not None and value != "":
            body[plain.field] = value
    lost = [_drop(name, "this protocol has no such setting") for name in _UNSPOKEN if _is_made(request, name)]
    wanted: list[Any] = list(include) if is_list(include) else []
    if request.logprobs and "logprobs" in quirks.drop:
        lost.append(_drop("logprobs", "this target does not take it"))
    elif request.logprobs:
        wanted.append(_LOGPROBS)
    if wanted:
        body["include"] = wanted
    return body, lost


def _is_made(request: ChatRequest, name: str) -> bool:
    """One answer is what this protocol gives."""
    value = getattr(request, name)
    return value not in (None, (), 1) if name == "n" else value not in (None, ())


def _drop(setting: str, detail: str) -> Departure:
    return Departure(setting=setting, kind="dropped", detail=detail)


def read_plain(body: Fields) -> dict[str, Any]:
    """`ChatRequest` fields by name, of the settings that are made."""
    found: dict[str, Any] = {}
    for plain in _PLAIN:
        value = getattr(body, plain.kind)(plain.field)
        if value is not None and value != "":
            found[plain.setting] = value
    include = body.rest.get("include")
    if is_list(include) and _LOGPROBS in include:
        found["logprobs"] = True
        rest = [each for each in include if each != _LOGPROBS]
        body.take("include")
        if rest:
            body.rest["include"] = rest
    return found


def bend(body: Json, quirks: Quirks) -> tuple[Json, list[Departure]]:
    """The body as the target wants it: defaults, limits, fields it refuses, names it has for others."""
    lost: list[Departure] = []
    asked = set(body)
    for field, value in quirks.defaults.items():
        body.setdefault(field, value)
    for field, (least, most) in quirks.clamp.items():
        value = body.get(field)
        if isinstance(value, int | float) and not least <= value <= most:
            body[field] = type(value)(min(max(value, least), most))
            detail = f"{value} became {body[field]}, the nearest this target takes"
            lost.append(Departure(setting=_SETTINGS.get(field, field), kind="changed", detail=detail))
    for field in sorted(quirks.drop & set(body)):
        del body[field]
        if field in asked:
            lost.append(_drop(_SETTINGS.get(field, field), "this target does not take it"))
    for field in quirks.rename.keys() & body.keys():
        body[quirks.rename[field]] = body.pop(field)
    return body, lost
