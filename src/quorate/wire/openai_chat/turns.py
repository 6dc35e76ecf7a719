"""Reads the `messages` that a client sends: strict about types, keeping every field it does not know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from quorate.errors import InvalidRequest
from quorate.types.chat import Message, Role
from quorate.types.parts import CacheMark, Media, Opaque, Part, Reasoning, Refusal, Text, ToolCall, ToolResult
from quorate.types.value import replace
from quorate.wire.json_fields import Fields, Json, a_text, an_object, is_list, objects

from .calls import read_call
from .fields import vendor
from .media import KINDS, read_media
from .messages import ANNOTATION
from .thoughts import CHUNK, chunk_text, thought_of

_ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",
}


def read_messages(raw: Sequence[Any]) -> tuple[Message, ...]:
    """The turns, a run of tool messages as one turn."""
    turns: list[Message] = []
    legacy = ""
    for number, value in enumerate(raw):
        fields = Fields(value, f"messages.{number}")
        word = fields.needed_text("role")
        if word not in _ROLES:
            raise fields.wrong("role", "one of " + ", ".join(_ROLES))
        match _ROLES[word]:
            case "tool":
                result = _read_result(fields, legacy)
                if turns and turns[-1].role == "tool":
                    turns[-1] = replace(turns[-1], parts=(*turns[-1].parts, result))
                else:
                    turns.append(Message(role="tool", parts=(result,)))
            case "assistant":
                turns.append(_read_answer(fields, number))
                legacy = next((p.id for p in turns[-1].parts if isinstance(p, ToolCall)), legacy)
            case role:
                turns.append(_read_turn(fields, role, developer=word == "developer"))
    return tuple(turns)


def read_mark(fields: Fields | Json) -> CacheMark | None:
    """Takes a cache mark of the known forms; any other stays among the leftovers."""
    rest = fields.rest if isinstance(fields, Fields) else fields
    mark = an_object(rest.get("cache_control"))
    if mark.get("type") != "ephemeral" or set(mark) - {"type", "ttl"}:
        return None
    match mark.get("ttl", "5m"):
        case "5m" | "1h" as ttl:
            del rest["cache_control"]
            return ttl
        case _:
            return None


def _read_turn(fields: Fields, role: Role, *, developer: bool) -> Message:
    parts = _read_content(fields)
    name = fields.text("name")
    if developer:
        fields.rest["role"] = "developer"
    return Message(role=role, parts=parts, name=name, vendor=vendor(fields.rest))


def _read_result(fields: Fields, legacy: str) -> ToolResult:
    content = tuple(part for part in _read_content(fields) if isinstance(part, Text | Media))
    name = fields.text("name")
    return ToolResult(
        call_id=fields.text("tool_call_id") or legacy,
        content=content,
        name=name,
        cache=read_mark(fields),
        vendor=vendor(fields.rest),
    )


def _read_answer(fields: Fields, number: int) -> Message:
    parts: list[Part] = []
    if thought := thought_of(fields.rest):
        parts.append(thought)
    parts += _read_content(fields)
    if refusal := fields.text("refusal"):
        parts.append(Refusal(text=refusal))
    if audio := fields.inner("audio"):
        parts.append(Media(kind="audio", file_id=audio.text("id"), vendor=vendor({})))
    parts += [
        Opaque(kind=ANNOTATION + a_text(item.get("type")), vendor=vendor(item))
        for item in objects(fields.take("annotations"))
        if item.get("type")
        != "url_citation"  # what a client echoes of an answer's sources tells the model nothing
    ]
    for position, item in enumerate(fields.items("tool_calls")):
        Fields(item, fields.place(f"tool_calls.{position}"))
        parts.append(_marked(read_call(item, f"call_{number}_{position}")))
    if call := fields.inner("function_call"):
        name, arguments = call.needed_text("name"), call.text("arguments")
        parts.append(ToolCall(id=f"call_{number}_0", name=name, arguments=arguments))
    return Message(role="assistant", parts=tuple(parts), name=fields.text("name"), vendor=vendor(fields.rest))


def _marked(call: ToolCall) -> ToolCall:
    """A call whose cache mark, if it has one, stands in its field."""
    rest = dict(an_object(call.vendor.get("openai_chat")))
    mark = read_mark(rest)
    return replace(call, cache=mark, vendor=vendor(rest)) if mark else call


def _read_content(fields: Fields) -> tuple[Part, ...]:
    content = fields.take("content")
    if content is None or content == "":
        return ()
    if isinstance(content, str):
        return (Text(text=content),)
    if not is_list(content):
        raise fields.wrong("content", "a string or a list of parts")
    place = fields.place("content")
    return tuple(_read_part(Fields(item, f"{place}.{number}")) for number, item in enumerate(content))


def _read_part(part: Fields) -> Part:
    whole = dict(part.rest)
    kind = part.needed_text("type")
    match kind:
        case "text":
            text = part.text("text")
            return Text(text=text, cache=read_mark(part), vendor=vendor(part.rest))
        case "refusal":
            return Refusal(text=part.text("refusal"), vendor=vendor(part.rest))
        case _ if kind == CHUNK:
            words, rest = chunk_text(whole)
            return Reasoning(text=words, vendor={"openai_chat": {"chunk": rest}})
        case _ if kind in KINDS:
            mark = read_mark(whole)
            media = read_media(whole)
            if media is None:
                raise InvalidRequest(f"'{part.place(kind)}' cannot be read", where=part.place(kind))
            return replace(media, cache=mark)
        case _:
            return Opaque(kind=kind, vendor=vendor(whole))
