"""Two databases: each test that asks for `database` or `url` runs on both."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from quorate.store.database import Database, open_database
from quorate.store.tables import METADATA

from .postgres import Postgres, find_binaries

DATABASES = ("sqlite", "postgres")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running server; the tests that need it are left out where there is none to start."""
    server = Postgres(find_binaries())
    try:
        server.start()
        yield server
    finally:
        server.close()


@dataclass
class Servers:
    """Empty databases of one kind, as many as are wanted."""

    folder: Path
    postgres: Postgres | None = None
    made: count[int] = field(default_factory=count)

    async def empty(self) -> str:
        """The URL of a database in which nothing is."""
        if self.postgres is None:
            return f"sqlite:///{self.folder / f'{next(self.made)}.db'}"
        # A schema of its own is as good as a database, and quicker made.
        name = f"{self.folder.name.replace('-', '_').lower()}_{next(self.made)}"
        await statement(self.postgres.url(), f'CREATE SCHEMA "{name}"')
        return f"{self.postgres.url()}&search_path={name}"


async def statement(url: str, words: str) -> None:
    """One statement outside of any transaction, in PostgreSQL."""
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        await connection.execute(words)
    finally:
        await connection.close()


@pytest.fixture(params=DATABASES)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def servers(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Servers:
    return Servers(tmp_path, request.getfixturevalue("postgres") if kind == "postgres" else None)


@pytest.fixture
async def url(servers: Servers) -> str:
    """An empty database."""
    return await servers.empty()


@pytest.fixture(scope="session")
async def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables, for copying."""
    path = tmp_path_factory.mktemp("ready") / "ready.db"
    await (await open_database(f"sqlite:///{path}")).close()
    return path


@pytest.fixture
async def database(
    kind: str, ready: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Database]:
    """An open database with all tables and no rows."""
    if kind == "sqlite":
        path = tmp_path / "quorate.db"
        shutil.copyfile(ready, path)
        opened = await open_database(f"sqlite:///{path}")
    else:
        opened = await open_database(request.getfixturevalue("postgres").url())
        async with opened.write() as connection:
            for table in reversed(
                METADATA.sorted_tables
            ):  # quicker than TRUNCATE, which makes every file anew
                await connection.execute(table.delete())
    yield opened
    await opened.close()
