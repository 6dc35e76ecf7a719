"""`quorate providers`: who can be called, who is ready, and where the keys go."""

from __future__ import annotations

from pathlib import Path

from quorate.assemble import Household, assemble, read
from quorate.providers.entry import Entry, Provider
from quorate.types.value import Value

from .tables import print_table
from .terminal import as_json, note


class Row(Value):
    """One provider as it is listed."""

    name: str
    """What stands before the '/' of a model's name."""
    provider: str
    title: str
    is_ready: bool
    lacks: str = ""
    """What has to be done before it is ready."""
    variables: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    docs: str = ""


def providers(
    search: str = "", *, ready: bool = False, json: bool = False, config: Path | None = None
) -> int:
    """List providers.

    Parameters
    ----------
    search
        A word that stands in the name or title.
    ready
        Only those that are set up.
    json
        Print JSON.
    config
        The settings file to use.
    """
    rows = [row for row in _rows(assemble(read(config) if config else None)) if row.is_ready or not ready]
    rows = [row for row in rows if search.lower() in f"{row.name} {row.title}".lower()]
    if json:
        print(as_json(rows))
        return 0
    cells = [
        (row.name, row.title, "ready" if row.is_ready else row.lacks or "not set up", row.docs)
        for row in rows
    ]
    print_table(("name", "provider", "state", "documentation"), cells)
    note(f"{sum(row.is_ready for row in rows)} of {len(rows)} ready")
    return 0


def _rows(household: Household) -> list[Row]:
    parts = household.current()
    rows = [_row(entry, parts.book.row_of(entry), household) for entry in parts.directory.entries]
    named = {entry.provider for entry in parts.directory.entries}
    others = [row for row in parts.book if row.name not in named]
    return rows + [_row(Entry(provider=row.name), row, household, is_set_up=False) for row in others]


def _row(entry: Entry, row: Provider, household: Household, *, is_set_up: bool = True) -> Row:
    problem = household.current().directory.problem(entry)
    started = "start it, or set its address" if row.keyless and not is_set_up else ""
    return Row(
        name=entry.name or entry.provider,
        provider=row.name,
        title=row.title,
        is_ready=is_set_up and problem is None,
        lacks=str(problem) if problem else started,
        variables=row.key_variables,
        features=row.features,
        docs=row.docs,
    )
