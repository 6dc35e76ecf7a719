"""Conversations written beforehand, played in every protocol."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from quorate.errors import InvalidRequest
from quorate.sim import Simulator
from quorate.sim.script import Scene, Script, ScriptedCall, Step, read_script
from quorate.types.chat import ChatRequest, Message, Tool
from quorate.types.parts import Text, ToolCall, ToolResult
from quorate.types.value import replace
from tests.docs.pages import ROOT, fences

from .asking import PROTOCOLS, ask, question

READ = Tool(
    name="read",
    schema={
        "type": "object",
        "properties": {"file": {"type": "string"}, "lines": {"type": "integer"}},
        "required": ["file"],
    },
)
SCENE = Scene(
    when=r"What says (?P<file>\w+)",
    steps=(
        Step(
            say="I look into {file}.",
            calls=(ScriptedCall(tool="read", arguments={"file": "{file}.txt", "lines": 1}),),
        ),
        Step(say="{file} says {result}, not {else}."),
    ),
)
LATER = Scene(when="^And before", earlier=r"(?P<file>\w+) says", steps=(Step(say="It was {file}."),))


def asked(text: str = "What says notes?", **settings) -> ChatRequest:
    return question(text, tools=(READ,), **settings)


def said(role, *parts) -> Message:
    return Message(role=role, parts=parts)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_scene_calls_its_tool_and_speaks_of_the_result(protocol: str, stream: bool):
    request = asked()
    async with Simulator(speed=0, scenes=[SCENE]) as sim:
        first = await ask(sim, protocol, request, stream=stream)
        call = next(part for part in first.message.parts if isinstance(part, ToolCall))
        result = said("tool", ToolResult(call_id=call.id, name="read", content=(Text(text="hush"),)))
        again = replace(request, messages=(*request.messages, first.message, result))
        second = await ask(sim, protocol, again, stream=stream)

    assert (first.text, first.finish.reason) == ("I look into notes.", "tool_calls")
    assert (call.name, json.loads(call.arguments)) == ("read", {"file": "notes.txt", "lines": 1})
    assert (second.text, second.finish.reason) == ("notes says hush, not {else}.", "stop")


async def test_a_scene_may_ask_for_what_was_said_earlier():
    async with Simulator(speed=0, scenes=[LATER]) as sim:
        fresh = await ask(sim, "openai_chat", question("And before?"))
        request = question("And before?")
        before = (said("user", Text(text="?")), said("assistant", Text(text="notes says hush.")))
        later = await ask(sim, "openai_chat", replace(request, messages=(*before, *request.messages)))

    assert later.text == "It was notes."
    assert "simulated" in fresh.text.lower()


async def test_a_scene_whose_tool_is_not_offered_leaves_the_word_to_the_next():
    plain = Scene(when="What says", steps=(Step(say="I cannot read."),))
    async with Simulator(speed=0, scenes=[SCENE, plain]) as sim:
        without = await ask(sim, "anthropic", question("What says notes?"))
        offered = await ask(sim, "anthropic", asked())

    assert (without.text, offered.text) == ("I cannot read.", "I look into notes.")


async def test_what_no_scene_knows_is_answered_as_ever():
    async with Simulator(seed=2, speed=0, scenes=[SCENE]) as played, Simulator(seed=2, speed=0) as free:
        one = await ask(played, "gemini", question())
        other = await ask(free, "gemini", question())

    assert one.text == other.text


async def test_several_tools_are_called_at_once():
    calls = tuple(ScriptedCall(tool="read", arguments={"file": name}) for name in ("a", "b"))
    both = Scene(when="both", steps=(Step(calls=calls),))
    async with Simulator(speed=0, scenes=[both]) as sim:
        reply = await ask(sim, "openai_responses", asked("Read both"))

    found = [part for part in reply.message.parts if isinstance(part, ToolCall)]
    assert [json.loads(call.arguments)["file"] for call in found] == ["a", "b"]
    assert len({call.id for call in found}) == 2


def test_a_script_is_read_from_a_file(tmp_path: Path):
    file = tmp_path / "play.toml"
    file.write_text(
        """
        [[scenes]]
        when = 'What says (?P<file>\\w+)'

        [[scenes.steps]]
        say = "I look into {file}."
        calls = [{tool = "read", arguments = {file = "{file}.txt", lines = 1}}]

        [[scenes.steps]]
        say = "{file} says {result}, not {else}."
        """
    )

    assert list(read_script(file)) == [SCENE]


@pytest.mark.parametrize(
    "text",
    ["scenes = 1", "[[scenes]]\nwhen = 'a'", "[[scenes]]\nwhen = 'a'\nsteps = []\nthen = 1", "scenes ="],
)
def test_a_file_that_is_no_script_is_refused(text: str, tmp_path: Path):
    file = tmp_path / "play.toml"
    file.write_text(text)

    with pytest.raises(InvalidRequest, match="is no script"):
        read_script(file)


def test_a_script_that_is_not_there_is_told(tmp_path: Path):
    with pytest.raises(InvalidRequest, match="cannot be read"):
        read_script(tmp_path / "none.toml")


def test_what_is_no_regular_expression_is_refused():
    with pytest.raises(InvalidRequest, match="no regular expression"):
        Script([Scene(when="(", steps=())])


async def test_the_script_of_the_documents_plays(tmp_path: Path):
    (shown,) = (each for each in fences(ROOT / "docs" / "simulator.md") if "[[scenes]]" in each.code)
    file = tmp_path / "play.toml"
    file.write_text(shown.code)
    tool = Tool(name="get_weather", schema={"type": "object", "properties": {"city": {"type": "string"}}})

    async with Simulator(speed=0, scenes=read_script(file)) as sim:
        request = question("How is the weather in Lima?", tools=(tool,))
        reply = await ask(sim, "ollama", request)

    assert reply.text == "I look it up."
    assert [part.name for part in reply.message.parts if isinstance(part, ToolCall)] == ["get_weather"]
