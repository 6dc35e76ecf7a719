"""A conversation as the shell holds it: what was said so far, and where the next turn goes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from quorate.errors import InvalidRequest
from quorate.store.identity import new_identity
from quorate.store.times import now
from quorate.store.turn import Turn
from quorate.types.chat import ChatReply, Message
from quorate.types.parts import Text

from .spool import SCOPE, keep, kept_turns


class Talk:
    """Turns are added to it; each is written down at once, unless it `keeps` nothing."""

    def __init__(self, *, keeps: bool = True) -> None:
        self.id = new_identity()
        self.messages: list[Message] = []
        self.model = ""
        """Who answered last, as `provider/model`."""
        self._tips = [""]
        self._begun: list[int] = []
        self._keeps = keeps

    def prompt(self, question: Message, system: str = "") -> list[Message]:
        """Everything so far, and the question; before it what the model is told from here on."""
        return [*self.messages, *_asked(question, system)]

    def add(self, question: Message, system: str, reply: ChatReply[Any], about: dict[str, Any]) -> None:
        """What was asked, and what came."""
        asked = _asked(question, system)
        self.model = f"{reply.provider}/{reply.model}" if reply.provider else reply.model
        turn = Turn(
            conversation=self.id,
            parent=self._tips[-1],
            at=now(),
            model=self.model,
            question=asked,
            answer=reply.message,
            about=about,
        )
        self._begun.append(len(self.messages))
        self.messages += [*asked, reply.message]
        self._tips.append(turn.tip)
        if self._keeps:
            keep(turn)

    def take_back(self) -> Message | None:
        """Go on from before the last turn; its question. None where there is none in this sitting."""
        if not self._begun:
            return None
        start = self._begun.pop()
        gone, self.messages = self.messages[start:], self.messages[:start]
        self._tips.pop()
        return next(message for message in gone if message.role == "user")

    def another(self) -> Talk:
        """A new one, kept or not as this one is."""
        return Talk(keeps=self._keeps)

    def go_on_from(self, conversation: str, tip: str, messages: list[Message], model: str) -> None:
        self.id, self.messages, self.model = conversation, messages, model
        self._tips = [tip]


def _asked(question: Message, system: str) -> tuple[Message, ...]:
    told = (Message(role="system", parts=(Text(text=system),)),) if system else ()
    return (*told, question)


def begun(config: Path | None, called: str, *, is_continued: bool, keeps: bool) -> Talk:
    """A new conversation, or one that is gone on with: the last, or the one that is `called` so."""
    if is_continued or called:
        return last_talk(config, called, keeps=keeps)
    return Talk(keeps=keeps)


def last_talk(config: Path | None, called: str = "", *, keeps: bool = True) -> Talk:
    """The conversation that was gone on with last, or the one whose id begins so. Raises `InvalidRequest`."""
    return asyncio.run(_read(config, called, keeps=keeps))


async def _read(config: Path | None, called: str, *, keeps: bool) -> Talk:
    from quorate.store.conversations import find_conversations, list_conversations, thread

    async with kept_turns(config) as database, database.read() as connection:
        found = (
            await find_conversations(connection, SCOPE, called)
            if called
            else await list_conversations(connection, SCOPE, limit=1)
        )
        if len(found) != 1:
            told = (
                f"{len(found)} conversations begin with '{called}'"
                if found
                else "there is no such conversation"
            )
            raise InvalidRequest(f"{told}; `quorate logs` shows their ids", where="conversation")
        messages = await thread(connection, SCOPE, found[0].tip)
    talk = Talk(keeps=keeps)
    talk.go_on_from(found[0].id, found[0].tip, [each.message for each in messages], found[0].model)
    return talk
