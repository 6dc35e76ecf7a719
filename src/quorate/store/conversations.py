"""The tables of conversations: messages that know the one before them, and for each conversation its last one.

A message is called by what it says and what it follows, so that a conversation can branch anywhere and holds
what its branches share once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Column, Index, RowMapping, Table, delete, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from quorate.types.chat import Message
from quorate.types.value import Value

from .columns import Moment, Words
from .inserts import insert_into
from .metadata import METADATA
from .paging import page_of
from .turn import Turn

LONGEST = 10_000
"""Messages of one conversation that are followed back."""

CONVERSATIONS = Table(
    "conversations",
    METADATA,
    Column("id", Words(), primary_key=True),
    Column("scope", Words(), nullable=False),
    Column("title", Words(most=200), nullable=False),
    Column("tip", Words(), nullable=False),
    Column("model", Words(most=300), nullable=False),
    Column("created_at", Moment(), nullable=False),
    Column("updated_at", Moment(), nullable=False),
    Index(None, "scope", "updated_at"),
)

MESSAGES = Table(
    "messages",
    METADATA,
    Column("scope", Words(), primary_key=True),
    Column("hash", Words(), primary_key=True),
    Column("parent", Words(), nullable=False),
    Column("conversation_id", Words(), nullable=False),
    Column("role", Words(), nullable=False),
    Column("message", Words(), nullable=False),
    Column("folded", Words(), nullable=False),
    Column("about", Words(), nullable=False),
    Column("model", Words(most=300), nullable=False),
    Column("created_at", Moment(), nullable=False),
    Index(None, "scope", "created_at"),
    Index(None, "conversation_id"),
)


class Conversation(Value):
    """A conversation, without its messages."""

    id: str
    title: str
    tip: str
    model: str
    created_at: int
    updated_at: int


class Kept(Value):
    """A message as it is kept."""

    hash: str
    parent: str
    conversation_id: str
    message: Message
    about: dict[str, Any]
    model: str
    created_at: int


async def add_turn(connection: AsyncConnection, scope: str, turn: Turn) -> None:
    """Add it at the end of its conversation, which begins with it where it is not there yet. Twice is like once."""
    title = next((line for line in turn.question[-1].text.splitlines() if line.strip()), "")
    beginning = {
        "id": turn.conversation,
        "scope": scope,
        "title": title.strip(),
        "tip": "",
        "model": turn.model,
        "created_at": turn.at,
        "updated_at": turn.at,
    }
    await connection.execute(insert_into(connection, CONVERSATIONS).on_conflict_do_nothing(), beginning)
    said = (*turn.question, turn.answer)
    parents = (turn.parent, *turn.hashes[:-1])
    rows = [
        {
            "scope": scope,
            "hash": name,
            "parent": parent,
            "conversation_id": turn.conversation,
            "role": message.role,
            "message": msgspec.json.encode(message).decode(),
            "folded": message.text.casefold(),
            "about": msgspec.json.encode(turn.about if message is turn.answer else {}).decode(),
            "model": turn.model if message is turn.answer else "",
            "created_at": turn.at,
        }
        for name, parent, message in zip(turn.hashes, parents, said, strict=True)
    ]
    await connection.execute(insert_into(connection, MESSAGES).on_conflict_do_nothing(), rows)
    await connection.execute(
        update(CONVERSATIONS)
        .where(
            CONVERSATIONS.c.id == turn.conversation,
            CONVERSATIONS.c.scope == scope,
            CONVERSATIONS.c.updated_at <= turn.at,
        )
        .values(tip=turn.tip, model=turn.model, updated_at=turn.at)
    )


async def list_conversations(
    connection: AsyncConnection, scope: str, *, before: int | None = None, limit: int = 100
) -> tuple[Conversation, ...]:
    """Those changed last first; a page of those last changed before that time."""
    query = select(CONVERSATIONS).where(CONVERSATIONS.c.scope == scope)
    if before is not None:
        query = query.where(CONVERSATIONS.c.updated_at < before)
    order = (CONVERSATIONS.c.updated_at.desc(), CONVERSATIONS.c.id.desc())
    rows = await connection.execute(query.order_by(*order).limit(page_of(limit)))
    return tuple(map(_conversation, rows.mappings()))


async def find_conversations(
    connection: AsyncConnection, scope: str, beginning: str
) -> tuple[Conversation, ...]:
    """Those whose id begins so; a few of them, where it is short."""
    query = select(CONVERSATIONS).where(
        CONVERSATIONS.c.scope == scope, CONVERSATIONS.c.id.startswith(beginning, autoescape=True)
    )
    rows = await connection.execute(query.order_by(CONVERSATIONS.c.id).limit(page_of(10)))
    return tuple(map(_conversation, rows.mappings()))


async def thread(connection: AsyncConnection, scope: str, tip: str) -> tuple[Kept, ...]:
    """The messages that lead to that one, the first first."""
    last = (
        select(MESSAGES, literal(0).label("back"))
        .where(MESSAGES.c.scope == scope, MESSAGES.c.hash == tip)
        .cte("line", recursive=True)
    )
    line = last.union_all(
        select(MESSAGES, (last.c.back + 1).label("back")).where(
            MESSAGES.c.scope == last.c.scope, MESSAGES.c.hash == last.c.parent, last.c.back < LONGEST
        )
    )
    rows = await connection.execute(select(line).order_by(line.c.back.desc()))
    return tuple(map(_kept, rows.mappings()))


async def search(
    connection: AsyncConnection,
    scope: str,
    words: Sequence[str] = (),
    *,
    model: str = "",
    since: int | None = None,
    limit: int = 20,
) -> tuple[tuple[Kept, Kept | None], ...]:
    """Answers, newest first, each with its question; those in which, or in whose question, all the words stand.

    Case counts for nothing. `model` is a part of the model's name.
    """
    question = MESSAGES.alias("question")
    query = (
        select(MESSAGES.c.hash, question.c.hash.label("question"))
        .join(
            question,
            (question.c.scope == MESSAGES.c.scope) & (question.c.hash == MESSAGES.c.parent),
            isouter=True,
        )
        .where(MESSAGES.c.scope == scope, MESSAGES.c.role == "assistant")
    )
    for word in words:
        folded = word.casefold()
        query = query.where(
            MESSAGES.c.folded.contains(folded, autoescape=True)
            | func.coalesce(question.c.folded, "").contains(folded, autoescape=True)
        )
    if model:
        query = query.where(func.lower(MESSAGES.c.model).contains(model.lower(), autoescape=True))
    if since is not None:
        query = query.where(MESSAGES.c.created_at >= since)
    order = (MESSAGES.c.created_at.desc(), MESSAGES.c.hash)
    found = (await connection.execute(query.order_by(*order).limit(page_of(limit)))).all()
    wanted = [name for pair in found for name in pair if name is not None]
    rows = await connection.execute(
        select(MESSAGES).where(MESSAGES.c.scope == scope, MESSAGES.c.hash.in_(wanted))
    )
    kept = {row["hash"]: _kept(row) for row in rows.mappings()}
    return tuple((kept[answer], kept.get(asked)) for answer, asked in found)


async def delete_conversations(
    connection: AsyncConnection, scope: str, *, ids: Sequence[str] | None = None, before: int | None = None
) -> int:
    """Delete those of these ids, or those last changed before that time, or all; how many."""
    condition = [CONVERSATIONS.c.scope == scope]
    if ids is not None:
        condition.append(CONVERSATIONS.c.id.in_(ids))
    if before is not None:
        condition.append(CONVERSATIONS.c.updated_at < before)
    gone = select(CONVERSATIONS.c.id).where(*condition)
    await connection.execute(
        delete(MESSAGES).where(MESSAGES.c.scope == scope, MESSAGES.c.conversation_id.in_(gone))
    )
    return (await connection.execute(delete(CONVERSATIONS).where(*condition))).rowcount


def _conversation(row: RowMapping) -> Conversation:
    return Conversation(**{name: row[name] for name in Conversation.__struct_fields__})


def _kept(row: RowMapping) -> Kept:
    return Kept(
        hash=row["hash"],
        parent=row["parent"],
        conversation_id=row["conversation_id"],
        message=msgspec.json.decode(row["message"], type=Message),
        about=msgspec.json.decode(row["about"]),
        model=row["model"],
        created_at=row["created_at"],
    )
