"""The caller's own functions as tools, and the loop that runs them."""

from __future__ import annotations

import asyncio
import functools
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal

import msgspec
import pydantic
import pytest

from quorate import HostedTool, Tool
from quorate.client.toolbox import Toolbox
from quorate.errors import BudgetExceeded, InvalidRequest, NoAnswer
from quorate.types.parts import Media, Text, ToolCall

from .answers import body_of, calls, client, says


class Unit(Enum):
    CELSIUS = "celsius"
    KELVIN = "kelvin"


@dataclass
class Place:
    city: str
    country: str = "PE"


class Area(pydantic.BaseModel):
    radius: int = pydantic.Field(gt=0)


def forecast(
    place: Place,
    days: Annotated[int, msgspec.Meta(ge=1)],
    unit: Unit = Unit.CELSIUS,
    detail: Literal["short", "long"] = "short",
    note: Annotated[str, "Anything else"] = "",
    tags: list[str] = [],  # noqa: B006  # what a caller's function may look like
    near: Place | None = None,
) -> str:
    """The weather to come.

    Asks nobody.
    """
    return f"{place.city} {days} {unit.value} {detail} {note} {tags} {near}"


def test_a_function_is_told_by_its_signature():
    [tool] = Toolbox([forecast]).tools

    assert isinstance(tool, Tool)
    assert (tool.name, tool.description) == ("forecast", "The weather to come.\n\nAsks nobody.")
    assert tool.schema["type"] == "object"
    assert sorted(tool.schema["required"]) == ["days", "place"]
    assert tool.schema["additionalProperties"] is False
    properties = tool.schema["properties"]
    assert properties["days"] == {"type": "integer", "minimum": 1}
    assert properties["note"] == {"type": "string", "description": "Anything else", "default": ""}
    assert properties["detail"] == {"enum": ["long", "short"], "default": "short"}
    assert set(tool.schema["$defs"]) == {"Place", "Unit"}


async def run(function: Callable[..., Any], arguments: str = "{}") -> tuple[str, bool]:
    """What the model is told of a call, and whether it failed."""
    box = Toolbox([function])
    result = await box.run(ToolCall(id="1", name=function.__name__, arguments=arguments))
    return "".join(part.text for part in result.content if isinstance(part, Text)), result.failed


async def test_arguments_come_as_the_types_of_the_signature():
    told = await run(forecast, '{"place": {"city": "Lima"}, "days": 2, "unit": "kelvin"}')

    assert told == ("Lima 2 kelvin short  [] None", False)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("{", "do not fit"),
        ("", "place"),
        ('{"place": {"city": "Lima"}}', "days"),
        ('{"place": {"city": "Lima"}, "days": 0}', ">= 1"),
        ('{"place": {"city": "Lima"}, "days": 1, "when": 5}', "no parameter 'when'"),
        ("[1]", "do not fit"),
        ("[" * 100_000, "do not fit"),
    ],
)
async def test_arguments_that_do_not_fit_are_told_to_the_model(arguments: str, words: str):
    text, failed = await run(forecast, arguments)

    assert failed
    assert words in text


async def test_a_parameter_may_be_a_pydantic_model():
    def survey(area: Area) -> Area:
        return Area(radius=area.radius + 1)

    survey.__annotations__ = {"area": Area, "return": Area}

    assert await run(survey, '{"area": {"radius": 3}}') == ('{"radius":4}', False)
    assert (await run(survey, '{"area": {"radius": 0}}'))[1]


def give(value: Any) -> Callable[[], Any]:
    """A function that returns the value."""

    def given() -> Any:
        return value

    return given


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain", "plain"),
        (None, "null"),
        ({"a": [1, 2]}, '{"a":[1,2]}'),
        (Decimal("1.5"), '"1.5"'),
        (Place("Lima"), '{"city":"Lima","country":"PE"}'),
        (Area(radius=1), '{"radius":1}'),
        (Text(text="part"), "part"),
        ([Text(text="a"), Text(text="b")], "ab"),
        ([], "[]"),
    ],
)
async def test_a_result_of_any_kind_is_told(value: Any, text: str):
    assert await run(give(value)) == (text, False)


async def test_a_result_may_hold_media():
    picture = Media(kind="image", media_type="image/png", data=b"\x89PNG")
    result = await Toolbox([give([Text(text="a map"), picture])]).run(
        ToolCall(id="1", name="given", arguments="")
    )

    assert result.content == (Text(text="a map"), picture)


async def fail_later() -> str:
    raise ValueError("no such city")


def fail() -> str:
    raise KeyError("city")


def stop() -> str:
    raise StopIteration


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (fail_later, "ValueError: no such city"),
        (fail, "KeyError: 'city'"),
        (stop, "RuntimeError: StopIteration"),
    ],
)
async def test_a_function_that_raises_is_told_to_the_model(function: Callable[..., Any], text: str):
    assert await run(function) == (text, True)


def untyped(city):
    return city


def starred(*cities: str) -> None: ...


def positional(city: str, /) -> None: ...


class Station:
    """Something with a method that is a tool."""

    def __init__(self, degrees: int) -> None:
        self.degrees = degrees

    def read(self, city: str) -> int:
        """Degrees in a city."""
        return self.degrees


def opaque(thing: Station) -> None: ...


@pytest.mark.parametrize(
    "tools",
    [
        [untyped],
        [starred],
        [positional],
        [opaque],
        [lambda: 1],
        [functools.partial(forecast, days=1)],
        [5],
        ["forecast"],
        [forecast, forecast],
        [print],
    ],
)
def test_what_cannot_be_a_tool_is_refused(tools: Any):
    with pytest.raises(InvalidRequest) as caught:
        Toolbox(tools)

    assert caught.value.where == "tools"


async def test_a_method_is_a_tool():
    assert await run(Station(21).read, '{"city": "Lima"}') == ("21", False)


def weather(city: str) -> str:
    """The weather."""
    return f"sunny in {city}"


async def test_tools_run_until_the_model_answers():
    q, transport = client([calls(("weather", {"city": "Lima"})), says("Sunny")])

    reply = await q.run("Weather?", tools=[weather], model="openai/gpt-5-mini")

    turns = body_of(transport.sent[1])["messages"]
    assert reply.text == "Sunny"
    assert [turn["role"] for turn in turns] == ["user", "assistant", "tool"]
    assert (turns[2]["tool_call_id"], turns[2]["content"]) == ("call_0", "sunny in Lima")
    assert (reply.usage.output, reply.cost, len(reply.attempts)) == (10, Decimal("0.000025"), 2)


async def test_calls_of_one_round_run_at_once_and_are_told_in_order():
    both = asyncio.Barrier(2)

    async def meet(name: str) -> str:
        async with asyncio.timeout(5):
            await both.wait()
        return name

    q, transport = client([calls(("meet", {"name": "a"}), ("meet", {"name": "b"})), says("Met")])
    await q.run("Meet", tools=[meet], model="openai/gpt-5-mini")

    assert [turn["content"] for turn in body_of(transport.sent[1])["messages"][2:]] == ["a", "b"]


async def test_a_plain_function_holds_up_nobody():
    both = threading.Barrier(2, timeout=5)

    def meet() -> str:
        both.wait()
        return threading.current_thread().name

    q, transport = client([calls(("meet", {}), ("meet", {})), says("Met")])
    await q.run("Meet", tools=[meet], model="openai/gpt-5-mini")

    names = [turn["content"] for turn in body_of(transport.sent[1])["messages"][2:]]
    assert threading.current_thread().name not in names


async def test_a_tool_the_model_invents_is_told_so():
    q, transport = client([calls(("wether", {"city": "Lima"})), says("Sorry")])

    await q.run("Weather?", tools=[weather], model="openai/gpt-5-mini")

    assert "no tool named 'wether'" in json.dumps(body_of(transport.sent[1])["messages"][2])


async def test_a_tool_without_a_function_is_refused_before_anything_is_sent():
    q, transport = client([])

    with pytest.raises(InvalidRequest, match="no function stands behind the tool 'weather'"):
        await q.run("Weather?", tools=[Tool(name="weather")], model="openai/gpt-5-mini")
    with pytest.raises(InvalidRequest, match="one round"):
        await q.run("Weather?", tools=[weather], rounds=0, model="openai/gpt-5-mini")

    assert transport.sent == []


async def test_a_model_that_never_answers_is_stopped():
    q, transport = client(lambda send: calls(("weather", {"city": "Lima"})))

    with pytest.raises(NoAnswer, match="after 3 rounds") as caught:
        await q.run("Weather?", tools=[weather], rounds=3, model="openai/gpt-5-mini")

    assert (len(transport.sent), len(caught.value.attempts)) == (3, 3)


async def test_a_forced_call_is_forced_once():
    q, transport = client([calls(("weather", {"city": "Lima"})), says("Sunny")])

    await q.run("Weather?", tools=[weather], tool_choice="required", model="openai/gpt-5-mini")

    assert [body_of(send).get("tool_choice") for send in transport.sent] == ["required", None]


class Report(msgspec.Struct):
    sky: str


async def test_a_loop_may_end_in_a_type():
    q, _ = client([calls(("weather", {"city": "Lima"})), says('{"sky": "clear"}')])

    reply = await q.run("Weather?", tools=[weather], output=Report, model="openai/gpt-5-mini")

    assert reply.output == Report("clear")


async def test_one_budget_holds_for_all_rounds():
    q, transport = client(lambda send: calls(("weather", {"city": "Lima"})))

    with pytest.raises(BudgetExceeded):
        await q.run(
            "Weather?", tools=[weather], model="openai/gpt-5-mini", max_output=5, max_cost=0.0002, rounds=100
        )

    assert 0 < len(transport.sent) < 100


async def test_hosted_tools_go_along():
    q, transport = client([says()])
    hosted = HostedTool(protocol="openai_chat", name="search", settings={"type": "search"})

    await q.run("Weather?", tools=[weather, hosted], model="openai/gpt-5-mini")

    assert json.dumps({"type": "search"}) in json.dumps(body_of(transport.sent[0])["tools"])
