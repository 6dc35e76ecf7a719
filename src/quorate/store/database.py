"""An open database: reading, writing, and nothing of SQLAlchemy's errors outside."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from . import postgres, sqlite
from .address import Address, PassingFile, PostgresServer, SqliteFile, read_address
from .faults import unavailable_told, unreachable_told
from .history import SHIPPED, History
from .migrate import bring_up_to_date

_LONGEST_WAIT = 10.0
"""Seconds to wait for a connection, whatever is the matter with it."""


class Database:
    """An open database whose tables are of this version.

    What happens within `read` and `write` is told in our errors: `StoreUnavailable` where the database does not
    answer. A fault of the statement itself stays SQLAlchemy's.
    """

    def __init__(
        self, address: Address, readers: AsyncEngine, writers: AsyncEngine, *, passing: Path | None = None
    ) -> None:
        """`passing` is a folder that goes when the database is closed."""
        self.address = address
        self._readers, self._writers, self._passing = readers, writers, passing

    def read(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection that sees one state of the database and can change nothing."""
        return _transaction(self._readers, self.address.shown)

    def write(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """One transaction: committed on leaving, rolled back by an exception or a cancellation.

        SQLite lets in one at a time. So do within it what must be, call nobody, and open no second one.
        """
        return _transaction(self._writers, self.address.shown)

    async def close(self) -> None:
        await self._readers.dispose()
        await self._writers.dispose()
        if self._passing is not None:
            await asyncio.to_thread(shutil.rmtree, self._passing, ignore_errors=True)

    @property
    def is_postgres(self) -> bool:
        return self._writers.dialect.name == "postgresql"


async def open_database(url: str, *, migrate: bool = True, history: History = SHIPPED) -> Database:
    """Open `sqlite:///path`, `postgresql://…`, or with `sqlite://` a passing one that is gone when it is closed.

    Its tables are brought to this version; without `migrate` a database that lacks something is refused, and one
    of another program or of a later version always is: `StoreMismatch`.
    """
    database = await _opened(read_address(url))
    try:
        await bring_up_to_date(database.read(), database.address, history, migrate=migrate)
    except BaseException:
        await database.close()
        raise
    return database


async def _opened(address: PassingFile | Address) -> Database:
    """Engines for it; a server is not asked anything yet."""
    match address:
        case PostgresServer():
            postgres.require_driver()
            engine = postgres.server_engine(address.url)
            return Database(address, postgres.reading_engine(engine), engine)
        case PassingFile():
            folder = await asyncio.to_thread(_passing_folder)
            return await _opened_file(folder / "quorate.db", passing=folder)
        case SqliteFile():
            return await _opened_file(address.path)


def _passing_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="quorate-store-"))


async def _opened_file(path: Path, passing: Path | None = None) -> Database:
    await asyncio.to_thread(sqlite.prepare_file, path)
    return Database(
        SqliteFile(path=path), sqlite.reading_engine(path), sqlite.writing_engine(path), passing=passing
    )


@asynccontextmanager
async def _transaction(engine: AsyncEngine, shown: str) -> AsyncGenerator[AsyncConnection]:
    connection = engine.connect()
    with unreachable_told(shown):
        async with asyncio.timeout(_LONGEST_WAIT):
            await connection.start()
    try:
        with unavailable_told(shown):
            async with connection.begin():
                yield connection
    finally:
        await connection.close()
