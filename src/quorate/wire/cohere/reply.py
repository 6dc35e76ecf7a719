"""Reads whole answers; the pieces that streams need too stand here."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import msgspec

from quorate.types.chat import ChatReply, Message
from quorate.types.parts import Opaque, Part, Reasoning, Text, ToolCall, Vendor
from quorate.types.value import replace
from quorate.wire.json_fields import Json, a_text, an_object, is_object, objects
from quorate.wire.seam import WireAnswer

from .citations import follows, read_citation
from .failure import broken, failure_of
from .fields import left, vendor
from .finish import read_finish
from .logprobs import read_logprobs
from .plan import plan
from .usage import read_usage

_REPLY = ("id", "message", "finish_reason", "usage", "logprobs")
_MESSAGE = ("role", "content", "tool_plan", "tool_calls", "citations")


def read_object(answer: WireAnswer) -> Json:
    """The JSON object of a success."""
    try:
        body: Any = msgspec.json.decode(answer.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise broken(answer, "the answer cannot be read as JSON") from error
    if not is_object(body):
        raise broken(answer, "the answer is no JSON object")
    return body


def read_reply(answer: WireAnswer) -> ChatReply:
    body = read_object(answer)
    message = body.get("message")
    if not is_object(message):
        if isinstance(message, str) or "error" in body:
            raise failure_of(body, answer)
        raise broken(answer, "the answer holds no message")
    return ChatReply(
        id=a_text(body.get("id")),
        model="",
        message=Message(role="assistant", parts=tuple(_parts(message, body)), vendor=message_vendor(message)),
        finish=read_finish(a_text(body.get("finish_reason"))),
        usage=read_usage(an_object(body.get("usage"))),
        vendor=reply_vendor(body),
    )


def reply_vendor(body: Json) -> Vendor:
    return vendor(left(body, _REPLY))


def message_vendor(message: Json) -> Vendor:
    return vendor(left(message, _MESSAGE))


def _parts(message: Json, body: Json) -> list[Part]:
    """Thoughts, the plan, text, calls; each citation behind what it stands for."""
    content = message.get("content")
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else objects(content)
    text_at = max((n for n, block in enumerate(blocks) if block.get("type") == "text"), default=len(blocks))
    cited: dict[int | str, list[Json]] = defaultdict(list)
    for raw in objects(message.get("citations")):
        place = follows(raw)
        cited[text_at if place is None else place].append(raw)
    planned: list[Part] = [plan(words)] if (words := a_text(message.get("tool_plan"))) else []
    planned += _citations(cited.pop("plan", []))
    parts: list[Part] = []
    for index, block in enumerate(blocks):
        part = read_block(block)
        if index == text_at and isinstance(part, Text):
            part = replace(part, logprobs=read_logprobs(body.get("logprobs")))
        if not isinstance(part, Reasoning):
            parts += planned
            planned = []
        if not isinstance(part, Text | Reasoning) or part.text:
            parts.append(part)
        parts += _citations(cited.pop(index, []))
    parts += planned
    for rest in cited.values():
        parts += _citations(rest)
    return parts + [read_call(call) for call in objects(message.get("tool_calls"))]


def _citations(raw: list[Json]) -> list[Part]:
    return [citation for each in raw for citation in read_citation(each)]


def read_block(block: Json) -> Part:
    match block:
        case {"type": "text", "text": str(text), **rest}:
            return Text(text=text, vendor=vendor(rest))
        case {"type": "thinking", "thinking": str(text), **rest}:
            return Reasoning(text=text, vendor=vendor(rest))
        case _:
            return Opaque(kind=a_text(block.get("type")), vendor=vendor(block))


NO_ARGUMENTS = "null"
"""What some models write where a tool takes nothing."""


def read_call(call: Json) -> ToolCall:
    function = dict(an_object(call.get("function")))
    name, arguments = a_text(function.pop("name", "")), a_text(function.pop("arguments", ""))
    rest = left(call, ("id", "type", "function")) | ({"function": function} if function else {})
    return ToolCall(
        id=a_text(call.get("id")),
        name=name,
        arguments="{}" if arguments == NO_ARGUMENTS else arguments,
        vendor=vendor(rest),
    )
