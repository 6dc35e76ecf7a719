"""JSON Schemas without references, and in the subset of OpenAPI that some targets take."""

from __future__ import annotations

import contextlib
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.errors import InvalidRequest
from quorate.wire.openapi import narrowed, widened
from quorate.wire.schema import MAX_DEPTH, inline

NAMES = st.sampled_from(["a", "b", "c"])
LEAVES: st.SearchStrategy[Any] = st.sampled_from(
    [
        {},
        {"type": "string", "minLength": 1},
        {"type": "integer", "minimum": 0, "exclusiveMaximum": 9},
        {"type": ["number", "null"]},
        {"type": "boolean", "title": "Flag"},
        {"enum": ["x", "y", None]},
        {"enum": [1, "x"]},
        {"const": "x"},
        {"type": "string", "format": "email"},
        {"type": "null"},
        {"$ref": "#/$defs/leaf"},
        {"$ref": "#/$defs/tree", "description": "A tree"},
        {"$ref": "#/$defs/leaf", "minLength": 2},
    ]
)


def _grown(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    properties = st.dictionaries(NAMES, inner, max_size=2)
    return st.one_of(
        inner.map(lambda items: {"type": "array", "items": items, "maxItems": 2}),
        st.tuples(properties, st.lists(NAMES, max_size=2, unique=True)).map(
            lambda pair: {"type": "object", "properties": pair[0], "required": pair[1]}
        ),
        properties.map(lambda each: {"type": "object", "properties": each, "additionalProperties": False}),
        st.lists(inner, min_size=1, max_size=2).map(lambda each: {"anyOf": each}),
        st.lists(inner, min_size=1, max_size=2).map(lambda each: {"oneOf": each}),
        st.lists(inner, min_size=1, max_size=2).map(lambda each: {"allOf": each}),
        inner.map(lambda each: {"not": each}),
    )


TREES = st.recursive(LEAVES, _grown, max_leaves=5)
SCHEMAS = TREES.map(
    lambda tree: {
        "allOf": [tree],
        "$defs": {
            "leaf": {"type": "string"},
            "tree": {"type": "object", "properties": {"a": {"$ref": "#/$defs/leaf"}}},
        },
    }
)
VALUES = st.recursive(
    st.sampled_from([None, True, "", "x", "xyz", 0, 3, 9.5]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2),
    max_leaves=4,
)


def fits(value: Any, schema: Any) -> bool:
    return jsonschema.Draft202012Validator(schema).is_valid(value)


@given(SCHEMAS, st.lists(VALUES, min_size=1, max_size=8))
def test_what_fits_a_schema_fits_it_without_references_and_nothing_else_does(schema: Any, values: list[Any]):
    plain = inline(schema)

    assert "$ref" not in str(plain)
    assert [fits(value, plain) for value in values] == [fits(value, schema) for value in values]


@given(SCHEMAS, st.lists(VALUES, min_size=1, max_size=8))
def test_what_fits_a_schema_fits_the_subset_of_it(schema: Any, values: list[Any]):
    subset, _ = narrowed(schema)

    assert [value for value in values if fits(value, schema) and not fits(value, widened(subset))] == []


PLAIN: Any = {
    "type": "object",
    "properties": {"a": {"type": "string"}, "b": {"type": "array", "items": {"type": "integer"}}},
    "required": ["a"],
}


def test_a_plain_schema_loses_nothing():
    subset, lost = narrowed(PLAIN)

    assert lost == ()
    assert subset == {
        "type": "OBJECT",
        "properties": {"a": {"type": "STRING"}, "b": {"type": "ARRAY", "items": {"type": "INTEGER"}}},
        "required": ["a"],
    }
    assert widened(subset) == PLAIN


def test_a_name_that_is_a_keyword_is_a_name_still():
    schema = {"properties": {"$ref": {"type": "string"}, "$defs": {"$ref": "#/$defs/a"}}, "$defs": {"a": {}}}

    assert inline(schema) == {"properties": {"$ref": {"type": "string"}, "$defs": {}}}


def test_values_are_not_taken_for_schemas():
    schema = {"enum": [{"$ref": "#/nowhere"}], "default": {"$defs": 1}}

    assert inline(schema) == schema


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("#/$defs/a~1b", {"type": "string"}),
        ("#/%24defs/c%20d", {"type": "integer"}),
        ("#/anyOf/0", {"type": "null"}),
    ],
)
def test_a_pointer_is_followed_by_its_rules(reference: str, found: Any):
    schema = {
        "properties": {"x": {"$ref": reference}},
        "anyOf": [{"type": "null"}],
        "$defs": {"a/b": {"type": "string"}, "c d": {"type": "integer"}},
    }

    assert inline(schema)["properties"]["x"] == found


@pytest.mark.parametrize(
    "reference", ["#/$defs/none", "#/anyOf/7", "https://example.com/a.json", "#anchor", "a.json"]
)
def test_a_reference_to_elsewhere_is_refused(reference: str):
    with pytest.raises(InvalidRequest) as caught:
        inline({"properties": {"a": {"$ref": reference}}, "anyOf": [{}], "$defs": {}})

    assert caught.value.where == "schema"


LIST: Any = {
    "$ref": "#/$defs/list",
    "$defs": {
        "list": {"type": "object", "properties": {"next": {"$ref": "#/$defs/list"}, "n": {"type": "number"}}}
    },
}


def test_a_schema_inside_itself_is_refused_or_cut():
    cut: list[str] = []

    assert inline(LIST, cut) == {"type": "object", "properties": {"next": {}, "n": {"type": "number"}}}
    assert cut == ["#/$defs/list"]
    with pytest.raises(InvalidRequest):
        inline(LIST)
    with pytest.raises(InvalidRequest):
        inline({"properties": {"me": {"$ref": "#"}}})


def test_a_cut_circle_is_told_of():
    assert narrowed(LIST)[1] == ("anything may stand where '#/$defs/list' leads back to itself",)


def test_a_schema_that_grows_without_end_is_refused():
    shelves = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 9} for n in range(12)} | {"d12": {}}

    with pytest.raises(InvalidRequest, match="too large"):
        inline({"$ref": "#/$defs/d0", "$defs": shelves})


def test_a_schema_that_is_too_deep_is_refused():
    deep: Any = {}
    for _ in range(MAX_DEPTH + 1):
        deep = {"items": deep}

    with pytest.raises(InvalidRequest, match="too deep"):
        inline(deep)


@pytest.mark.parametrize(
    ("schema", "subset", "lost"),
    [
        ({"type": ["string", "null"]}, {"type": "STRING", "nullable": True}, ()),
        (
            {"type": ["string", "integer"]},
            {"anyOf": [{"type": "STRING"}, {"type": "INTEGER"}]},
            (),
        ),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, {"type": "STRING", "nullable": True}, ()),
        ({"const": "x"}, {"enum": ["x"], "type": "STRING"}, ()),
        ({"type": "integer", "exclusiveMinimum": 0}, {"type": "INTEGER", "minimum": 1}, ()),
        ({"type": "array"}, {"type": "ARRAY", "items": {}}, ()),
        (
            {"type": "integer", "enum": [1, 2]},
            {"type": "INTEGER"},
            ("values that are no strings were left out at 'the top'",),
        ),
        (
            {"type": "string", "format": "email"},
            {"type": "STRING"},
            ("the format 'email' was left out at 'the top'",),
        ),
        (
            {"oneOf": [{"type": "string"}, {"type": "integer"}]},
            {"anyOf": [{"type": "STRING"}, {"type": "INTEGER"}]},
            ("'oneOf' became 'anyOf' at 'the top'",),
        ),
        ({"properties": {"a": {"not": {}}}}, {"properties": {"a": {}}}, ("'not' was left out at 'a'",)),
        (
            {"properties": {"a": False}},
            {"properties": {"a": {}}},
            ("it may be anything instead of nothing at 'a'",),
        ),
        (
            {"type": "object", "additionalProperties": {"type": "string"}},
            {"type": "OBJECT"},
            ("'additionalProperties' was left out at 'the top'",),
        ),
        (
            {
                "allOf": [
                    {"properties": {"a": {}}, "required": ["a"]},
                    {"properties": {"b": {}}, "required": ["b"]},
                ]
            },
            {"properties": {"a": {}, "b": {}}, "required": ["a", "b"]},
            (),
        ),
    ],
)
def test_what_the_subset_lacks_is_put_otherwise_or_told(schema: Any, subset: Any, lost: tuple[str, ...]):
    assert narrowed(schema) == (subset, lost)


def test_both_spellings_numbers_and_texts_of_the_subset_are_read():
    google: Any = {
        "type": 6,
        "properties": {"a": {"type": "STRING", "enum": ["x"], "nullable": True, "max_length": "5"}},
        "property_ordering": ["a"],
        "any_of": [{"type": "TYPE_UNSPECIFIED"}],
        "nullable": True,
    }

    assert widened(google) == {
        "type": ["object", "null"],
        "properties": {"a": {"type": ["string", "null"], "enum": ["x", None], "maxLength": 5}},
        "propertyOrdering": ["a"],
        "anyOf": [{}, {"type": "null"}],
    }


ODD: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from([None, True, 0, 1.5, "x", "#", "#/", "null", [], {}]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(
            st.sampled_from(
                [
                    "$ref",
                    "$defs",
                    "type",
                    "properties",
                    "required",
                    "items",
                    "anyOf",
                    "oneOf",
                    "allOf",
                    "enum",
                    "format",
                    "const",
                    "nullable",
                    "exclusiveMinimum",
                    "additionalProperties",
                    "maxItems",
                    "not",
                ]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@given(ODD)
def test_a_schema_that_makes_no_sense_is_put_as_well_as_it_goes_or_refused(odd: Any):
    schema: Any = {"allOf": [odd, odd], "properties": {"a": odd}, "anyOf": odd}

    with contextlib.suppress(InvalidRequest):
        subset, _ = narrowed(schema)

        assert isinstance(widened(subset), dict)
    assert isinstance(widened(schema), dict)
