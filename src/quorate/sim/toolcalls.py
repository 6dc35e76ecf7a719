"""Which of the offered tools a simulated model calls, and with what."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from quorate.types.chat import ChatRequest, Tool
from quorate.types.parts import ToolCall

from .chance import chance, number_of
from .question import Question
from .schema import Hints, make

_PIECE = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_SEVERAL = frozenset("all both each every several".split())
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def calls_of(request: ChatRequest, question: Question, *names: object) -> tuple[ToolCall, ...]:
    """The calls that answer the question; none where no tool is offered, allowed, or the turn is not the user's.

    A model that may choose always calls: the tool that shares most words with the question, and several
    where the question asks in the plural or names several.
    """
    chosen = _chosen(request, question)
    hints = Hints(question.names, [_read(text) for text in _NUMBER.findall(question.text)])
    calls: list[ToolCall] = []
    for place, tool in enumerate(chosen):
        luck = chance("call", question.key, place, tool.name, *names)
        arguments = make(tool.schema or {"type": "object"}, luck, hints)
        identity = number_of("id", question.key, place, tool.name, *names)
        calls.append(
            ToolCall(
                id=f"call_sim{identity:016x}",
                name=tool.name,
                arguments=msgspec.json.encode(arguments if isinstance(arguments, dict) else {}).decode(),
            )
        )
    return tuple(calls)


def _read(text: str) -> float | int:
    return float(text) if "." in text else int(text[:15])


def _chosen(request: ChatRequest, question: Question) -> Sequence[Tool]:
    offered = [tool for tool in request.tools if isinstance(tool, Tool)]
    choice = request.tool_choice
    if not offered or question.answers_tools or (choice is not None and choice.mode == "none"):
        return ()
    if choice is not None and choice.mode == "named":
        return [tool for tool in offered if tool.name == choice.name]
    asked = {_stem(word) for word in question.words}
    scores = {tool.name: _score(tool, asked) for tool in offered}
    ranked = sorted(offered, key=lambda tool: -scores[tool.name])
    fitting = [tool for tool in ranked if scores[tool.name] > 0]
    if request.parallel_tools is False:
        return ranked[:1]
    named = [tool for tool in fitting if _names(tool) <= asked]
    if len(named) > 1:
        return named
    plural = bool(_SEVERAL & {word.lower() for word in question.words})
    if plural and len(fitting) > 1:
        return fitting
    return ranked[:1] * (max(2, min(len(question.names), 4)) if plural else 1)


def _score(tool: Tool, asked: set[str]) -> int:
    """Words of the name count three times."""
    told = {_stem(word) for word in re.findall(r"\w+", tool.description) if len(word) > 2}
    return 3 * len(_names(tool) & asked) + len(told & asked)


def _names(tool: Tool) -> set[str]:
    """The words a tool's name is made of, without the verb that most begin with."""
    words = [_stem(word) for word in _PIECE.findall(tool.name)]
    return set(words[1:] if words[:1] and words[0] in _VERBS and len(words) > 1 else words)


_VERBS = frozenset("get fetch find look search list read do run make create set send lookup query".split())


def _stem(word: str) -> str:
    """Lower case, without the s of a plural."""
    word = word.lower()
    return word[:-1] if len(word) > 3 and word.endswith("s") else word
