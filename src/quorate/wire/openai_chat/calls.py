"""Tool calls in messages: functions, free-text (custom) tools, and the older single function call.

A custom tool takes free text. In our values it is a function with one argument, `input`, so that every
other protocol can offer it and call it; a mark tells it apart.
"""

from __future__ import annotations

from typing import Any

import msgspec

from quorate.types.parts import ToolCall
from quorate.wire.json_fields import Json, a_text, an_object, identity

from .fields import own, vendor

INPUT_SCHEMA: Json = {
    "type": "object",
    "properties": {"input": {"type": "string"}},
    "required": ["input"],
    "additionalProperties": False,
}
"""The arguments of a custom tool."""

INPUT_START = '{"input":"'
INPUT_END = '"}'

_dumps = msgspec.json.encode


class _Input(msgspec.Struct):
    input: str = ""


_read_input = msgspec.json.Decoder(_Input).decode


def escaped(text: str) -> str:
    """Text as it stands inside a JSON string."""
    return _dumps(text)[1:-1].decode()


def input_of(arguments: str) -> str:
    """The free text of a custom call; arguments of another form as they are."""
    try:
        return _read_input(arguments).input
    except msgspec.MsgspecError:
        return arguments


def arguments_text(value: Any) -> str:
    """Arguments as JSON text; some servers send the object itself."""
    if value is None:
        return ""
    return value if isinstance(value, str) else _dumps(value).decode()


def read_call(raw: Json, fallback_id: str) -> ToolCall:
    """A whole call; `fallback_id` names one that came without an id."""
    rest = {key: value for key, value in raw.items() if key not in ("id", "type")}
    call_id = identity(raw.get("id")) or fallback_id
    custom = an_object(rest.get("custom"))
    if raw.get("type") == "custom" or (custom.get("name") and "function" not in rest):
        rest.pop("custom", None)
        inner = {key: value for key, value in custom.items() if key not in ("name", "input")}
        return ToolCall(
            id=call_id,
            name=a_text(custom.get("name")),
            arguments=INPUT_START + escaped(a_text(custom.get("input"))) + INPUT_END,
            vendor=vendor(call_rest(rest, "custom", inner) | {"type": "custom"}),
        )
    function = an_object(rest.pop("function", None))
    if not any(custom.values()):  # a server sends both forms, one of them empty
        rest.pop("custom", None)
    inner = {key: value for key, value in function.items() if key not in ("name", "arguments")}
    return ToolCall(
        id=call_id,
        name=a_text(function.get("name")),
        arguments=arguments_text(function.get("arguments")),
        vendor=vendor(call_rest(rest, "function", inner)),
    )


def call_rest(rest: Json, key: str, inner: Json) -> Json:
    """What a call holds beside its id, name and arguments."""
    return {**rest, key: inner} if inner else rest


def write_call(call: ToolCall, *, custom: bool) -> Json:
    """A whole call as it stands in a message: of a function, or of a free-text tool."""
    rest = {key: value for key, value in own(call.vendor).items() if key != "type"}
    if custom:
        inner: Json = {
            "name": call.name,
            "input": input_of(call.arguments),
            **an_object(rest.pop("custom", {})),
        }
        return {"id": call.id, "type": "custom", "custom": inner, **rest}
    inner = {"name": call.name, "arguments": call.arguments, **an_object(rest.pop("function", {}))}
    return {"id": call.id, "type": "function", "function": inner, **rest}


def is_custom(call: ToolCall) -> bool:
    return own(call.vendor).get("type") == "custom"


def is_legacy(call: ToolCall) -> bool:
    """It came as the message's one `function_call`."""
    return own(call.vendor).get("type") == "function_call"


def write_legacy(call: ToolCall) -> Json:
    return {"name": call.name, "arguments": call.arguments}
