"""The documents as these tests see them: pages, fenced examples, generated blocks, links and headings."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from quorate.types.value import Value

ROOT = Path(__file__).parents[2]
NAMES = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")
PAGES = (*(ROOT / name for name in NAMES), *sorted((ROOT / "docs").glob("**/*.md")))

_FENCE = re.compile(r"^```(\w*) *([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"(<!-- made by `python -m tests\.docs`: ([\w -]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


class Fence(Value):
    """A fenced block."""

    page: str
    line: int
    """Of its first line of code."""
    language: str
    told: str
    """What stands behind the language: a file's name, or 'output' of the fence before."""
    code: str

    @property
    def name(self) -> str:
        return f"{self.page}:{self.line}"


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def fences(page: Path) -> list[Fence]:
    text = text_of(page)
    return [
        Fence(
            page=name_of(page),
            line=text.count("\n", 0, found.start(3)) + 1,
            language=found[1],
            told=found[2].strip(),
            code=found[3],
        )
        for found in _FENCE.finditer(text)
    ]


def plain(text: str) -> str:
    """The text without its fenced blocks."""
    return _FENCE.sub("", text)


def links(text: str) -> list[str]:
    return _LINK.findall(plain(text))


def anchors(text: str) -> set[str]:
    """The headings as addresses inside the page."""
    kept = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in _HEADING.findall(plain(text)))
    return {heading.strip().replace(" ", "-") for heading in kept}


def blocks(text: str) -> dict[str, str]:
    """The generated blocks of a page by name."""
    return {found[2]: found[3].strip("\n") for found in _BLOCK.finditer(text)}


def with_blocks(text: str, makers: Mapping[str, Callable[[], str]]) -> str:
    """The page with each generated block made anew; one that nobody makes stays as it is."""

    def made(found: re.Match[str]) -> str:
        maker = makers.get(found[2])
        return found[1] + (f"{maker()}\n" if maker else found[3]) + found[4]

    return _BLOCK.sub(made, text)


def table_rows(text: str, head: str) -> list[list[str]]:
    """The cells of the first table whose head begins with that word, without head and rule."""
    lines = text.splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith(f"| {head} |"))
    rows: list[list[str]] = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        cells = re.split(r"(?<!\\)\|", line.strip()[1:-1])
        rows.append([cell.strip().replace("\\|", "|") for cell in cells])
    return rows
