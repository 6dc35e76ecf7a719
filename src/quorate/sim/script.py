"""Conversations that were written beforehand: which words and tool calls answer which question, step by step.

So a program that lets its model run tools can be tried to the end: the model calls the tools that the program has.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import msgspec

from quorate.errors import InvalidRequest
from quorate.types.chat import ChatRequest, Message, Tool
from quorate.types.parts import ToolCall, ToolResult
from quorate.types.value import Value

from .chance import number_of
from .question import words_of

_PLACE = re.compile(r"\{(\w+)\}")
_RESULT = "result"
"""The place for what the tools gave back last."""


class ScriptedCall(Value, forbid_unknown_fields=True):
    """A tool to call, and with what."""

    tool: str
    arguments: dict[str, Any] = {}


class Step(Value, forbid_unknown_fields=True):
    """One answer of the model: words, calls, or both."""

    say: str = ""
    calls: tuple[ScriptedCall, ...] = ()


class Scene(Value, forbid_unknown_fields=True):
    """The first step answers the question, each further one the results of the step before it.

    In words and arguments `{name}` is what the group of that name found, `{result}` what the tools gave back.
    """

    when: str
    """A regular expression, found somewhere in what the user said since the model's last answer."""
    earlier: str = ""
    """Another one, found somewhere in the conversation before that."""
    steps: tuple[Step, ...]


class Line(Value):
    """What a script has the model say."""

    say: str
    calls: tuple[ToolCall, ...]


class _Turn(Value):
    """Where a conversation stands."""

    words: str
    """The user's."""
    rounds: int
    """How many times the model has called tools since."""
    result: str
    """What they gave back last."""
    earlier: str
    """All that was said before, by whomever."""


class Script:
    """Scenes; the first that fits is played."""

    def __init__(self, scenes: Iterable[Scene] = ()) -> None:
        """Raises `InvalidRequest` for what is no regular expression."""
        self._scenes = [
            (scene, _compiled(scene.when), _compiled(scene.earlier), _tools(scene)) for scene in scenes
        ]

    def line(self, request: ChatRequest) -> Line | None:
        """None where no scene fits: one is over, or not every tool that it calls is offered."""
        turn = _turn(request)
        offered = {tool.name for tool in request.tools if isinstance(tool, Tool)}
        for scene, when, earlier, tools in self._scenes:
            if tools <= offered and turn.rounds < len(scene.steps) and (found := when.search(turn.words)):
                before = earlier.search(turn.earlier)
                if before:
                    words = found.groupdict() | before.groupdict()
                    return _filled(scene.steps[turn.rounds], words, turn)
        return None


def read_script(path: Path) -> Sequence[Scene]:
    """The scenes of a TOML file, each a table `[[scenes]]`. Raises `InvalidRequest`."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        return msgspec.convert(document, _File).scenes
    except OSError as error:
        raise InvalidRequest(f"'{path}' cannot be read: {error.strerror}", where="script") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise InvalidRequest(f"'{path}' is no script: {error}", where="script") from error


class _File(Value, forbid_unknown_fields=True):
    scenes: tuple[Scene, ...] = ()


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise InvalidRequest(f"'{pattern}' is no regular expression: {error}", where="script") from error


def _tools(scene: Scene) -> set[str]:
    return {call.tool for step in scene.steps for call in step.calls}


def _turn(request: ChatRequest) -> _Turn:
    """What came since the model last spoke without calling tools.

    Programs put reminders of their own between a tool's results, so the last message alone tells too little.
    """
    messages = request.messages
    spoken = [place for place, each in enumerate(messages) if each.role == "assistant" and not _calls(each)]
    start = spoken[-1] + 1 if spoken else 0
    calling = [place for place, each in enumerate(messages) if place >= start and _calls(each)]
    given = [part for each in messages[calling[-1] :] for part in each.parts] if calling else []
    return _Turn(
        words="\n".join(each.text for each in messages[start:] if each.role == "user"),
        rounds=len(calling),
        result=" ".join(words_of(part) for part in given if isinstance(part, ToolResult)),
        earlier="\n".join(words_of(part) for each in messages[:start] for part in each.parts),
    )


def _calls(message: Message) -> bool:
    return any(isinstance(part, ToolCall) and not part.hosted for part in message.parts)


def _filled(step: Step, found: Mapping[str, str | None], turn: _Turn) -> Line:
    words = {name: told or "" for name, told in found.items()} | {_RESULT: turn.result}
    calls = [
        ToolCall(
            id=f"call_sim{number_of(turn.earlier, turn.words, turn.rounds, place):016x}",
            name=call.tool,
            arguments=msgspec.json.encode(_put(call.arguments, words)).decode(),
        )
        for place, call in enumerate(step.calls)
    ]
    return Line(say=_put(step.say, words), calls=tuple(calls))


def _put(value: Any, words: Mapping[str, str]) -> Any:
    """The value with the words in their places; a place that has none stays as it is."""
    match value:
        case str():
            return _PLACE.sub(lambda place: words.get(place[1], place[0]), value)
        case list():
            return [_put(each, words) for each in cast("list[Any]", value)]
        case dict():
            return {name: _put(each, words) for name, each in cast("dict[str, Any]", value).items()}
        case _:
            return value
