"""What the gateway has for kept answers: who keeps them, and who makes those that nobody waits for."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from quorate.gateway.background import Background
from quorate.store.database import Database

from .keeper import Keeper
from .runs import Runs


@dataclass(frozen=True)
class Answers:
    """Both."""

    keeper: Keeper
    runs: Runs


@asynccontextmanager
async def open_answers(database: Database, *, is_shared: bool = False) -> AsyncGenerator[Answers]:
    """Until the block ends. What is still made then has failed, what waits to be written is written.

    `is_shared`: other processes keep answers in the same database.
    """
    async with Keeper(database, is_shared=is_shared).open() as keeper, Background() as background:
        runs = Runs(keeper, background)
        background.start(runs.keep_up, "keeping up answers that are made in the background")
        yield Answers(keeper, runs)
