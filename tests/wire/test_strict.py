"""The strict subset of JSON Schema."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.wire.strict import fit
from tests.wire.values import names, objects, schemas


def fitted(**properties: Any) -> Any:
    found = fit({"type": "object", "properties": properties})
    return found and found["properties"]


def test_a_schema_that_fits_is_left_alone():
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string", "description": "x"}},
        "required": ["a"],
        "additionalProperties": False,
    }
    assert fit(schema) == schema


@pytest.mark.parametrize(
    ("given_one", "nullable"),
    [
        ({"type": "string"}, {"type": ["string", "null"]}),
        ({"type": ["string", "integer"]}, {"type": ["string", "integer", "null"]}),
        ({"type": "null"}, {"type": "null"}),
        ({"enum": ["a"]}, {"anyOf": [{"enum": ["a"]}, {"type": "null"}]}),
        ({"$ref": "#/$defs/x", "description": "y"}, {"anyOf": [{"$ref": "#/$defs/x"}, {"type": "null"}]}),
        (
            {"anyOf": [{"type": "string"}, {"type": "integer"}]},
            {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
        ),
    ],
)
def test_an_optional_property_may_be_null(given_one: dict, nullable: dict):
    assert fitted(a=given_one) == {"a": nullable}


def test_inner_objects_definitions_and_lists_are_closed():
    inner = {"type": "object", "properties": {"b": {"type": "integer"}}, "required": ["b"]}
    closed = inner | {"additionalProperties": False}
    found = fit(
        {
            "type": "object",
            "properties": {"a": inner, "l": {"type": "array", "items": inner}, "o": {"allOf": [inner]}},
            "required": ["a", "l", "o"],
            "$defs": {"d": inner},
        }
    )
    assert found is not None
    assert (found["properties"]["a"], found["properties"]["o"], found["$defs"]["d"]) == (
        closed,
        closed,
        closed,
    )
    assert found["properties"]["l"] == {"type": "array", "items": closed}


def test_one_of_becomes_any_of():
    assert fit(
        {"type": "object", "properties": {"a": {"oneOf": [{"type": "string"}]}}, "required": ["a"]}
    ) == {
        "type": "object",
        "properties": {"a": {"anyOf": [{"type": "string"}]}},
        "required": ["a"],
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    "hopeless",
    [
        {"type": "object", "additionalProperties": {"type": "string"}},
        {"type": "object"},
        {"type": "array"},
        {},
        {"not": {"type": "string"}},
        {"allOf": [{"type": "string"}, {"minLength": 1}]},
    ],
)
def test_what_the_subset_cannot_say_does_not_fit(hopeless: dict):
    assert fitted(a=hopeless) is None


def test_a_root_that_is_no_object_does_not_fit():
    assert fit({"type": "array", "items": {"type": "string"}}) is None


def test_a_schema_without_end_does_not_fit():
    deep: dict[str, Any] = {"type": "string"}
    for _ in range(200):
        deep = {"type": "array", "items": deep}
    assert fitted(a=deep) is None


@settings(max_examples=50)
@given(schemas, st.lists(names, max_size=2))
def test_fitting_twice_is_fitting_once(schema: dict, required: list[str]):
    once = fit(schema | {"required": [name for name in required if name in schema["properties"]]})
    assert once is not None
    assert fit(once) == once
    assert once["required"] == list(schema["properties"]) or set(once["required"]) == set(
        schema["properties"]
    )


@settings(max_examples=50)
@given(objects)
def test_any_object_either_fits_whole_or_not_at_all(schema: dict):
    found = fitted(a=schema)
    assert found is None or set(found) == {"a"}
