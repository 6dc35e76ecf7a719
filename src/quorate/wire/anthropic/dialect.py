"""A JSON Schema as the provider's grammar takes it: closed objects, and no rule that it cannot enforce.

What it takes: platform.claude.com/docs, "Structured outputs", JSON Schema limitations. A rule it does not
take goes into the description, so that the model at least reads it.
"""

from __future__ import annotations

from typing import Any, cast

import msgspec

from .fields import Json

_FORMATS = frozenset(
    ("date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid")
)
_KEPT = frozenset(
    (
        "$ref",
        "$defs",
        "definitions",
        "$schema",
        "$id",
        "type",
        "title",
        "description",
        "enum",
        "const",
        "pattern",
        "default",
        "anyOf",
        "allOf",
        "properties",
        "required",
        "additionalProperties",
        "items",
    )
)
_NAMED = ("properties", "$defs", "definitions")
_LISTED = {"anyOf": "anyOf", "allOf": "allOf", "oneOf": "anyOf"}


def fitted(schema: Json) -> Json:
    """The schema in the provider's dialect; equal to the given one where nothing had to change."""
    said: Json = {}
    moved: Json = {}
    for name, value in schema.items():
        if name in _NAMED and isinstance(value, dict):
            said[name] = {key: _inner(each) for key, each in cast("Json", value).items()}
        elif name in _LISTED and isinstance(value, list):
            said[_LISTED[name]] = [_inner(each) for each in cast("list[Any]", value)]
        elif name == "items":
            said[name] = _inner(value)
        elif _is_kept(name, value):
            said[name] = value
        else:
            moved[name] = value
    if _is_object(schema):
        if said.get("additionalProperties") not in (None, False):
            moved["additionalProperties"] = said["additionalProperties"]
        said["additionalProperties"] = False
    if moved:
        rules = msgspec.json.encode(moved).decode()
        said["description"] = f"{said['description']}\n\n{rules}" if said.get("description") else rules
    return said


def _inner(schema: object) -> Any:
    return fitted(cast("Json", schema)) if isinstance(schema, dict) else schema


def _is_kept(name: str, value: object) -> bool:
    match name:
        case "format":
            return isinstance(value, str) and value in _FORMATS
        case "minItems":
            return value in (0, 1)
        case _:
            return name in _KEPT


def _is_object(schema: Json) -> bool:
    kind = schema.get("type")
    return kind == "object" or (isinstance(kind, list) and "object" in kind) or "properties" in schema
