"""Free-text (custom) tools: in our values functions with one argument, `input`, which every protocol can offer."""

from __future__ import annotations

import msgspec

from quorate.wire.json_fields import Json

CUSTOM = "custom"
"""Value of a call's or a tool's `type` mark."""

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
