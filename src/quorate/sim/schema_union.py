"""Makes one JSON Schema of two that must both be met, as far as one schema can say so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any] | bool


def merged(one: Schema, other: Schema) -> Mapping[str, Any]:
    """A schema that asks for what both ask for, as far as one schema can say so."""
    if isinstance(one, bool):
        return {} if isinstance(other, bool) else other
    if isinstance(other, bool):
        return one
    both = dict(one)
    for name, value in other.items():
        mine = both.get(name)
        both[name] = value if mine is None else _joined(name, mine, value)
    return both


def _joined(name: str, mine: Any, other: Any) -> Any:
    match name:
        case "properties" | "$defs" | "definitions":
            shared = {key: merged(mine[key], other[key]) for key in mine.keys() & other.keys()}
            return {**mine, **other, **shared}
        case "required":
            return list(dict.fromkeys([*mine, *other]))
        case "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties":
            return max(mine, other)
        case "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties":
            return min(mine, other)
        case "enum":
            return [each for each in mine if each in other] or mine
        case "items" | "additionalProperties":
            return merged(mine, other) if True not in (mine, other) else (other if mine is True else mine)
        case "type":
            return _types(mine, other)
        case "anyOf" | "oneOf":
            return mine
        case _:
            return other


def _types(mine: Any, other: Any) -> Any:
    one: list[str] = [mine] if isinstance(mine, str) else list(mine)
    two: list[str] = [other] if isinstance(other, str) else list(other)
    both = [each for each in one if each in two]
    if not both and "number" in one + two and "integer" in one + two:
        both = ["integer"]
    return both or other


def without(schema: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != name}
