"""`quorate providers`: who can be called, who is ready, and where the keys go."""

from __future__ import annotations

from pathlib import Path

from quorate.assemble import assemble, read
from quorate.engine.ready import provider_states

from .tables import print_table
from .terminal import as_json, note


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
    parts = assemble(read(config) if config else None).current()
    rows = [row for row in provider_states(parts.book, parts.directory) if row.is_ready or not ready]
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
