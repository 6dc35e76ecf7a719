"""What a whole answer used, read from its bytes without its words: all that a relayed answer is read for.

Counts that are in any way out of the common are None here and are read with the whole reply; both give the same.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from quorate.types.usage import Usage

_Count = Annotated[int, msgspec.Meta(ge=0)]


class _Split(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    ephemeral_5m_input_tokens: _Count = 0
    ephemeral_1h_input_tokens: _Count = 0


class _Counts(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    input_tokens: _Count
    output_tokens: _Count
    cache_creation_input_tokens: _Count = 0
    cache_read_input_tokens: _Count = 0
    cache_creation: _Split | None = None
    service_tier: str | None = None
    inference_geo: str | None = None
    server_tool_use: None = None


class _Block(msgspec.Struct, gc=False):
    type: str


class _Answer(msgspec.Struct, gc=False):
    type: Literal["message"]
    content: list[_Block]
    usage: _Counts


_read = msgspec.json.Decoder(_Answer).decode
_NO_SPLIT = _Split()


def glance(body: bytes) -> Usage | None:
    """The counts, but for the provider's own object of them; None where the whole reply has to be read."""
    try:
        told = _read(body).usage
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    written, split = told.cache_creation_input_tokens, told.cache_creation or _NO_SPLIT
    hour = split.ephemeral_1h_input_tokens
    if told.cache_creation is not None and split.ephemeral_5m_input_tokens + hour != written:
        return None
    return Usage(
        input=told.input_tokens,
        cache_read=told.cache_read_input_tokens,
        cache_write=written - hour,
        cache_write_1h=hour,
        output=told.output_tokens,
    )
