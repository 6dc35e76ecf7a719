"""What a client calls a schema and is none: the simulator refuses it as providers do, and goes on."""

from __future__ import annotations

import random
from typing import Any

import pytest

from quorate.errors import InvalidRequest
from quorate.sim.schema import make

NONE: list[dict[str, Any]] = [
    {"type": "object", "properties": []},
    {"type": "object", "properties": 5},
    {"properties": {"a": "string"}, "required": ["a"]},
    {"required": 5},
    {"allOf": 5},
    {"anyOf": ["x"]},
    {"$ref": 5},
    {"type": "array", "items": 5, "minItems": 1},
    {"type": "array", "minItems": "x"},
    {"type": "string", "minLength": []},
    {"type": "number", "minimum": -1e308, "maximum": 1e308, "multipleOf": 1e-300},
]


@pytest.mark.parametrize("schema", NONE, ids=str)
def test_it_is_refused(schema: dict[str, Any]):
    with pytest.raises(InvalidRequest, match="no JSON Schema"):
        make(schema, random.Random(1))


def test_names_that_are_no_words_are_passed_over():
    assert make({"type": "object", "required": [None, 5, "a"]}, random.Random(1)).keys() == {"a"}
