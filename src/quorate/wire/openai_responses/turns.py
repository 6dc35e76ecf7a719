"""Reads the `instructions` and `input` that a client sends: strict about types, keeping fields it does not know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from quorate.errors import InvalidRequest
from quorate.types.chat import Message, Role
from quorate.types.events import PartEnd
from quorate.types.parts import Media, Opaque, Part, Text, ToolCall, ToolResult
from quorate.types.value import replace
from quorate.wire.json_fields import Fields, Json, a_text, is_list

from .answer import Answer
from .fields import vendor
from .hosted import ANSWERS, ITEM, read_answer
from .ids import is_made
from .items import CUSTOM_CALL, FUNCTION, MESSAGE, REASONING
from .media import KINDS, read_media
from .namespaces import Home, at_home, flat_names, home_of

_ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
}
_RESULTS = ("function_call_output", "custom_tool_call_output")
_CALLERS = frozenset(
    ("mcp_approval_response", "configuration_update", "additional_tools", "compaction_trigger")
)
"""Items that nobody but the caller says; an item that nobody knows is taken for an answer's."""


def read_conversation(body: Fields) -> tuple[Message, ...]:
    """The turns: the items of one answer as one turn, and so a run of tool results."""
    turns = _Turns(flat_names(body.rest.get("tools")))
    words = body.text("instructions")
    if words:
        turns.add("system", (Text(text=words),))
    value = body.take("input")
    if isinstance(value, str):
        turns.add("user", (Text(text=value),) if value else ())
    elif is_list(value):
        for number, item in enumerate(value):
            turns.read(Fields(item, f"input.{number}"))
    elif value is not None:
        raise body.wrong("input", "a string or a list of items")
    return tuple(turns.out)


class _Turns:
    """The turns so far."""

    def __init__(self, names: Mapping[Home, str]) -> None:
        self.out: list[Message] = []
        self._names = names
        self._answer = Answer()
        self._items = 0

    def add(self, role: Role, parts: Sequence[Part], rest: Json | None = None) -> None:
        self.out.append(Message(role=role, parts=tuple(parts), vendor=vendor(rest or {})))

    def read(self, item: Fields) -> None:
        """One item of the input."""
        whole = dict(item.rest)
        kind = item.text("type") or (MESSAGE if "role" in whole else "item_reference")
        if kind == MESSAGE:
            self._read_message(item, whole)
        elif kind in _RESULTS:
            self._join("tool", [_read_result(item)])
        elif kind in ANSWERS:
            self._join("tool", [read_answer(whole)])
        elif kind in _CALLERS:
            self.add("user", [Opaque(kind=kind, vendor=vendor({ITEM: whole}))])
        else:
            self._read_answer(item, whole, kind)

    def _join(self, role: Role, parts: Sequence[Part]) -> None:
        """Parts of the turn before where that is of the same role."""
        if self.out and self.out[-1].role == role:
            before = self.out[-1]
            self.out[-1] = replace(before, parts=(*before.parts, *parts))
        else:
            self.add(role, parts)

    def _read_message(self, item: Fields, whole: Json) -> None:
        word = item.needed_text("role")
        if word not in _ROLES:
            raise item.wrong("role", "one of " + ", ".join(_ROLES))
        role = _ROLES[word]
        if role == "assistant":
            self._read_answer(item, whole, MESSAGE)
            return
        parts = _read_content(item, "content")
        rest = {name: value for name, value in item.rest.items() if not (name == "id" and is_made(value))}
        if rest.get("status") == "completed":
            del rest["status"]
        plain = not self.out and len(parts) == 1 and isinstance(parts[0], Text) and not parts[0].vendor
        if word == "developer" or (role == "system" and plain):
            rest["role"] = word  # told from the instructions
        self.add(role, parts, rest)

    def _read_answer(self, item: Fields, whole: Json, kind: str) -> None:
        """An item of an earlier answer."""
        _check(item, kind)
        if not self.out or self.out[-1].role != "assistant":
            self._answer = Answer()
        self._items += 1
        events = self._answer.end(self._items, whole | {"type": kind})
        parts = (event.part for event in events if isinstance(event, PartEnd))
        self._join("assistant", [self._named(part) for part in parts])

    def _named(self, part: Part) -> Part:
        """A call of a grouped tool under the name that its tool is offered by."""
        home = home_of(part) if isinstance(part, ToolCall) else None
        flat = self._names.get(home) if home else None
        return at_home(part, home, flat) if home and flat else part


def _check(item: Fields, kind: str) -> None:
    """What an item of an answer must have to make sense."""
    match kind:
        case "message":
            content = item.take("content")
            if content is not None and not isinstance(content, str) and not is_list(content):
                raise item.wrong("content", "a string or a list of parts")
            if is_list(content):
                for number, each in enumerate(content):
                    Fields(each, item.place(f"content.{number}")).needed_text("type")
        case _ if kind in (FUNCTION, CUSTOM_CALL):
            item.needed_text("name")
            item.needed_text("call_id")
            item.text("arguments" if kind == FUNCTION else "input")
        case _ if kind == REASONING:
            item.text("encrypted_content")
            item.items("summary")
        case _:
            pass


def _read_result(item: Fields) -> ToolResult:
    call_id = item.needed_text("call_id")
    content = [part for part in _read_content(item, "output") if isinstance(part, Text | Media)]
    rest = {name: value for name, value in item.rest.items() if not (name == "id" and is_made(value))}
    if rest.get("status") == "completed":
        del rest["status"]
    return ToolResult(call_id=call_id, content=tuple(content), vendor=vendor(rest))


def _read_content(item: Fields, name: str) -> list[Part]:
    content: Any = item.take(name)
    if content is None or content == "":
        return []
    if isinstance(content, str):
        return [Text(text=content)]
    if not is_list(content):
        raise item.wrong(name, "a string or a list of parts")
    place = item.place(name)
    return [_read_part(Fields(each, f"{place}.{number}")) for number, each in enumerate(content)]


def _read_part(part: Fields) -> Part:
    whole = dict(part.rest)
    kind = part.needed_text("type")
    match kind:
        case "input_text" | "output_text" | "text":
            text = part.text("text")
            if kind != "input_text":
                part.rest["type"] = kind
            return Text(text=text, vendor=vendor(part.rest))
        case _ if kind in KINDS:
            media = read_media(whole)
            if media is None:
                where = part.place(kind)
                raise InvalidRequest(f"'{where}' cannot be read", where=where)
            return media
        case _:
            return Opaque(kind=a_text(kind), vendor=vendor(whole))
