"""Our messages to a conversation: the system prompt apart, then turns of user and assistant in turn.

What a role may not say is left out and noted; `sayable.py` decides that for each part.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from quorate.errors import InvalidRequest
from quorate.types.chat import Message
from quorate.types.parts import Text
from quorate.types.target import Quirks
from quorate.wire.json_fields import Json
from quorate.wire.notes import Notes

from .blocks import write_content
from .fields import own
from .sayable import Sayer


class _Turn(msgspec.Struct):
    role: str
    content: list[Json]
    left: Json
    at: str
    """Path of the message it came from."""


def write_conversation(
    messages: Sequence[Message], extra: Sequence[Text], quirks: Quirks, notes: Notes
) -> tuple[list[Json], list[Json]]:
    """The blocks of the system prompt, `extra` at its end, and the turns."""
    sayer = Sayer(quirks, notes)
    spoken = [_spoken(message, f"messages.{number}", sayer, notes) for number, message in enumerate(messages)]
    leading = next((number for number, turn in enumerate(spoken) if turn.role != "system"), len(spoken))
    system = [block for turn in spoken[:leading] for block in turn.content]
    turns = _joined(spoken[leading:], notes)
    if not turns and system:
        notes.changed("messages.0.role", "a system prompt alone is no conversation: sent as the user's words")
        turns, system = [_Turn("user", system, {}, "messages.0")], []
    if not turns:
        raise InvalidRequest("the conversation is empty", where="messages")
    if system and quirks.system_role == "user":
        notes.emulated("messages.0.role", "this target takes no system prompt: said as the user's words")
        first = turns[0]
        if first.role == "user":
            first.content = [*system, *first.content]
        else:
            turns.insert(0, _Turn("user", system, {}, "messages.0"))
        system = []
    _trim_prefill(turns[-1], notes)
    words = write_content(extra)
    return [*system, *words], [{"role": turn.role, "content": turn.content} | turn.left for turn in turns]


def _spoken(message: Message, at: str, sayer: Sayer, notes: Notes) -> _Turn:
    if message.name:
        notes.dropped(f"{at}.name", "the protocol has no names for speakers")
    sayer.beside_words = bool(message.text.strip())
    said = (sayer.say(part, message.role, f"{at}.parts.{place}") for place, part in enumerate(message.parts))
    content = write_content(part for part in said if part is not None)
    return _Turn(message.role, content, own(message.vendor), at)


def _joined(spoken: list[_Turn], notes: Notes) -> list[_Turn]:
    """Turns that say something, no two of one speaker in a row: the provider refuses that."""
    turns: list[_Turn] = []
    for turn in spoken:
        if not turn.content:
            continue
        if turn.role == "system":
            notes.emulated(f"{turn.at}.role", "the system speaks before all others: said as the user's words")
        role = "assistant" if turn.role == "assistant" else "user"
        if turns and turns[-1].role == role:
            turns[-1].content += turn.content
            turns[-1].left = turns[-1].left | turn.left
        else:
            turns.append(_Turn(role, turn.content, turn.left, turn.at))
    return turns


def _trim_prefill(last: _Turn, notes: Notes) -> None:
    """The provider refuses a beginning of its own answer that ends in a space."""
    block: Json = last.content[-1] if last.role == "assistant" else {}
    text = block.get("text")
    if isinstance(text, str) and text != (trimmed := text.rstrip()):
        block["text"] = trimmed
        notes.changed(f"{last.at}.parts", "the beginning of an answer may not end in a space: trimmed")
