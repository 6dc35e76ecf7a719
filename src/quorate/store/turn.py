"""A question and its answer, as they are added to a conversation. Loads no database."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import msgspec

from quorate.types.chat import Message
from quorate.types.value import Value


class Turn(Value):
    """One turn of a conversation."""

    conversation: str
    """Its id, made by `new_identity`."""
    parent: str = ""
    """The hash of the message before the question; '' at the beginning."""
    at: int
    """Microseconds since 1970."""
    model: str
    """Who answered, as `provider/model`."""
    question: tuple[Message, ...]
    answer: Message
    about: dict[str, Any] = {}
    """What is known of the answer: tokens, cost, seconds …"""

    @property
    def hashes(self) -> tuple[str, ...]:
        """Of each message, in order."""
        names: list[str] = []
        for message in (*self.question, self.answer):
            names.append(hash_of(names[-1] if names else self.parent or self.conversation, message))
        return tuple(names)

    @property
    def tip(self) -> str:
        """The hash of the answer: the parent of what follows."""
        return self.hashes[-1]


def hash_of(parent: str, message: Message) -> str:
    """What a message is called by; at the beginning of a conversation `parent` is the conversation's id."""
    return sha256(f"{parent}\n".encode() + msgspec.json.encode(message, order="deterministic")).hexdigest()
