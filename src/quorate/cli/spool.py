"""Turns of the shell, kept: each a file at once, taken into the store when that is next opened.

So `quorate ask` stays quick and needs no database; `quorate logs` and `quorate ask -c` read the store.
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from quorate.settings.places import data_folder
from quorate.store.identity import new_identity
from quorate.store.turn import Turn

from .stored import store_of
from .terminal import note

if TYPE_CHECKING:
    from quorate.store.database import Database

SCOPE = "shell"
"""The tenant of what the shell keeps: no caller of a gateway has a scope of that name."""


def keep(turn: Turn) -> None:
    """Write down a turn. Where that cannot be, say so: the answer is not lost for it."""
    folder = _folder()
    path = folder / f"{new_identity(turn.at)}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        unfinished = path.with_suffix(".part")
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(turn))
        unfinished.rename(path)
    except OSError as error:
        note(f"quorate: this turn is not kept: {error.strerror} ('{folder}')")


@asynccontextmanager
async def kept_turns(config: Path | None) -> AsyncGenerator[Database]:
    """The store, with every turn in it that was written down."""
    async with store_of(config) as database:
        await _take_in(database, _waiting())
        yield database


async def _take_in(database: Database, waiting: Sequence[tuple[Path, Turn]]) -> None:
    """What two processes take in at once is there once."""
    from quorate.store.conversations import add_turn

    if not waiting:
        return
    async with database.write() as connection:
        for _, turn in waiting:
            await add_turn(connection, SCOPE, turn)
    for path, _ in waiting:
        path.unlink(missing_ok=True)


def _waiting() -> list[tuple[Path, Turn]]:
    """In the order of their time. One that cannot be read is told of and stays where it is."""
    turns: list[tuple[Path, Turn]] = []
    for path in sorted(_folder().glob("*.json")):
        try:
            turns.append((path, msgspec.json.decode(path.read_bytes(), type=Turn)))
        except FileNotFoundError:
            continue  # another process has taken it in
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            note(f"quorate: '{path}' holds no turn and is left out")
    return turns


def _folder() -> Path:
    return data_folder(os.environ) / "turns"
