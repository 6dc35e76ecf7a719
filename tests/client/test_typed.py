"""Answers as the caller's own types."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, NotRequired, TypedDict

import msgspec
import pydantic
import pytest

from quorate import ChatReply
from quorate.client.typed import shape_of
from quorate.errors import InvalidOutput, InvalidRequest

from .answers import body_of, calls, client, says


class City(msgspec.Struct):
    name: str
    people: int = 0


class PydanticCity(pydantic.BaseModel):
    name: str
    people: Annotated[int, pydantic.Field(ge=0)] = 0


@dataclass
class DataCity:
    name: str
    tags: list[str] = field(default_factory=list[str])


@pydantic.dataclasses.dataclass
class CheckedCity:
    name: str
    people: Annotated[int, pydantic.Field(ge=0)] = 0


class DictCity(TypedDict):
    name: str
    people: NotRequired[int]


class Tree(msgspec.Struct):
    name: str
    children: list[Tree] = []


class PydanticTree(pydantic.BaseModel):
    name: str
    children: list[PydanticTree] = []


class Size(Enum):
    SMALL = "small"
    LARGE = "large"


class Country(msgspec.Struct, tag=True):
    name: str


class River(msgspec.Struct, tag=True):
    length: int


@dataclass
class Atlas:
    cities: list[PydanticCity]


LIMA = '{"name": "Lima"}'


@pytest.mark.parametrize(
    ("kind", "text", "output"),
    [
        (City, LIMA, City("Lima")),
        (PydanticCity, LIMA, PydanticCity(name="Lima")),
        (DataCity, LIMA, DataCity("Lima")),
        (CheckedCity, LIMA, CheckedCity("Lima")),
        (DictCity, LIMA, {"name": "Lima"}),
        (Tree, '{"name": "a", "children": [{"name": "b"}]}', Tree("a", [Tree("b")])),
        (
            PydanticTree,
            '{"name": "a", "children": [{"name": "b"}]}',
            PydanticTree(name="a", children=[PydanticTree(name="b")]),
        ),
        (Atlas, '{"cities": [{"name": "Lima"}]}', Atlas([PydanticCity(name="Lima")])),
        (list[City], '{"answer": [{"name": "Lima"}]}', [City("Lima")]),
        (list[City], '[{"name": "Lima"}]', [City("Lima")]),
        (list[PydanticCity], '{"answer": [{"name": "Lima"}]}', [PydanticCity(name="Lima")]),
        (River | Country, '{"answer": {"type": "River", "length": 9}}', River(9)),
        (int, '{"answer": 7}', 7),
        (str, '{"answer": "seven"}', "seven"),
        (Literal["yes", "no"], '{"answer": "yes"}', "yes"),
        (Size, '{"answer": "small"}', Size.SMALL),
        (dict[str, int], '{"a": 1}', {"a": 1}),
        (City, f"```json\n{LIMA}\n```", City("Lima")),
        (City, f"\n {LIMA} \n", City("Lima")),
    ],
)
async def test_an_answer_is_read_as_the_type_that_was_asked_for(kind: Any, text: str, output: Any):
    q, transport = client([says(text)])

    reply = await q.chat("The capital of Peru", model="openai/gpt-5-mini", output=kind)

    asked = body_of(transport.sent[0])["response_format"]["json_schema"]
    assert (reply.output, reply.text) == (output, text)
    assert asked["schema"]["type"] == "object"


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        (City, "Lima", "is no City"),
        (City, "", "it is empty"),
        (City, '{"name": 5}', "Expected `str`"),
        (PydanticCity, '{"name": "Lima", "people": -1}', "greater than or equal to 0"),
        (CheckedCity, '{"name": "Lima", "people": -1}', "greater than or equal to 0"),
        (list[City], '{"answer": [{"nam": "Lima"}]}', "missing required field"),
        (Tree, '{"name":"a","children":[' * 5000, "no Tree"),
    ],
)
async def test_an_answer_of_another_type_is_an_error_that_keeps_it(kind: Any, text: str, words: str):
    q, _ = client([says(text)])

    with pytest.raises(InvalidOutput, match=words) as caught:
        await q.chat("The capital of Peru", model="openai/gpt-5-mini", output=kind)

    assert caught.value.text == text
    assert isinstance(caught.value.reply, ChatReply)
    assert caught.value.reply.cost == Decimal("0.0000125")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (says('{"name": "Li', finish="length"), "cut off"),
        (says("", finish="content_filter"), "a filter cut it"),
        (calls(("look", {})), "calls tools first"),
    ],
)
async def test_an_answer_that_cannot_be_read_says_why(answer: Any, words: str):
    q, _ = client([answer])

    with pytest.raises(InvalidOutput, match=words):
        await q.chat("The capital of Peru", model="openai/gpt-5-mini", output=City)


class Bare:
    """A class without fields."""


@pytest.mark.parametrize("kind", [Bare, list[Bare], [1], "City", 5, City("Lima")])
async def test_what_is_no_type_for_json_is_refused_before_anything_is_sent(kind: Any):
    q, transport = client([])

    with pytest.raises(InvalidRequest) as caught:
        await q.chat("The capital of Peru", model="openai/gpt-5-mini", output=kind)

    assert (caught.value.where, transport.sent) == ("output", [])


class Page(msgspec.Struct, tag=False):
    city: City
    other: City | None = None


@pytest.mark.parametrize(
    "kind", [City, Page, Tree, PydanticTree, list[Tree], list[PydanticTree], River | Country]
)
def test_a_schema_has_an_object_at_its_top_and_all_its_definitions(kind: Any):
    schema = shape_of(kind).format.schema
    text = json.dumps(schema)
    references = {part.split('"')[0] for part in text.split('"$ref": "#/$defs/')[1:]}

    assert (schema["type"], "$ref" in schema) == ("object", False)
    assert references <= set(schema.get("$defs", {}))


class Box(pydantic.BaseModel):
    item: int


def test_a_name_is_one_that_every_provider_takes():
    assert shape_of(list[Box]).format.name == "list"
    assert shape_of(dict[str, Box] | None).format.name == "answer"
    assert shape_of(type("Ä[b] c", (Box,), {})).format.name == "b_c"
