"""Makes a value that a JSON Schema describes: arguments of tools, structured answers.

What a schema leaves open is filled with the question's own words and numbers (`Hints`). A schema that
contradicts itself gets the nearest value: nobody could make a true one.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from typing import Any, cast
from urllib.parse import unquote

from quorate.errors import InvalidRequest

from .schema_union import Schema, merged, without
from .text_schema import make_text

_DEEP = 6
"""Levels of nesting after which only what must be there is made."""

_TOO_DEEP = 40
"""Levels after which nothing is made: the schema asks for a value without an end."""


_TOO_MANY = 5_000
"""Values in all after which nothing more is made."""


_NO_SCHEMA = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What comes of reading one whose keywords hold other things than they may."""


class Hints:
    """What the question offers for the open places of a schema, each used in turn."""

    def __init__(self, texts: Sequence[str] = (), numbers: Sequence[float | int] = ()) -> None:
        self._texts, self._numbers = list(texts), list(numbers)

    def text(self) -> str | None:
        """The next text; the last one stays."""
        return self._texts.pop(0) if len(self._texts) > 1 else (self._texts or [None])[0]

    def number(self) -> float | int | None:
        return self._numbers.pop(0) if self._numbers else None


def make(schema: Schema, luck: random.Random, hints: Hints | None = None) -> Any:
    """A value that fits the schema, the same for the same luck. Raises `InvalidRequest` for what is no schema."""
    try:
        return _Maker(schema, luck, hints or Hints()).value(schema, 0)
    except _NO_SCHEMA as error:
        raise InvalidRequest("a schema in the request is no JSON Schema", where="schema") from error


class _Maker:
    def __init__(self, root: Schema, luck: random.Random, hints: Hints) -> None:
        self._root, self._luck, self._hints = root, luck, hints
        self._made = 0

    def value(self, schema: Schema, depth: int) -> Any:
        self._made += 1
        if isinstance(schema, bool) or depth > _TOO_DEEP or self._made > _TOO_MANY:
            return None
        schema = self._settled(schema, depth)
        if "const" in schema:
            return schema["const"]
        if options := schema.get("enum"):
            return self._luck.choice([each for each in options if _of_type(each, schema)] or options)
        match self._type(schema, depth):
            case "object":
                return self._object(schema, depth)
            case "array":
                return self._array(schema, depth)
            case "string":
                return make_text(schema, self._luck, self._hints.text)
            case "integer" | "number" as kind:
                return self._number(schema, whole=kind == "integer")
            case "boolean":
                return self._luck.random() < 0.5
            case _:
                return None

    def _settled(self, schema: Mapping[str, Any], depth: int) -> Mapping[str, Any]:
        """One plain schema: references followed, combined schemas merged, one alternative taken."""
        for _ in range(_TOO_DEEP):
            if "$ref" in schema:
                target = self._referred(schema["$ref"])
                schema = merged(without(schema, "$ref"), target)
            elif "allOf" in schema:
                whole: Mapping[str, Any] = without(schema, "allOf")
                for each in schema["allOf"]:
                    whole = merged(whole, each)
                schema = whole
            elif choices := schema.get("anyOf") or schema.get("oneOf"):
                rest = without(without(schema, "anyOf"), "oneOf")
                schema = merged(rest, self._alternative(choices, depth))
            else:
                break
        return schema

    def _alternative(self, choices: Sequence[Schema], depth: int) -> Schema:
        """Any of them; deep down, or where the alternative is nothing at all, the simplest."""
        simple = [each for each in choices if each is not False]
        if depth >= _DEEP:
            return min(
                simple,
                key=lambda each: ("$ref" in each if not isinstance(each, bool) else False, _size(each)),
            )
        telling = [each for each in simple if isinstance(each, bool) or each.get("type") != "null"]
        return self._luck.choice(telling or simple or [True])

    def _referred(self, reference: str) -> Schema:
        """The schema at a JSON pointer into the whole one; anything where there is none."""
        place: Any = self._root
        for step in reference.removeprefix("#").split("/")[1:]:
            name = unquote(step).replace("~1", "/").replace("~0", "~")
            if isinstance(place, dict):
                place = cast("dict[str, Any]", place).get(name, True)
            elif isinstance(place, list) and name.isdecimal() and int(name) < len(cast("list[Any]", place)):
                place = cast("list[Any]", place)[int(name)]
            else:
                return True
        return cast("Schema", place) if isinstance(place, (dict, bool)) else True

    def _type(self, schema: Mapping[str, Any], depth: int) -> str:
        told = _kinds(schema)
        if told:
            kinds = [each for each in told if each != "null"]
            return "null" if depth >= _DEEP and "null" in told else self._luck.choice(kinds or ["null"])
        for name, words in _TELLING.items():
            if any(word in schema for word in words):
                return name
        return "string"

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        properties: Mapping[str, Schema] = schema.get("properties", {})
        required = [name for name in schema.get("required", ()) if isinstance(name, str)]
        made: dict[str, Any] = {}
        for name, each in properties.items():
            wanted = depth < _DEEP and each is not False and self._luck.random() < 0.8
            if name in required or wanted:
                made[name] = self.value(each, depth + 1)
        rest: Schema = schema.get("additionalProperties", True)
        for name in required:
            if name not in made:
                made[name] = self.value(rest, depth + 1)
        number = 0
        while len(made) < schema.get("minProperties", 0) and number < _MOST:
            number += 1
            made.setdefault(f"field_{number}", self.value(rest, depth + 1))
        most = schema.get("maxProperties", len(made))
        spare = [name for name in made if name not in required]
        while len(made) > most and spare:
            del made[spare.pop()]
        return made

    def _array(self, schema: Mapping[str, Any], depth: int) -> list[Any]:
        fewest = min(schema.get("minItems", 0), _MOST)
        wanted = fewest if depth >= _DEEP else max(fewest, self._luck.randint(1, 3))
        wanted = min(wanted, schema.get("maxItems", wanted))
        first: Sequence[Schema] = schema.get("prefixItems", ())
        rest: Schema = schema.get("items", True)
        if rest is False:
            wanted = min(wanted, len(first))
        made = [self.value(each, depth + 1) for each in first[:wanted]]
        if "contains" in schema and len(made) < max(wanted, 1):
            made.append(self.value(merged(rest, schema["contains"]), depth + 1))
        for _ in range(_MOST if schema.get("uniqueItems") else wanted):
            if len(made) >= wanted:
                break
            item = self.value(rest, depth + 1)
            if not schema.get("uniqueItems") or item not in made:
                made.append(item)
        return made

    def _number(self, schema: Mapping[str, Any], *, whole: bool) -> float | int:
        low, high = _bounds(schema, whole=whole)
        step = schema.get("multipleOf", 0)
        hint = self._hints.number()
        if hint is not None and low <= hint <= high and not step and (not whole or hint == int(hint)):
            return int(hint) if whole else hint
        if step and (not whole or step == int(step)):
            return (
                self._luck.randint(math.ceil(low / step), max(math.ceil(low / step), math.floor(high / step)))
                * step
            )
        if whole:
            return self._luck.randint(math.ceil(low), max(math.ceil(low), math.floor(high)))
        return round(self._luck.uniform(low, high), 2) if high - low > 1 else (low + high) / 2


_MOST = 1_000
"""Most items and fields that are made."""

_TELLING: Mapping[str, tuple[str, ...]] = {
    "object": ("properties", "required", "additionalProperties", "minProperties"),
    "array": ("items", "prefixItems", "minItems", "contains"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
"""Where no type is named: the words that only one type has."""


def _bounds(schema: Mapping[str, Any], *, whole: bool) -> tuple[float, float]:
    step = 1 if whole else 1e-6
    low: float = schema.get("minimum", -math.inf)
    high: float = schema.get("maximum", math.inf)
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    # Old drafts say these with booleans beside the bound.
    if isinstance(above, bool):
        above = low if above else None
    if isinstance(below, bool):
        below = high if below else None
    if above is not None:
        low = max(low, math.floor(above) + 1 if whole else above + max(abs(above), 1) * step)
    if below is not None:
        high = min(high, math.ceil(below) - 1 if whole else below - max(abs(below), 1) * step)
    if math.isinf(low) and math.isinf(high):
        return 0, 100
    if math.isinf(low):
        return min(high - 100, 0) if high < 0 else min(0.0, high), high
    return (low, low + 100) if math.isinf(high) else (low, high)


def _of_type(value: Any, schema: Mapping[str, Any]) -> bool:
    kinds = _kinds(schema)
    if not kinds:
        return True
    match value:
        case bool():
            return "boolean" in kinds
        case int():
            return "integer" in kinds or "number" in kinds
        case float():
            return "number" in kinds
        case str():
            return "string" in kinds
        case None:
            return "null" in kinds
        case list():
            return "array" in kinds
        case _:
            return "object" in kinds


def _kinds(schema: Mapping[str, Any]) -> list[str]:
    """The types a schema names; a client may write anything there, and what is no name says nothing."""
    told: object = schema.get("type")
    if isinstance(told, str):
        return [told]
    return (
        [each for each in cast("list[object]", told) if isinstance(each, str)]
        if isinstance(told, list)
        else []
    )


def _size(schema: Schema) -> int:
    return 0 if isinstance(schema, bool) else len(str(schema))
