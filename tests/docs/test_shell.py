"""Every shell example does what it says, against simulated providers."""

from __future__ import annotations

import re
import shlex

import pytest

from .conftest import Run
from .of_commands import commands, help_of
from .pages import PAGES, ROOT, Fence, fences

EVERY = [fence for page in PAGES for fence in fences(page)]
RUN = [fence for fence in EVERY if fence.language == "sh"]
SHOWN = [fence for fence in EVERY if fence.language == "console"]
OTHERS = frozenset(
    {
        "pip",
        "python",
        "curl",
        "cd",
        "export",
        "pytest",
        "pre-commit",
        "git",
        "claude",
        "codex",
        "llm",
        "aider",
    }
)
"""Commands of others that are shown and not run."""

LANGUAGES = frozenset({"python", "sh", "console", "text", "toml", "json"})


def name_of(fence: Fence) -> str:
    return fence.name


@pytest.mark.long
@pytest.mark.parametrize("fence", RUN, ids=name_of)
def test_a_shell_example_runs(fence: Fence, shell: Run):
    ended = shell(fence.code)

    assert (ended.returncode, ended.stderr if ended.returncode else "") == (0, "")


@pytest.mark.parametrize("fence", SHOWN, ids=name_of)
def test_a_command_that_is_shown_is_there(fence: Fence):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    told = [shlex.split(line, comments=True) for line in fence.code.replace("\\\n", " ").splitlines()]
    strange = [words for words in told if words and not is_known(words, makefile)]

    assert strange == []


def is_known(words: list[str], makefile: str) -> bool:
    match words:
        case ["make", target, *_]:
            return re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE) is not None
        case ["quorate", first, *_] if first.startswith("-"):
            return first in help_of()
        case ["quorate", command, *rest] if command in commands():
            told = help_of(command)
            if rest and re.search(rf"^│ {re.escape(rest[0])} ", told, re.MULTILINE):
                told = help_of(command, rest[0])
            return all(
                re.search(rf"(?<!\S){re.escape(word)}\b", told) for word in rest if word.startswith("--")
            )
        case _:
            return words[0] in OTHERS


def test_an_unknown_option_is_seen():
    assert not is_known(["quorate", "ask", "--colour"], "")
    assert not is_known(["quorate", "keys", "add", "--colour"], "")
    assert not is_known(["make", "coffee"], "tea:\n")


def test_every_example_says_what_it_is():
    assert [fence.name for fence in EVERY if fence.language not in LANGUAGES] == []
    assert [
        fence.name for fence in EVERY if fence.language != "sh" and "\nquorate ask" in f"\n{fence.code}"
    ] == []
