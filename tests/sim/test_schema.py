"""What is made for a JSON Schema is true to it, by an independent judge."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from quorate.sim.pattern import TooClever, matching
from quorate.sim.schema import Hints, make

names = st.sampled_from("name city amount items note when who kind".split())
seeds = st.integers(0, 10_000)


def texts() -> st.SearchStrategy[dict[str, Any]]:
    lengths = st.tuples(st.integers(0, 8), st.integers(8, 40)).map(
        lambda pair: {"minLength": pair[0], "maxLength": pair[1]}
    )
    patterns = st.sampled_from(
        [
            r"^[A-Z]{2,3}-\d{4}$",
            r"^(red|green|blue)$",
            r"^\w+@\w+\.com$",
            r"^[^\s,]+$",
            r"^\+?\d{1,3}( \d{2,4})*$",
        ]
    ).map(lambda pattern: {"pattern": pattern})
    formats = st.sampled_from("date time date-time email uri uuid ipv4 hostname".split()).map(
        lambda form: {"format": form}
    )
    return st.one_of(st.just({}), lengths, patterns, formats).map(lambda more: {"type": "string"} | more)


@st.composite
def numbers(draw: st.DrawFn) -> dict[str, Any]:
    low = draw(st.integers(-50, 50))
    bounds = draw(
        st.sampled_from(
            [
                {},
                {"minimum": low},
                {"maximum": low},
                {"minimum": low, "maximum": low + 30},
                {"exclusiveMinimum": low, "exclusiveMaximum": low + 10},
                {"minimum": 0, "multipleOf": 5},
                {"exclusiveMinimum": 0},
            ]
        )
    )
    return {"type": draw(st.sampled_from(["integer", "number"]))} | bounds


leaves = st.one_of(
    texts(),
    numbers(),
    st.just({"type": "boolean"}),
    st.just({"type": "null"}),
    st.just({"type": ["string", "null"]}),
    st.sampled_from(
        [{"enum": ["a", 2, None]}, {"const": {"x": [1]}}, {"type": "string", "enum": ["on", "off"]}, {}]
    ),
)


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    objects = st.dictionaries(names, inner, min_size=1, max_size=3).flatmap(
        lambda properties: st.fixed_dictionaries(
            {
                "type": st.just("object"),
                "properties": st.just(properties),
                "required": st.lists(st.sampled_from(sorted(properties)), unique=True),
                "additionalProperties": st.booleans(),
            }
        )
    )
    arrays = st.fixed_dictionaries(
        {
            "type": st.just("array"),
            "items": inner,
            "minItems": st.integers(0, 3),
            "maxItems": st.integers(3, 5),
        }
    )
    tuples = st.lists(inner, min_size=1, max_size=3).map(
        lambda first: {"type": "array", "prefixItems": first, "items": False}
    )
    choices = st.lists(inner, min_size=1, max_size=3).map(lambda several: {"anyOf": several})
    both = objects.map(
        lambda whole: (
            {"allOf": [whole, {"type": "object", "properties": {"extra": {"type": "integer"}}}]}
            if whole["additionalProperties"]
            else whole
        )
    )
    return st.one_of(objects, arrays, tuples, choices, both)


schemas = st.recursive(leaves, nested, max_leaves=12)


@given(schemas, seeds)
def test_what_is_made_is_true_to_its_schema(schema: dict[str, Any], seed: int):
    made = make(schema, random.Random(seed), Hints(["Lima", "Fog"], [7, 2.5]))

    Draft202012Validator(schema).validate(made)


@given(schemas, seeds)
def test_the_same_luck_makes_the_same_value(schema: dict[str, Any], seed: int):
    assert make(schema, random.Random(seed)) == make(schema, random.Random(seed))


TREE = {
    "$ref": "#/$defs/node",
    "$defs": {
        "node": {
            "type": "object",
            "properties": {
                "label": {"type": "string"},
                "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
                "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
            },
            "required": ["label", "children", "next"],
            "additionalProperties": False,
        }
    },
}


@given(seeds)
def test_a_schema_of_itself_comes_to_an_end(seed: int):
    made = make(TREE, random.Random(seed))

    Draft202012Validator(TREE).validate(made)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "items": {"enum": [1, 2, 3]}, "minItems": 3, "uniqueItems": True},
        {"type": "array", "contains": {"const": "x"}},
        {"type": "object", "minProperties": 2},
        {"type": "object", "required": ["a"], "additionalProperties": {"type": "integer"}},
        {"oneOf": [{"type": "string"}, {"type": "integer"}]},
        {"type": "string", "allOf": [{"minLength": 5}, {"maxLength": 6}]},
        {
            "definitions": {"a/b": {"const": 1}},
            "properties": {"x": {"$ref": "#/definitions/a~1b"}},
            "required": ["x"],
        },
        {"properties": {"x": {"$ref": "#/properties/y"}, "y": {"type": "integer"}}, "required": ["x"]},
        {"type": "number", "minimum": 0.25, "maximum": 0.5},
        {"type": "integer", "minimum": 2**40},
        True,
        {},
    ],
)
def test_less_usual_schemas_are_met(schema: Any):
    Draft202012Validator(schema).validate(make(schema, random.Random(1)))


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/$defs/missing"},
        {"$ref": "#"},
        {"allOf": [{"$ref": "#"}]},
        {"anyOf": [False]},
        {"type": "string", "pattern": "(?=x)"},
        {"enum": []},
        {"type": "integer", "minimum": 5, "maximum": 1},
        {"type": "array", "minItems": 10**9},
        {"type": "string", "minLength": 10**12},
        {"type": "object", "properties": {"a": {"$ref": "#"}, "b": {"$ref": "#"}}, "required": ["a", "b"]},
    ],
)
def test_schemas_that_nobody_can_meet_do_no_harm(schema: Any):
    make(schema, random.Random(1))


def test_open_places_are_filled_with_the_questions_words():
    schema = {
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city", "days"],
    }

    assert make(schema, random.Random(1), Hints(["Lima"], [3])) == {"city": "Lima", "days": 3}


@pytest.mark.parametrize(
    "pattern",
    [
        r"^a{3}$",
        r"^[a-f0-9]{8}$",
        r"^(?:x|yy)+z?$",
        r"\d{3}-\d{4}",
        r"^[^0-9]*$",
        r"^v\d+\.\d+$",
        r"^(?P<a>b)c$",
        r"^\S+$",
    ],
)
@pytest.mark.parametrize("seed", range(5))
def test_a_text_matches_its_pattern(pattern: str, seed: int):
    assert re.search(pattern, matching(pattern, random.Random(seed)))


@pytest.mark.parametrize(
    "pattern", [r"(?=x)y", r"(a)\1", "(", "[", "a{9999}", "*", r"\p{L}", "(" * 200, "[^\\w\\W]"]
)
def test_what_is_too_clever_is_said(pattern: str):
    with pytest.raises(TooClever):
        matching(pattern, random.Random(1))


@pytest.mark.parametrize("kind", [True, 5, {"a": 1}, [1, None], []])
def test_a_type_that_names_none_is_as_none(kind: object):
    assert isinstance(make({"type": kind}, random.Random(1)), str)
