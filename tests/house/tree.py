"""The project's own files, as the house tests look at them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "quorate"


def name_of(path: Path) -> str:
    """A file as messages and tables of exceptions name it: from the root, with slashes."""
    return path.relative_to(ROOT).as_posix()


@cache
def project_files() -> tuple[Path, ...]:
    """Every file that is committed or would be; all but hidden folders where this is not a git checkout."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listing = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=30).stdout
    except (OSError, subprocess.CalledProcessError):
        paths = [path for path in ROOT.rglob("*") if not _is_hidden(path)]
    else:
        paths = [ROOT / name for name in listing.decode().split("\0") if name]
    return tuple(sorted(path for path in paths if path.is_file()))


def _is_hidden(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    return any(part.startswith(".") or part in ("node_modules", "__pycache__") for part in parts[:-1])


def python_files() -> list[Path]:
    """Every Python file of the project."""
    return [path for path in project_files() if path.suffix == ".py"]


def package_files() -> list[Path]:
    """Every Python file of the package itself."""
    return [path for path in python_files() if PACKAGE in path.parents]


def texts() -> Iterator[tuple[str, str]]:
    """Name and text of every project file that is text."""
    for path in project_files():
        content = path.read_bytes()
        if b"\0" not in content:
            yield name_of(path), content.decode(errors="replace")


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(path.read_text(encoding="utf-8"), name_of(path))
