"""A client's generateContent call as a `ChatRequest`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import count

from quorate.types.chat import ChatRequest, Message, Role
from quorate.types.parts import Part, ToolCall, ToolResult
from quorate.types.value import replace

from .config import read_config
from .fields import SAME_TURN, Fields, Json, Misshapen, vendor
from .parts import read_part
from .tools import read_choice, read_tools


def read_chat(body: bytes, model: str) -> ChatRequest:
    """Raises `Misshapen` for bytes that are no such call."""
    fields = Fields(body)
    kept: Json = {}
    messages = (*_system(fields), *Turns().read(fields.items("contents")))
    tools = read_tools(fields.items("tools"))
    choice = None
    if tool_config := fields.inner("toolConfig"):
        if calling := tool_config.inner("functionCallingConfig"):
            choice = read_choice(calling)
        if rest := tool_config.left():
            kept["toolConfig"] = rest
    config = fields.inner("generationConfig")
    settings = read_config(config) if config else {}
    if config and (rest := config.left()):
        kept["generationConfig"] = rest
    tier = fields.text("serviceTier")
    return ChatRequest(
        model=model,
        messages=messages,
        tools=tools,
        tool_choice=choice,
        service_tier=tier,
        vendor=vendor(fields.left() | kept),
        **settings,
    )


def _system(fields: Fields) -> tuple[Message, ...]:
    content = fields.inner("systemInstruction")
    if content is None:
        return ()
    parts = tuple(read_part(each, str) for each in content.items("parts"))
    return (Message(role="system", parts=parts, vendor=vendor(content.left())),)


def _named(turn: int, numbers: Iterator[int]) -> str:
    return f"call_{turn}_{next(numbers)}"


class Turns:
    """Reads the contents of one call, and matches results without an id to the calls they answer."""

    def __init__(self) -> None:
        self._open: list[ToolCall] = []

    def read(self, contents: Sequence[Fields]) -> list[Message]:
        turns: list[Message] = []
        for number, content in enumerate(contents):
            next_id = partial(_named, number, count())
            parts = tuple(self._tracked(read_part(each, next_id)) for each in content.items("parts"))
            role = content.text("role")
            if role not in ("", "user", "model", "function", "system"):
                raise Misshapen(f"'{content.at}.role' must be 'user' or 'model'", f"{content.at}.role")
            turns.extend(_turns(role, parts, content.left()))
        return turns

    def _tracked(self, part: Part) -> Part:
        match part:
            case ToolCall(hosted=False):
                self._open.append(part)
            case ToolResult(hosted=False):
                answered = self._answered(part)
                if answered is not None:
                    self._open.remove(answered)
                    return part if part.call_id else replace(part, call_id=answered.id)
            case _:
                pass
        return part

    def _answered(self, result: ToolResult) -> ToolCall | None:
        """The call of that id; without an id the first of that name, else the first that is open."""
        if result.call_id:
            return next((call for call in self._open if call.id == result.call_id), None)
        return next((call for call in self._open if call.name == result.name), next(iter(self._open), None))


def _turns(role: str, parts: tuple[Part, ...], kept: Json) -> list[Message]:
    """One content as messages: what tools said is a turn of its own."""
    said: Role = "assistant" if role == "model" else "system" if role == "system" else "user"
    if said != "user" or not any(_is_result(part) for part in parts):
        return [Message(role=said, parts=parts, vendor=vendor(kept))]
    results = tuple(part for part in parts if _is_result(part))
    others = tuple(part for part in parts if not _is_result(part))
    turns = [Message(role="tool", parts=results, vendor=vendor(kept))]
    return [*turns, Message(role="user", parts=others, vendor=vendor({SAME_TURN: True}))] if others else turns


def _is_result(part: Part) -> bool:
    return isinstance(part, ToolResult) and not part.hosted
