"""JSON Schemas without their references, for targets that follow none."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import unquote

from quorate.errors import InvalidRequest

Schema = dict[str, Any]

MAX_DEPTH = 64
"""Schemas inside schemas; deeper ones no provider takes."""

MAX_SIZE = 20_000
"""Schemas in all: references to references could otherwise grow without end."""

ANNOTATIONS = frozenset(
    (
        "$comment",
        "default",
        "deprecated",
        "description",
        "example",
        "examples",
        "readOnly",
        "title",
        "writeOnly",
    )
)
"""Keywords that say something of a value but forbid none."""

ONE = frozenset(
    (
        "additionalItems",
        "additionalProperties",
        "contains",
        "contentSchema",
        "else",
        "if",
        "items",
        "not",
        "propertyNames",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    )
)
"""Keywords whose value is a schema."""

SEVERAL = frozenset(("allOf", "anyOf", "oneOf", "prefixItems"))
"""Keywords whose value is a list of schemas."""

NAMED = frozenset(("dependencies", "dependentSchemas", "patternProperties", "properties"))
"""Keywords whose value holds schemas by name."""

_SHELVES = frozenset(("$defs", "definitions"))


def inline(schema: Schema, cut: list[str] | None = None) -> Schema:
    """The same schema with every local reference replaced by what it refers to, and no definitions left.

    A schema inside itself is refused; given a list `cut`, it takes anything there instead, and the reference
    stands in the list. Raises `InvalidRequest` for that, for a reference to nowhere or to another document,
    and for a schema that grows beyond all bounds.
    """
    whole = _Inliner(schema, cut).walk(schema, ())
    return cast("Schema", whole) if isinstance(whole, dict) else {}


class _Inliner:
    def __init__(self, root: Schema, cut: list[str] | None) -> None:
        self._root, self._cut = root, cut
        self._left = MAX_SIZE
        self._depth = 0

    def walk(self, node: object, trail: tuple[str, ...]) -> object:
        """`trail` are the references that led here."""
        if not isinstance(node, dict):
            return node
        self._left -= 1
        self._depth += 1
        if self._left < 0 or self._depth > MAX_DEPTH:
            raise InvalidRequest("the schema is too large or too deep without its references", where="schema")
        fields = cast("Schema", node)
        reference = fields.get("$ref")
        if isinstance(reference, str):
            found = self._follow(reference, fields, trail)
        else:
            found = {
                key: self._inside(key, each, trail) for key, each in fields.items() if key not in _SHELVES
            }
        self._depth -= 1
        return found

    def _follow(self, reference: str, fields: Schema, trail: tuple[str, ...]) -> object:
        beside = {
            key: self._inside(key, each, trail)
            for key, each in fields.items()
            if key != "$ref" and key not in _SHELVES
        }
        if reference in trail:
            if self._cut is None:
                raise InvalidRequest(f"the schema holds itself by '{reference}'", where="schema")
            self._cut.append(reference)
            return beside
        target = self.walk(self._resolve(reference), (*trail, reference))
        if not beside or target is False:
            return target
        if not isinstance(target, dict):
            return beside
        if ANNOTATIONS.issuperset(beside):
            return cast("Schema", target) | beside
        return {"allOf": [cast("Schema", target), beside]}

    def _inside(self, key: str, value: object, trail: tuple[str, ...]) -> object:
        if key in ONE and isinstance(value, dict):
            return self.walk(cast("Schema", value), trail)
        if (key in SEVERAL or key == "items") and isinstance(value, list):
            return [self.walk(each, trail) for each in cast("list[object]", value)]
        if key in NAMED and isinstance(value, dict):
            named = cast("Schema", value)
            return {name: self.walk(each, trail) for name, each in named.items()}
        return value

    def _resolve(self, reference: str) -> object:
        node: object = self._root
        if not (reference == "#" or reference.startswith("#/")):
            raise InvalidRequest(f"the schema refers to '{reference}', outside itself", where="schema")
        for step in unquote(reference).split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            if isinstance(node, dict) and name in node:
                node = cast("object", node[name])
            elif isinstance(node, list) and name.isdecimal() and int(name) < len(cast("list[object]", node)):
                node = cast("list[object]", node)[int(name)]
            else:
                raise InvalidRequest(
                    f"the schema refers to '{reference}', which is not in it", where="schema"
                )
        return node
