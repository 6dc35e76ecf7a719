"""Files stay short enough to read and functions short enough to see."""

from __future__ import annotations

import ast

from .tree import name_of, parsed, project_files, python_files

FILE_LIMIT = 400
FUNCTION_LIMIT = 40
COUNTED = frozenset({".py", ".ts", ".tsx", ".js", ".css", ".sh"})

LONG_FILES: dict[str, str] = {
    "src/quorate/errors.py": "one tree, read as a whole, and nothing in it is longer than a screen",
}
"""File → why it may be longer than the limit."""
LONG_FUNCTIONS: dict[str, str] = {
    "src/quorate/cli/ask.py::ask": "half of it are the options of the command, a line each",
}
"""file::function → why it may be longer than the limit."""


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from `def` to the last statement, without the docstring: to explain more is never too long."""
    length = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function) is None:
        return length
    docstring = function.body[0]
    return length - ((docstring.end_lineno or docstring.lineno) - docstring.lineno + 1)


def long_functions(tree: ast.AST) -> list[tuple[str, int]]:
    """Name and length of every function over the limit."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [(each.name, lines_of(each)) for each in functions if lines_of(each) > FUNCTION_LIMIT]


def test_no_file_is_longer_than_the_limit():
    lengths = {
        name_of(path): len(path.read_bytes().splitlines())
        for path in project_files()
        if path.suffix in COUNTED
    }
    long_files = {name: length for name, length in lengths.items() if length > FILE_LIMIT}

    assert {name: length for name, length in long_files.items() if name not in LONG_FILES} == {}
    assert set(LONG_FILES) <= set(long_files), "an exception that is no longer needed"


def test_no_function_is_longer_than_the_limit():
    found = {
        f"{name_of(path)}::{name}": length
        for path in python_files()
        for name, length in long_functions(parsed(path))
    }

    assert {name: length for name, length in found.items() if name not in LONG_FUNCTIONS} == {}
    assert set(LONG_FUNCTIONS) <= set(found), "an exception that is no longer needed"


def test_a_function_is_measured_without_its_docstring():
    body = "    x = 1\n" * FUNCTION_LIMIT
    fitting = body.removeprefix("    x = 1\n")

    assert long_functions(ast.parse(f"def f():\n{fitting}")) == []
    assert long_functions(ast.parse(f'def f():\n    """One.\n\n    Two.\n    """\n{fitting}')) == []
    assert long_functions(ast.parse(f"async def f():\n{body}")) == [("f", FUNCTION_LIMIT + 1)]
