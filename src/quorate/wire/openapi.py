"""JSON Schema as the subset of OpenAPI 3.0 that some targets take instead, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from .schema import ANNOTATIONS, Schema, inline

_KEPT = frozenset(
    (
        "default",
        "description",
        "example",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "pattern",
        "propertyOrdering",
        "title",
    )
)
_DONE = frozenset(
    (
        "$id",
        "$schema",
        "additionalProperties",
        "anyOf",
        "const",
        "enum",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "format",
        "items",
        "nullable",
        "oneOf",
        "properties",
        "required",
        "type",
    )
)
_FORMATS = frozenset(("date-time", "enum", "float", "double", "int32", "int64"))


def narrowed(schema: Schema) -> tuple[Schema, tuple[str, ...]]:
    """The schema in the subset, and what was lost: each loss makes it take more than it did, never less."""
    cut: list[str] = []
    plain = inline(schema, cut)
    lost = [f"anything may stand where '{reference}' leads back to itself" for reference in cut]
    return _narrow(plain, "", lost), tuple(dict.fromkeys(lost))


def _narrow(schema: Schema, at: str, lost: list[str]) -> Schema:
    node = _merged(schema, at, lost)
    out = {key: value for key, value in node.items() if key in _KEPT}
    losses = [key for key in node if key not in _KEPT | _DONE | ANNOTATIONS]
    lost.extend(_loss(at, f"'{key}' was left out") for key in losses)
    _narrow_type(node, out, at, lost)
    _narrow_values(node, out, at, lost)
    _narrow_bounds(node, out, at, lost)
    if isinstance(node.get("properties"), dict):
        properties = cast("Mapping[str, object]", node["properties"])
        out["properties"] = {name: _inner(each, f"{at}.{name}", lost) for name, each in properties.items()}
    required, known = _list(node.get("required")), list(out.get("properties", ()))
    if kept := [name for name in required if name in known]:
        out["required"] = kept
    lost.extend(_loss(at, f"'{name}' is not required") for name in required if name not in known)
    if isinstance(node.get("additionalProperties"), dict) and node["additionalProperties"]:
        lost.append(_loss(at, "'additionalProperties' was left out"))
    if "items" in node or out.get("type") == "ARRAY":
        items = node.get("items", {})
        out["items"] = _inner({} if isinstance(items, list) else items, f"{at}[]", lost)
    return out


def _inner(node: object, at: str, lost: list[str]) -> Schema:
    if node is False:
        lost.append(_loss(at, "it may be anything instead of nothing"))
    return _narrow(cast("Schema", node), at, lost) if isinstance(node, dict) else {}


def _loss(at: str, words: str) -> str:
    return f"{words} at '{at.lstrip('.') or 'the top'}'"


def _list(value: object) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _merged(schema: Schema, at: str, lost: list[str]) -> Schema:
    """One schema for an `allOf`: the first to use a keyword keeps it, properties come together."""
    if not isinstance(schema.get("allOf"), list):
        return schema
    out = {key: value for key, value in schema.items() if key != "allOf"}
    for each in _list(schema["allOf"]):
        part = _merged(cast("Schema", each), at, lost) if isinstance(each, dict) else {}
        for key, value in part.items():
            if key not in out:
                out[key] = value
            elif key == "required":
                out[key] = [*_list(out[key]), *(name for name in _list(value) if name not in _list(out[key]))]
            elif key == "properties" and isinstance(value, dict) and isinstance(out[key], dict):
                out[key] = _together(out[key], cast("Schema", value), at, lost)
            elif out[key] != value and key not in ANNOTATIONS:
                lost.append(_loss(at, f"a second '{key}' was left out"))
    return out


def _together(first: Schema, second: Schema, at: str, lost: list[str]) -> Schema:
    lost.extend(
        _loss(f"{at}.{name}", "a second schema was left out")
        for name in first
        if name in second and first[name] != second[name]
    )
    return second | first


def _narrow_type(node: Schema, out: Schema, at: str, lost: list[str]) -> None:
    types = [node["type"]] if isinstance(node.get("type"), str) else _list(node.get("type"))
    if "null" in types or node.get("nullable") is True:
        out["nullable"] = True
    real = [str(each).upper() for each in types if each != "null"]
    choices = _list(node.get("anyOf")) or _list(node.get("oneOf"))
    if len(real) == 1:
        out["type"] = real[0]
    elif real and not choices:
        out["anyOf"] = [{"type": each} for each in real]
    elif types == ["null"]:
        out["type"] = "NULL"
    if choices:
        _narrow_choices(choices, out, at, lost)
    if node.get("anyOf") and node.get("oneOf"):
        lost.append(_loss(at, "'oneOf' was left out"))
    elif node.get("oneOf"):
        lost.append(_loss(at, "'oneOf' became 'anyOf'"))


def _narrow_choices(choices: list[Any], out: Schema, at: str, lost: list[str]) -> None:
    kept = [_inner(each, at, lost) for each in choices if each != {"type": "null"}]
    if len(kept) < len(choices):
        out["nullable"] = True
    if len(kept) == 1 and not kept[0].keys() & out.keys():
        out |= kept[0]
    elif kept:
        out["anyOf"] = kept


def _narrow_values(node: Schema, out: Schema, at: str, lost: list[str]) -> None:
    values = [node["const"]] if "const" in node else _list(node.get("enum"))
    words = [value for value in values if isinstance(value, str)]
    if None in values:
        out["nullable"] = True
    if words and len(words) == len([value for value in values if value is not None]):
        out["enum"] = words
        out.setdefault("type", "STRING")
    elif values:
        lost.append(_loss(at, "values that are no strings were left out"))
    match node.get("format"):
        case None:
            pass
        case str() as name if name in _FORMATS:
            out["format"] = name
        case name:
            lost.append(_loss(at, f"the format '{name}' was left out"))


def _narrow_bounds(node: Schema, out: Schema, at: str, lost: list[str]) -> None:
    for key, twin, step in (("exclusiveMinimum", "minimum", 1), ("exclusiveMaximum", "maximum", -1)):
        bound = node.get(key)
        if isinstance(bound, int) and not isinstance(bound, bool) and out.get("type") == "INTEGER":
            out.setdefault(twin, bound + step)
        elif bound is not None:
            lost.append(_loss(at, f"'{key}' was left out"))


_TYPES = ("type_unspecified", "string", "number", "integer", "boolean", "array", "object", "null")
"""By Google's numbers for them."""

_COUNTS = frozenset(("maxItems", "maxLength", "maxProperties", "minItems", "minLength", "minProperties"))
_CAMEL = {
    "additional_properties": "additionalProperties",
    "any_of": "anyOf",
    "max_items": "maxItems",
    "max_length": "maxLength",
    "max_properties": "maxProperties",
    "min_items": "minItems",
    "min_length": "minLength",
    "min_properties": "minProperties",
    "property_ordering": "propertyOrdering",
}


def widened(schema: Mapping[str, Any]) -> Schema:
    """A schema of the subset as JSON Schema: types in lower case, null among them, counts as numbers."""
    out: Schema = {}
    for key, value in schema.items():
        name = _CAMEL.get(key, key)
        match name:
            case "type":
                word = _type_of(value)
                out |= {} if word == "type_unspecified" else {"type": word}
            case "properties" if isinstance(value, dict):
                named = cast("Mapping[str, object]", value)
                out[name] = {each: _widened(inner) for each, inner in named.items()}
            case "anyOf" if isinstance(value, list):
                out[name] = [_widened(inner) for inner in cast("list[object]", value)]
            case "items" | "additionalProperties":
                out[name] = _widened(value)
            case _ if name in _COUNTS and isinstance(value, str) and value.isdecimal():
                out[name] = int(value)
            case "nullable":
                pass
            case _:
                out[name] = value
    return _with_null(out) if schema.get("nullable") is True else out


def _type_of(value: object) -> object:
    """The type's name in lower case, also of its number; several names are several in JSON Schema too."""
    match value:
        case str():
            return value.lower()
        case int() if 0 <= value < len(_TYPES):
            return _TYPES[value]
        case list():
            return [_type_of(each) for each in cast("list[object]", value) if not isinstance(each, list)]
        case _:
            return value


def _widened(value: object) -> Any:
    return widened(cast("Schema", value)) if isinstance(value, dict) else value


def _with_null(schema: Schema) -> Schema:
    if isinstance(schema.get("enum"), list):
        schema = schema | {"enum": [*schema["enum"], None]}
    if isinstance(schema.get("anyOf"), list):
        schema = schema | {"anyOf": [*schema["anyOf"], {"type": "null"}]}
    if isinstance(schema.get("type"), str):
        schema = schema | {"type": [schema["type"], "null"]}
    return schema
