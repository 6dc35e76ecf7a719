"""`quorate logs`: what was asked and answered in this shell, found again."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from quorate.errors import InvalidRequest
from quorate.types.value import Value

from .spans import time_before
from .spool import SCOPE, kept_turns
from .tables import print_table
from .terminal import as_json, note

if TYPE_CHECKING:
    from quorate.store.conversations import Kept

_SHOWN = 60
"""Letters of a question or an answer in the list."""

logs = App(name="logs", help="Find what was asked and answered in this shell.")


class Row(Value):
    """One turn as it is listed."""

    conversation: str
    """Its id, for `quorate ask --conversation`."""
    at: str
    """ISO 8601."""
    model: str
    question: str
    answer: str
    about: dict[str, Any] = {}
    """Tokens, cost in dollars, seconds …"""


@logs.default
def find(
    *words: str,
    model: Annotated[str, Parameter(alias="-m")] = "",
    since: str = "",
    limit: Annotated[int, Parameter(alias="-n")] = 20,
    json: bool = False,
    config: Path | None = None,
) -> int:
    """List turns, newest first: all, or those in which all the words stand.

    Parameters
    ----------
    words
        Words of the question or the answer.
    model
        Only answers of models whose name holds this.
    since
        Only those of the last time, as '12h', '30d' or '4w', or since a day as 2027-01-31.
    limit
        Most turns.
    json
        Print JSON, questions and answers whole.
    config
        The settings file to use.
    """
    begun = _microseconds(since, "since") if since else None
    rows = [_row(*pair) for pair in asyncio.run(_search(words, model, begun, limit, config))]
    if json:
        print(as_json(rows))
        return 0
    cells = [
        (row.conversation, row.at[:16].replace("T", " "), row.model, _short(row.question), _short(row.answer))
        for row in rows
    ]
    print_table(("conversation", "at", "model", "question", "answer"), cells)
    if not rows:
        note("nothing was found")
    return 0


@logs.command
def show(conversation: str = "", *, json: bool = False, config: Path | None = None) -> int:
    """Print a whole conversation.

    Parameters
    ----------
    conversation
        Its id, or how that begins; without it the last one.
    json
        Print JSON.
    config
        The settings file to use.
    """
    messages = asyncio.run(_thread(conversation, config))
    if json:
        told = [
            {"role": each.message.role, "text": each.message.text, "model": each.model, "about": each.about}
            for each in messages
        ]
        print(as_json(told))
        return 0
    for each in messages:
        print(f"## {each.model or each.message.role}\n\n{each.message.text}\n")
    return 0


@logs.command
def clear(
    *, before: str = "", yes: Annotated[bool, Parameter(alias="-y")] = False, config: Path | None = None
) -> int:
    """Delete conversations for good.

    Parameters
    ----------
    before
        Only those older than this, as '30d', or gone on with last before a day as 2027-01-31.
    yes
        Do not ask.
    config
        The settings file to use.
    """
    if not yes and input("Delete them for good? [y/N] ").strip().lower() not in {"y", "yes"}:
        note("nothing was deleted")
        return 0
    count = asyncio.run(_delete(_microseconds(before, "before") if before else None, config))
    note(f"{count} conversations deleted")
    return 0


async def _search(
    words: tuple[str, ...], model: str, since: int | None, limit: int, config: Path | None
) -> tuple[tuple[Kept, Kept | None], ...]:
    from quorate.store.conversations import search

    async with kept_turns(config) as database, database.read() as connection:
        return await search(connection, SCOPE, words, model=model, since=since, limit=limit)


async def _thread(conversation: str, config: Path | None) -> tuple[Kept, ...]:
    from quorate.store.conversations import find_conversations, list_conversations, thread

    async with kept_turns(config) as database, database.read() as connection:
        found = (
            await find_conversations(connection, SCOPE, conversation)
            if conversation
            else await list_conversations(connection, SCOPE, limit=1)
        )
        if len(found) != 1:
            told = f"{len(found)} conversations begin so" if found else "there is no such conversation"
            raise InvalidRequest(f"{told}; `quorate logs` shows their ids", where="conversation")
        return await thread(connection, SCOPE, found[0].tip)


async def _delete(before: int | None, config: Path | None) -> int:
    from quorate.store.conversations import delete_conversations

    async with kept_turns(config) as database, database.write() as connection:
        return await delete_conversations(connection, SCOPE, before=before)


def _row(answer: Kept, question: Kept | None) -> Row:
    from quorate.store.times import moment

    return Row(
        conversation=answer.conversation_id,
        at=moment(answer.created_at).isoformat(timespec="seconds"),
        model=answer.model,
        question=question.message.text if question else "",
        answer=answer.message.text,
        about=answer.about,
    )


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"


def _microseconds(told: str, option: str) -> int:
    from quorate.store.times import microseconds

    return microseconds(time_before(told, datetime.now(UTC), option))
