"""The revisions of the schema, as the files of a folder of migrations tell them."""

from __future__ import annotations

from pathlib import Path

from quorate.types.value import Value


class History(Value):
    """A folder for alembic: `env.py`, and `versions/` with files named `<revision>_<what>.py`, in order."""

    folder: Path

    def revisions(self) -> tuple[str, ...]:
        """Oldest first. Told by the files' names, so that alembic is only loaded where there is work for it."""
        files = (self.folder / "versions").glob("[0-9]*_*.py")
        return tuple(sorted(file.stem.partition("_")[0] for file in files))


SHIPPED = History(folder=Path(__file__).parent / "migrations")
