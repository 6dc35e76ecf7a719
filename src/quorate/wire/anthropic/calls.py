"""Calls of tools, the caller's and the provider's own, and what the provider's own brought.

A call the provider runs keeps its block among the leftovers, so that it goes back as it came; what our
values say of its result is for readers of other protocols.
"""

from __future__ import annotations

from typing import Any, cast

import msgspec
from msgspec import Raw

from quorate.types.parts import SearchResult, Text, ToolCall, ToolResult

from .fields import NAME, Fields, Json, a_text, an_object, own, vendor
from .marks import read_mark, write_mark

CALLS = ("tool_use", "server_tool_use", "mcp_tool_use")
"""Kinds of blocks that are calls; the caller runs the first."""

_RESULT = "_tool_result"

_NO_OBJECT = "INVALID_JSON"
"""The one field in which the provider has arguments go back that are no JSON object."""


def is_hosted_result(kind: str) -> bool:
    """Web search, code execution, MCP and those to come: their names all end so."""
    return kind.endswith(_RESULT)


def read_call(fields: Fields, kind: str) -> ToolCall:
    raw = fields.raw("input")
    hosted = kind != "tool_use"
    identity, name, cache = fields.text("id"), fields.text("name"), read_mark(fields)
    rest = fields.left()
    return ToolCall(
        id=identity,
        name=name,
        arguments="{}" if raw is None else _text_of(bytes(raw)),
        hosted=hosted,
        cache=cache,
        vendor={NAME: {"type": kind} | rest} if hosted else vendor(rest),
    )


def write_call(call: ToolCall) -> Json | None:
    """None for a call that another protocol's provider ran."""
    kept = own(call.vendor)
    if call.hosted and "type" not in kept:
        return None
    said: Json = {
        "type": "tool_use",
        "id": call.id,
        "name": call.name,
        "input": arguments_of(call.arguments)[0],
    }
    return said | kept | write_mark(call.cache)


def arguments_of(text: str) -> tuple[Raw, bool]:
    """Arguments as the object the protocol demands, and whether they were one.

    Others are wrapped the way the provider's page on fine-grained tool streaming has it.
    """
    if not text.strip():
        return Raw(b"{}"), True
    try:
        data = text.encode()
        value = msgspec.json.decode(data)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        value = None
    else:
        if isinstance(value, dict):
            return Raw(data), True
    return Raw(msgspec.json.encode({_NO_OBJECT: text.encode(errors="replace").decode()})), False


def _text_of(data: bytes) -> str:
    """Arguments as the model wrote them, out of their wrapping where they were no object."""
    if _NO_OBJECT.encode() in data:
        match msgspec.json.decode(data):
            case {"INVALID_JSON": str(text), **rest} if not rest:
                return text
            case _:
                pass
    return data.decode()


def read_hosted_result(fields: Fields, kind: str) -> ToolResult:
    call_id = fields.text("tool_use_id")
    kept: Json = {"type": kind} | fields.left()
    content = kept.get("content")
    found = _findings(content)
    failed = kept.get("is_error") is True or bool(an_object(content).get("error_code"))
    name = kind.removesuffix(_RESULT)
    return ToolResult(
        call_id=call_id, name=name, content=found, failed=failed, hosted=True, vendor={NAME: kept}
    )


def write_hosted_result(result: ToolResult) -> Json | None:
    """None for a result of another protocol's provider."""
    kept = own(result.vendor)
    if "type" not in kept:
        return None
    return {"type": kept["type"], "tool_use_id": result.call_id} | kept


def _findings(content: object) -> tuple[Text | SearchResult, ...]:
    """What a result says in words, as far as its form is one of the known ones."""
    if isinstance(content, str):
        return (Text(text=content),) if content else ()
    items = cast("list[Any]", content) if isinstance(content, list) else [content]
    found = (_finding(an_object(item)) for item in items)
    return tuple(each for each in found if each is not None)


def _finding(item: Json) -> Text | SearchResult | None:
    if "url" in item:
        document = an_object(item.get("content"))
        source = an_object(document.get("source"))
        return SearchResult(
            url=a_text(item["url"]),
            title=a_text(item.get("title")) or a_text(document.get("title")),
            text=a_text(source.get("data")) if source.get("type") == "text" else "",
            published=a_text(item.get("page_age")),
        )
    parts = (item.get(name) for name in ("text", "stdout", "stderr", "content", "error_code"))
    text = "".join(a_text(part) for part in parts)
    return Text(text=text) if text else None
