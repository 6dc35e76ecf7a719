"""A request as Cohere's clients write it, read into ours: the mirror of what the codec writes."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from quorate.errors import InvalidRequest
from quorate.types.chat import (
    ChatRequest,
    HostedTool,
    Message,
    OutputFormat,
    Tool,
    ToolChoice,
)
from quorate.types.parts import Media, Opaque, Part, SearchResult, Text, ToolResult
from quorate.types.value import replace
from quorate.wire.cohere.citations import read_citation
from quorate.wire.cohere.documents import read_document
from quorate.wire.cohere.fields import NAME, left, vendor
from quorate.wire.cohere.plan import plan
from quorate.wire.cohere.quirks import SETTINGS
from quorate.wire.cohere.reply import read_block, read_call
from quorate.wire.cohere.thinking import read_thinking
from quorate.wire.json_fields import Fields, Json, a_text, an_object, is_list, is_object, objects
from quorate.wire.seam import Call

_TURN = ("role", "content", "tool_plan", "tool_calls", "citations", "tool_call_id")
_CHOICES: Mapping[str, ToolChoice] = {
    "REQUIRED": ToolChoice(mode="required"),
    "NONE": ToolChoice(mode="none"),
}
_KINDS: Mapping[str, str] = {
    "max_tokens": "integer",
    "k": "integer",
    "seed": "integer",
    "logprobs": "flag",
}
"""Of settings that are not just numbers."""


def read_body(call: Call) -> Fields:
    try:
        return Fields(msgspec.json.decode(call.body))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidRequest(f"the body is not JSON ({error})") from error


def read_request(call: Call) -> ChatRequest:
    """Raises `InvalidRequest`."""
    body = read_body(call)
    settings = {
        ours: getattr(body, _KINDS.get(theirs, "number"))(theirs) for ours, theirs in SETTINGS.items()
    }
    model, _ = body.needed_text("model"), body.flag("stream")
    messages = _joined(_turn(each, number) for number, each in enumerate(body.items("messages")))
    if not messages:
        raise body.wrong("messages", "a list that is not empty")
    form = body.take("response_format")
    thinking = body.take("thinking")
    return ChatRequest(
        model=model,
        messages=tuple(_with_documents(messages, body.items("documents"))),
        tools=tuple(_tools(body)),
        tool_choice=_CHOICES.get(body.text("tool_choice")),
        stop=tuple(each for each in body.items("stop_sequences") if isinstance(each, str)),
        output=_form(form) if is_object(form) else None,
        thinking=read_thinking(thinking) if is_object(thinking) else None,
        vendor=vendor(body.rest),
        **settings,
    )


def _joined(turns: Iterable[Message]) -> list[Message]:
    """Results of tools come a message each: those of one turn are one message of ours."""
    messages: list[Message] = []
    for turn in turns:
        if messages and turn.role == messages[-1].role == "tool":
            messages[-1] = replace(messages[-1], parts=messages[-1].parts + turn.parts)
        else:
            messages.append(turn)
    return messages


def _with_documents(messages: list[Message], documents: list[Any]) -> Iterable[Message]:
    """Documents of the request are what the last question shows."""
    last = max((n for n, each in enumerate(messages) if each.role == "user"), default=-1)
    shown = tuple(read_document(each) for each in documents)
    for number, message in enumerate(messages):
        yield replace(message, parts=(*message.parts, *shown)) if number == last and shown else message


def _turn(raw: object, number: int) -> Message:
    turn = Fields(raw, f"messages.{number}")
    match turn.rest.get("role"):
        case "tool":
            content = tuple(_given(turn.rest.get("content")))
            told = ToolResult(
                call_id=turn.needed_text("tool_call_id"),
                content=content,
                vendor=vendor(left(turn.rest, _TURN)),
            )
            return Message(role="tool", parts=(told,))
        case "system" | "user" as role:
            return Message(role=role, parts=tuple(_content(turn.rest)), vendor=vendor(left(turn.rest, _TURN)))
        case "assistant":
            return Message(
                role="assistant", parts=tuple(_said(turn.rest)), vendor=vendor(left(turn.rest, _TURN))
            )
        case _:
            raise turn.wrong("role", "'system', 'user', 'assistant' or 'tool'")


def _content(turn: Json) -> Iterable[Part]:
    content = turn.get("content")
    if isinstance(content, str):
        yield Text(text=content)
    for block in objects(content):
        yield _image(block) if block.get("type") == "image_url" else read_block(block)


def _said(turn: Json) -> Iterable[Part]:
    if words := a_text(turn.get("tool_plan")):
        yield plan(words)
    yield from _content(turn)
    for raw in objects(turn.get("citations")):
        yield from read_citation(raw)
    for call in objects(turn.get("tool_calls")):
        yield read_call(call)


def _given(content: object) -> Iterable[Text | SearchResult]:
    """What a tool gave back."""
    if isinstance(content, str):
        yield Text(text=content)
    for block in objects(content):
        if block.get("type") == "document":
            yield read_document(block.get("document"))
        else:
            yield Text(text=a_text(block.get("text")))


def _image(block: Json) -> Part:
    told = dict(an_object(block.get("image_url")))
    url, detail = a_text(told.pop("url", "")), a_text(told.pop("detail", ""))
    if not url:
        return Opaque(kind="image_url", vendor=vendor(block))
    rest = left(block, ("type", "image_url")) | ({"image_url": told} if told else {})
    head, _, data = url.partition(";base64,")
    if head.startswith("data:") and data:
        kind = head.removeprefix("data:")
        return Media(kind="image", media_type=kind, data=b64decode(data), detail=detail, vendor=vendor(rest))
    return Media(kind="image", url=url, detail=detail, vendor=vendor(rest))


def _form(raw: Json) -> OutputFormat | None:
    rest = vendor(left(raw, ("type", "json_schema")))
    if is_object(schema := raw.get("json_schema")):
        return OutputFormat(kind="schema", schema=schema, vendor=rest)
    return OutputFormat(kind="json", vendor=rest) if raw.get("type") == "json_object" else None


def _tools(body: Fields) -> Iterable[Tool | HostedTool]:
    strict = body.flag("strict_tools") or None
    offered = body.take("tools")
    for tool in offered if is_list(offered) else []:
        fields = an_object(tool)
        function = dict(an_object(fields.get("function")))
        if fields.get("type") != "function":
            yield HostedTool(protocol=NAME, name=a_text(fields.get("type")), settings=fields)
            continue
        told = {name: function.pop(name, None) for name in ("name", "description", "parameters")}
        rest = left(fields, ("type", "function")) | ({"function": function} if function else {})
        yield Tool(
            name=a_text(told["name"]),
            description=a_text(told["description"]),
            schema=an_object(told["parameters"]),
            strict=strict,
            vendor=vendor(rest),
        )
