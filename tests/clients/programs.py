"""The end-user programs, and the lines with which the documents point them at the gateway."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from quorate.types.value import Value
from tests.docs.pages import ROOT, Fence, fences, text_of

PAGE = ROOT / "docs" / "clients.md"
ADDRESS = "http://127.0.0.1:4747"
"""The gateway's, as the page has it."""


class Program(Value):
    """A program of others."""

    title: str
    """The heading of its lines."""
    alias: str
    """What its models are called."""
    targets: tuple[str, ...]
    """The providers that answer; the first is of another protocol than the program's."""
    folder: str
    """Where its program lies, beside the checkout's other environments."""
    file: str = ""
    """In its home: the settings that the page shows."""
    rounds: int = 3
    """Calls to a model that its two turns need at least."""


PROGRAMS: Mapping[str, Program] = {
    "claude": Program(
        title="Claude Code",
        alias="claude-*",
        targets=("sim-openai", "sim-responses", "sim-anthropic", "sim-gemini", "sim-ollama"),
        folder="build/clients/node_modules/.bin",
    ),
    "codex": Program(
        title="Codex",
        alias="gpt-*",
        targets=("sim-anthropic",),
        folder="build/clients/node_modules/.bin",
        file=".codex/config.toml",
    ),
    "llm": Program(
        title="llm",
        alias="chat-*",
        targets=("sim-gemini", "sim-openai", "sim-responses", "sim-anthropic", "sim-ollama"),
        folder=".venv-clients/bin",
        file=".config/io.datasette.llm/extra-openai-models.yaml",
    ),
    "aider": Program(
        title="aider", alias="edit-*", targets=("sim-ollama",), folder=".venv-aider/bin", rounds=2
    ),
}


def lines_of(program: Program) -> str:
    """What is typed into a shell."""
    return _fence(program, "console").code


def settings_of(program: Program) -> str:
    """What stands in its file."""
    return _fence(program, "text").code


def _fence(program: Program, language: str) -> Fence:
    text = text_of(PAGE)
    first = text.count("\n", 0, text.index(f"### {program.title}\n"))
    following = re.search(r"^#", text.split(f"### {program.title}\n")[1], re.MULTILINE)
    after = text.split(f"### {program.title}\n")[1][: following.start() if following else None]
    last = first + 1 + after.count("\n")
    return next(each for each in fences(PAGE) if each.language == language and first < each.line <= last)


def path_to(program: Program) -> Path:
    return ROOT / program.folder
