"""The help of each command as the shell shows it, and the rest of what the command line tells."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from quorate.cli.main import COMMANDS, app

WIDTH = 96


def commands() -> list[str]:
    return [name for name, *_ in COMMANDS]


def help_of(*words: str) -> str:
    """The help, without colour, at a width that a page holds."""
    text = StringIO()
    console = Console(file=text, width=WIDTH, force_terminal=False, no_color=True, legacy_windows=False)
    app().help_print(list(words), console=console)
    return "\n".join(line.rstrip() for line in text.getvalue().strip().splitlines())


def fenced_help(*words: str) -> str:
    return f"```text\n{help_of(*words)}\n```"
