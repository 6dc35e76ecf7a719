"""On which line of a TOML file a setting stands, so that an error can point at it.

tomllib tells no places; this reads headers and keys alone, after tomllib has found the file well-formed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import accumulate

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(
    r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=(.*)$"""
)
_NAME = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")
_FENCES = ('"""', "'''")


def lines_of(text: str) -> dict[str, int]:
    """Dotted path (list places as numbers) → line, counted from 1."""
    found: dict[str, int] = {}
    counts: dict[str, int] = {}
    table = ""
    for number, line in _outside_strings(text):
        if header := _HEADER.match(line):
            table = _dotted(header[2], counts)
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = f"{table}.{counts[table]}"
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            parts = [*filter(None, [table]), *(name.strip("\"'") for name in _NAME.findall(key[1]))]
            for path in accumulate(parts, lambda path, part: f"{path}.{part}"):
                found.setdefault(path, number)
    return found


def _dotted(header: str, counts: dict[str, int]) -> str:
    """The header's path, with the place of the latest element of each list on the way."""
    path = ""
    names = [name.strip("\"'") for name in _NAME.findall(header)]
    for place, name in enumerate(names):
        path = f"{path}.{name}" if path else name
        if path in counts and place < len(names) - 1:
            path = f"{path}.{counts[path]}"
    return path


def _outside_strings(text: str) -> Iterator[tuple[int, str]]:
    """The lines that do not lie inside a text of several lines."""
    fence = ""
    for number, line in enumerate(text.splitlines(), 1):
        if not fence:
            yield number, line
        for mark in _FENCES:
            if line.count(mark) % 2 and fence in ("", mark):
                fence = "" if fence else mark


def place_of(path: str, lines: Mapping[str, int]) -> int:
    """The line of the setting, or of the nearest thing around it; 0 where the file says nothing of it."""
    while path:
        if path in lines:
            return lines[path]
        path = path.rpartition(".")[0]
    return 0
