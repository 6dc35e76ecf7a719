"""A client's conversation to our messages: the system prompt first, results of tools as turns of their own."""

from __future__ import annotations

from itertools import groupby

from msgspec import Raw

from quorate.types.chat import Message, Role
from quorate.types.parts import Part, ToolResult

from .blocks import read_blocks
from .fields import Fields, vendor


def read_system(fields: Fields) -> list[Message]:
    parts = read_blocks(fields.text_or_items("system"), fields.place("system"))
    return [Message(role="system", parts=tuple(parts))] if parts else []


def read_turns(fields: Fields) -> list[Message]:
    turns = fields.items("messages") or fields.wrong("messages", "a list of turns, one at least")
    at = fields.place("messages")
    return [message for number, raw in enumerate(turns) for message in _read_turn(raw, f"{at}.{number}")]


def _read_turn(raw: Raw, at: str) -> list[Message]:
    """A user's turn is several of ours where results of tools stand beside words."""
    fields = Fields(raw, at)
    role = fields.text("role")
    if role not in ("user", "assistant", "system"):
        fields.wrong("role", "'user', 'assistant' or 'system'")
    parts = read_blocks(fields.text_or_items("content"), fields.place("content"))
    left = vendor(fields.left())
    if role != "user":
        return [Message(role=role, parts=tuple(parts), vendor=left)]
    messages = [
        Message(role=speaker, parts=tuple(run), vendor=left if not number else {})
        for number, (speaker, run) in enumerate(groupby(parts, _speaker))
    ]
    return messages or [Message(role="user", parts=(), vendor=left)]


def _speaker(part: Part) -> Role:
    return "tool" if isinstance(part, ToolResult) and not part.hosted else "user"
