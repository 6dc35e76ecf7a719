"""A file is found by its name, and no name is a drawer for everything."""

from __future__ import annotations

import ast
import re

from .tree import name_of, package_files, parsed, project_files

DRAWERS = frozenset({"util", "utils", "helper", "helpers", "common", "base", "manager", "misc", "stuff"})
SHORTENED = frozenset({"msg", "req", "resp", "cfg", "ctx", "mgr", "idx", "cnt", "tmp", "obj", "val", "impl"})
FOREIGN = frozenset({"impl", "load_dialect_impl"})
"""Names that a library wants its heirs to have: those of SQLAlchemy's kinds of columns."""


def words(name: str) -> set[str]:
    """The words of a name in any case: `HTTPBase_v2` has http, base and v2."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+\d*|v?\d+", name)}


def objections(name: str) -> set[str]:
    """What is wrong with the name of a file, a folder or a class."""
    return {word for word in words(name) if word in DRAWERS | SHORTENED or re.fullmatch(r"v[2-9]", word)}


def abbreviations(name: str) -> set[str]:
    """What is wrong with any other name: there is a base URL and a common ancestor, but no msg."""
    return set() if name in FOREIGN else words(name) & SHORTENED


def bad_names(tree: ast.AST) -> list[str]:
    """The bad ones among the names that a file's own code gives to classes, functions, arguments and variables."""
    bad: list[str] = []
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(name=name) if objections(name):
                bad.append(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if abbreviations(name):
                bad.append(name)
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) if abbreviations(name):
                bad.append(name)
            case _:
                pass
    return bad


def test_files_and_folders_are_named_for_what_is_in_them():
    parts = {part.split(".")[0] or part: name_of(path) for path in project_files() for part in path.parts}
    bad = {
        file: objections(part) for part, file in parts.items() if file.startswith("src/") and objections(part)
    }

    assert bad == {}


def test_nothing_in_the_package_is_abbreviated_or_called_a_manager():
    found = {name_of(path): bad_names(parsed(path)) for path in package_files()}

    assert {name: bad for name, bad in found.items() if bad} == {}


def test_a_bad_name_is_seen_in_any_case():
    assert objections("http_utils") == {"utils"}
    assert objections("BaseCodec") == {"base"}
    assert objections("HTTPManager") == {"manager"}
    assert objections("codec_v2") == {"v2"}
    assert objections("database") == set()
    assert bad_names(ast.parse("def read(base_url, msg): cfg = msg")) == ["msg", "cfg"]
    assert bad_names(ast.parse("class KeyManager: pass")) == ["KeyManager"]
