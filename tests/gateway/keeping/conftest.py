"""A database for each test, and a place for work that outlives a call."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from quorate.gateway.background import Background
from quorate.store.database import Database, open_database


@pytest.fixture(scope="session")
async def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables, for copying."""
    path = tmp_path_factory.mktemp("ready") / "ready.db"
    await (await open_database(f"sqlite:///{path}")).close()
    return path


@pytest.fixture
async def database(ready: Path, tmp_path: Path) -> AsyncIterator[Database]:
    path = tmp_path / "quorate.db"
    shutil.copyfile(ready, path)
    opened = await open_database(f"sqlite:///{path}", migrate=False)
    yield opened
    await opened.close()


@pytest.fixture
async def background(database: Database) -> AsyncIterator[Background]:
    async with Background() as running:
        yield running
