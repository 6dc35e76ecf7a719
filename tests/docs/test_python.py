"""Every Python example runs, a page at a time and top to bottom, as a reader would type it."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import inspect
import io
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from .pages import PAGES, Fence, fences, name_of

WITH_PYTHON = [page for page in PAGES if any(fence.language == "python" for fence in fences(page))]


@pytest.fixture(autouse=True)
def reader(folder: Path, surroundings: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Someone at a prompt, in a folder with files, with keys in the environment."""
    monkeypatch.chdir(folder)
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(folder / "home"))


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The names of a module of its own: what is defined in an example must be found by its types again."""
    module = ModuleType("documents")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return vars(module)


async def said_by(fence: Fence, names: dict[str, Any]) -> str:
    """What the example prints. One that waits runs here; any other in a thread, which has no loop of its own."""
    source = "\n" * (fence.line - 1) + fence.code
    code = compile(source, fence.page, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        if code.co_flags & inspect.CO_COROUTINE:
            await eval(code, names)  # noqa: S307  # the documents' own text
        else:
            await asyncio.to_thread(exec, code, names)
    return printed.getvalue()


@pytest.mark.parametrize("page", WITH_PYTHON, ids=name_of)
async def test_the_examples_of_a_page_run(page: Path, names: dict[str, Any]):
    printed = ""
    different: list[str] = []
    for fence in fences(page):
        if fence.language == "python":
            printed = await said_by(fence, names)
        elif (fence.language, fence.told) == ("text", "output") and fence.code.strip() != printed.strip():
            different.append(f"{fence.name}\n{printed}")

    assert different == []
