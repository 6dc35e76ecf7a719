"""Our messages to a conversation: the system prompt apart, then turns in the order the provider demands.

What a role may not say is left out and noted; `sayable.py` decides that for each part.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from quorate.errors import InvalidRequest
from quorate.types.chat import Message
from quorate.types.parts import Text
from quorate.types.target import Quirks
from quorate.wire.notes import Notes

from .blocks import write_blocks
from .fields import Json, own
from .sayable import Sayer

_MISPLACED = "a system turn may only follow the user's"


class _Turn(msgspec.Struct):
    role: str
    content: list[Json]
    left: Json
    at: str
    """Path of the message it came from."""


def write_conversation(
    messages: Sequence[Message], extra: Sequence[Text], quirks: Quirks, notes: Notes
) -> tuple[Any, list[Json]]:
    """The system prompt (a string, blocks, or None), `extra` at its end, and the turns."""
    sayer = Sayer(quirks, notes)
    spoken = [_spoken(message, f"messages.{number}", sayer, notes) for number, message in enumerate(messages)]
    leading = next((number for number, turn in enumerate(spoken) if turn.role != "system"), len(spoken))
    system = [block for turn in spoken[:leading] for block in turn.content]
    turns = _joined(spoken[leading:])
    if not turns and system:
        notes.changed("messages.0.role", "a system prompt alone is no conversation: sent as the user's words")
        turns, system = [_Turn("user", system, {}, "messages.0")], []
    system += write_blocks(extra)
    if not turns:
        raise InvalidRequest("the conversation is empty", where="messages")
    placed = _placed(turns, quirks, notes)
    _trim_prefill(placed[-1], notes)
    written = [{"role": turn.role, "content": _shortened(turn.content)} | turn.left for turn in placed]
    return _shortened(system) or None, written


def _spoken(message: Message, at: str, sayer: Sayer, notes: Notes) -> _Turn:
    if message.name:
        notes.dropped(f"{at}.name", "the protocol has no names for speakers")
    said = (sayer.say(part, message.role, f"{at}.parts.{place}") for place, part in enumerate(message.parts))
    content = write_blocks(part for part in said if part is not None)
    return _Turn(message.role, content, own(message.vendor), at)


def _joined(spoken: list[_Turn]) -> list[_Turn]:
    """Turns that say something. Results of tools stand in one turn, before what the user says beside them."""
    turns: list[_Turn] = []
    after_results = False
    for turn in spoken:
        if not turn.content and not turn.left:
            continue
        if after_results and turn.role in ("tool", "user"):
            turns[-1].content += turn.content
            turns[-1].left = turns[-1].left | turn.left
        else:
            turns.append(turn)
        after_results = turn.role == "tool"
    for turn in turns:
        turn.role = "user" if turn.role == "tool" else turn.role
    return turns


def _placed(turns: list[_Turn], quirks: Quirks, notes: Notes) -> list[_Turn]:
    """System turns where the provider allows them: after the user's, right before the assistant's or last.

    A target that takes none has them as the user's words.
    """
    placed: list[_Turn] = []
    waiting: list[_Turn] = []
    for turn in turns:
        if turn.role == "system" and quirks.system_role == "user":
            notes.emulated(f"{turn.at}.role", "this target takes no system turns: said as the user's words")
            turn.role = "user"
        if turn.role == "system":
            waiting.append(turn)
            continue
        if turn.role == "assistant":
            placed += _released(waiting, placed, notes)
            waiting = []
        for each in waiting:
            notes.changed(f"{each.at}.role", f"{_MISPLACED}: moved behind it")
        placed.append(turn)
    return placed + _released(waiting, placed, notes)


def _released(waiting: list[_Turn], placed: list[_Turn], notes: Notes) -> list[_Turn]:
    if not placed or placed[-1].role != "user":
        for turn in waiting:
            notes.emulated(f"{turn.at}.role", f"{_MISPLACED}: said as the user's words")
            turn.role = "user"
    return waiting


def _trim_prefill(last: _Turn, notes: Notes) -> None:
    """The provider refuses a beginning of its own answer that ends in a space."""
    block: Json = last.content[-1] if last.role == "assistant" and last.content else {}
    if block.get("type") == "text" and block["text"] != (trimmed := block["text"].rstrip()):
        block["text"] = trimmed
        notes.changed(f"{last.at}.parts", "the beginning of an answer may not end in a space: trimmed")


def _shortened(content: list[Json]) -> Any:
    """One plain text as a string."""
    if len(content) == 1 and content[0]["type"] == "text" and content[0].keys() == {"type", "text"}:
        return content[0]["text"]
    return content
