"""What a database or its driver raises, told as ours: who asks the store never meets SQLAlchemy's errors."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from quorate.errors import StoreUnavailable

_STATES = ("08", "25006", "28", "3D", "40", "53", "55P03", "57", "58", "XX")
"""Beginnings of PostgreSQL's codes for what is the matter with the database, not with the statement."""
_SQLITE_STATEMENT = frozenset(
    {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_MISUSE}
)
"""SQLite's codes for what is the matter with the statement."""
_MOST = 300


@contextmanager
def unavailable_told(shown: str) -> Generator[None]:
    """Within it, a database that is gone, locked, full or slow raises `StoreUnavailable`."""
    try:
        yield
    except PoolTimeout as error:
        raise StoreUnavailable(f"every connection to the store '{shown}' is in use") from error
    except DBAPIError as error:
        if not error.connection_invalidated and _is_of_statement(error.orig):
            raise
        raise gone(shown, error.orig or error) from error


@contextmanager
def unreachable_told(shown: str) -> Generator[None]:
    """Within it, also what a driver raises before there is a connection."""
    try:
        with unavailable_told(shown):
            yield
    except (StoreUnavailable, DBAPIError):
        raise
    except Exception as error:
        raise gone(shown, error) from error


def _is_of_statement(error: BaseException | None) -> bool:
    if isinstance(error, sqlite3.Error):
        code: int | None = getattr(error, "sqlite_errorcode", None)
        return (
            isinstance(error, sqlite3.ProgrammingError) if code is None else code & 0xFF in _SQLITE_STATEMENT
        )
    state: str | None = getattr(error, "sqlstate", None)
    return state is not None and not state.startswith(_STATES)


def gone(shown: str, error: BaseException) -> StoreUnavailable:
    """In the database's own words, shortened; drivers do not quote passwords."""
    words = " ".join(str(error).split())[:_MOST] or type(error).__name__
    return StoreUnavailable(f"the store '{shown}' does not answer: {words}")
