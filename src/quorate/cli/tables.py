"""Tables on stdout: aligned and coloured on a terminal, tab-separated in a pipe."""

from __future__ import annotations

from collections.abc import Sequence

from .terminal import is_terminal


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows under their head; a pipe gets them tab-separated, without the head."""
    if not is_terminal():
        for row in rows:
            print("\t".join(row))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for place, name in enumerate(head):
        table.add_column(name, overflow="fold", no_wrap=place == 0)
    for row in rows:
        table.add_row(*row)
    Console().print(table)
