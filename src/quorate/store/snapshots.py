"""Copies of a SQLite database beside it, made before a migration; the last few are kept."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

KEPT = 3
_WORD = "before"


def take_snapshot(path: Path, revision: str) -> Path:
    """Copy what is committed. `revision` is the one the database has, and stands in the copy's name."""
    at = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    taken = path.with_name(f"{path.name}.{_WORD}-{at}-{revision}")
    partial = taken.with_name(f"{taken.name}.partial")
    os.close(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("VACUUM INTO ?", (str(partial),))
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.rename(taken)
    finally:
        partial.unlink(missing_ok=True)
    for old in _snapshots(path)[:-KEPT]:
        old.unlink(missing_ok=True)
    return taken


def newest_snapshot(path: Path) -> Path | None:
    return next(reversed(_snapshots(path)), None)


def _snapshots(path: Path) -> list[Path]:
    """Oldest first: the time stands in their names."""
    begin = f"{path.name}.{_WORD}-"
    return sorted(
        each for each in path.parent.iterdir() if each.name.startswith(begin) and each.suffix != ".partial"
    )
