"""The commonest reply, read straight: a message of nothing but words.

Nearly all replies are of this form. What is in any way out of the common is None here and goes the general way
(`reply.py`); both give the same value of the same bytes.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from quorate.types.chat import ChatReply, Message
from quorate.types.parts import Text

from .fields import NAME
from .shapes import read_finish
from .usage import read_usage


class _Words(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    type: Literal["text"]
    text: str


class _Plain(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    type: Literal["message"]
    role: Literal["assistant"]
    model: str
    content: list[_Words]
    stop_reason: str
    usage: dict[str, Any]
    stop_sequence: str | None = None


_read = msgspec.json.Decoder(_Plain).decode


def read_plain(body: bytes) -> ChatReply | None:
    """The reply, or None where it holds anything that this does not know."""
    try:
        told = _read(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return ChatReply(
        id=told.id,
        model=told.model,
        message=Message(role="assistant", parts=tuple([Text(text=each.text) for each in told.content])),
        finish=read_finish(told.stop_reason, told.stop_sequence or ""),
        usage=read_usage(told.usage),
        vendor={NAME: {}},
    )
