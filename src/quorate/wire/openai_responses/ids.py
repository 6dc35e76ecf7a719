"""Ids of output items: the ones we make up where a reply came without, and how they are told from a provider's.

A client must find an id on every item, and hands it back in its next request. One of ours means nothing to
a provider, so it is never sent to one.
"""

from __future__ import annotations

from collections.abc import Mapping

_MARK = "quorate"
_PREFIXES: Mapping[str, str] = {
    "message": "msg",
    "reasoning": "rs",
    "function_call": "fc",
    "custom_tool_call": "ctc",
    "image_generation_call": "ig",
}
_LONGEST = 32
"""Characters of a reply's id in an item's: the protocol takes 64 in all."""

MARK = f"_{_MARK}_".encode()
"""The bytes without which a body holds no id of ours."""


def made_response_id(number: str) -> str:
    """The id of a response that the gateway makes one for."""
    return f"resp_{_MARK}_{number.replace('-', '')}"


def made_id(kind: str, reply_id: str, number: int) -> str:
    """The id of a reply's item that came without one."""
    tail = f"_{reply_id[-_LONGEST:]}" if reply_id else ""
    return f"{_PREFIXES.get(kind, 'item')}_{_MARK}_{number}{tail}"


def asked_id(kind: str, reply_id: str, number: int) -> str:
    """The id of an item of input that came without one, where a client is to see it."""
    return f"{_PREFIXES.get(kind, 'item')}_{_MARK}_in{number}_{reply_id[-_LONGEST:]}"


def is_made(value: object) -> bool:
    """Whether we made the id up."""
    return isinstance(value, str) and value.partition("_")[2].startswith(_MARK + "_")
