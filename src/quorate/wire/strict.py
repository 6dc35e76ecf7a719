"""Makes a JSON Schema fit the strict subset that OpenAI-shaped targets hold a model to.

In that subset every object lists all its properties as required and allows no others, so an optional
property becomes one that may be null. Rules: platform.openai.com/docs/guides/structured-outputs.
"""

from __future__ import annotations

from typing import Any, cast

from .schema import Schema as Json

_UNKNOWN = (
    "patternProperties",
    "propertyNames",
    "minProperties",
    "maxProperties",
    "unevaluatedProperties",
)
_HOPELESS = ("not", "if", "then", "else", "dependentRequired", "dependentSchemas", "prefixItems")
_DEEPEST = 64


class _Unfit(Exception):
    """The schema says something that the subset has no words for."""


def fit(schema: Json) -> Json | None:
    """The schema in the strict subset, equal to the given one where that fits already; None where it cannot."""
    try:
        fitted = _object(schema, 0) if _is_object(schema) else None
        if fitted is None:
            return None
        for name in ("$defs", "definitions"):
            if isinstance(schema.get(name), dict):
                fitted[name] = {key: _any(value, 1) for key, value in schema[name].items()}
        return fitted
    except _Unfit:
        return None


def _is_object(schema: Json) -> bool:
    return schema.get("type") == "object" or "properties" in schema


def _any(schema: Any, depth: int) -> Json:
    if not isinstance(schema, dict) or depth > _DEEPEST:
        raise _Unfit
    given = cast("Json", schema)
    if "$ref" in given:  # a reference stands alone
        return {"$ref": given["$ref"]}
    if any(word in given for word in _HOPELESS):
        raise _Unfit
    if isinstance(given.get("allOf"), list):
        return _any(_folded(given), depth + 1)
    if _is_object(given) or _allows_object(given):
        return _object(given, depth)
    out = {key: value for key, value in given.items() if key not in _UNKNOWN}
    if "oneOf" in out:
        out["anyOf"] = [*out.get("anyOf", []), *out.pop("oneOf")]
    if isinstance(out.get("anyOf"), list):
        out["anyOf"] = [_any(item, depth + 1) for item in out["anyOf"]]
    if "items" in out:
        out["items"] = _any(out["items"], depth + 1)
    elif out.get("type") == "array" or not _says_something(out):
        raise _Unfit  # anything at all: no strict model can be held to that
    return out


def _allows_object(schema: Json) -> bool:
    return isinstance(schema.get("type"), list) and "object" in schema["type"]


def _says_something(schema: Json) -> bool:
    return any(word in schema for word in ("type", "enum", "const", "anyOf"))


def _folded(schema: Json) -> Json:
    """A schema with its only `allOf` part put in place."""
    parts = schema["allOf"]
    if len(parts) != 1 or not isinstance(parts[0], dict):
        raise _Unfit
    rest = {key: value for key, value in schema.items() if key != "allOf"}
    return {**cast("Json", parts[0]), **rest}


def _object(schema: Json, depth: int) -> Json:
    properties = schema.get("properties")
    if not isinstance(properties, dict) or schema.get("additionalProperties") not in (None, False, True):
        raise _Unfit  # a map of free keys
    if not properties and schema.get("additionalProperties") is not False:
        raise _Unfit
    fields = cast("dict[str, Any]", properties)
    required: list[Any] = schema.get("required") or []
    if not _are_names(required):
        raise _Unfit
    out = {key: value for key, value in schema.items() if key not in _UNKNOWN}
    out["properties"] = {
        name: _any(value, depth + 1) if name in required else _nullable(_any(value, depth + 1))
        for name, value in fields.items()
    }
    if set(required) != set(fields):
        out["required"] = list(fields)
    out["additionalProperties"] = False
    return out


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in cast("list[Any]", value))


def _nullable(schema: Json) -> Json:
    kind = schema.get("type")
    if isinstance(kind, str) and "enum" not in schema and "const" not in schema:
        return schema if kind == "null" else {**schema, "type": [kind, "null"]}
    if isinstance(kind, list) and "enum" not in schema:
        return schema if "null" in kind else {**schema, "type": [*cast("list[Any]", kind), "null"]}
    if isinstance(schema.get("anyOf"), list) and "type" not in schema:
        return (
            schema
            if {"type": "null"} in schema["anyOf"]
            else {**schema, "anyOf": [*schema["anyOf"], {"type": "null"}]}
        )
    return {"anyOf": [schema, {"type": "null"}]}
