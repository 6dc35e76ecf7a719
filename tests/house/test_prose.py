"""What is written beside the code: opening sentences, reasons, the change log, and nothing of one machine."""

from __future__ import annotations

import ast
import re

from .tree import PACKAGE, ROOT, name_of, package_files, parsed, python_files, texts

# Spelt in pieces, so that this file does not hold what it looks for.
REGISTRY_HOSTS = (
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "registry.npmjs" + ".org",
    "registry.yarnpkg" + ".com",
)
MACHINE_PATH = re.compile(r"(?<![\w.:/~<$}-])/(?:work|root|home|Users|tmp|opt|mnt)/[\w.]")
WAIVER = re.compile(r"#\s*(?:(?:type|pyright|ty):\s*ignore|noqa\b)")
REASONED_WAIVER = re.compile(
    r"#\s*(?:(?:type|pyright|ty):\s*ignore\[[\w, -]+\]|noqa:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)\W+\w+"
)
CHANGE_HEADINGS = frozenset({"Added", "Changed", "Fixed", "Removed"})


def opens_with_a_sentence(tree: ast.Module) -> bool:
    """Whether the first paragraph of a file's docstring begins and ends as a sentence does."""
    opening = (ast.get_docstring(tree) or "").partition("\n\n")[0]
    return re.fullmatch(r"[A-Z`].*[.:?]", opening, re.DOTALL) is not None


def test_every_file_opens_with_a_sentence():
    silent = [path for path in python_files() if not opens_with_a_sentence(parsed(path))]

    # An empty file that only makes a folder of tests a package has nothing to tell.
    assert [name_of(path) for path in silent if path in package_files() or path.stat().st_size] == []


def test_a_file_without_a_sentence_is_seen():
    assert opens_with_a_sentence(ast.parse('"""What lives here.\n\n  a table"""'))
    assert not opens_with_a_sentence(ast.parse('"""utilities"""'))
    assert not opens_with_a_sentence(ast.parse("import os"))


def test_no_file_names_a_package_registry():
    found = {(name, host) for name, text in texts() for host in REGISTRY_HOSTS if host in text}

    assert found == set()


def test_no_file_holds_a_path_of_one_machine():
    found = {f"{name}: {hit.group()}" for name, text in texts() for hit in MACHINE_PATH.finditer(text)}

    assert found == set()


def test_a_path_of_one_machine_is_told_from_an_address():
    slash = "/"

    assert MACHINE_PATH.search(f"open('{slash}tmp{slash}x')")
    assert MACHINE_PATH.search(f"cd {slash}root{slash}project")
    assert not MACHINE_PATH.search(f"https://example.com{slash}home{slash}x")
    assert not MACHINE_PATH.search(f"--tmpfs {slash}tmp ")


def test_every_waived_rule_is_named_with_its_reason():
    lines = [
        f"{name_of(path)}:{number}: {line.strip()}"
        for path in package_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if WAIVER.search(line) and not REASONED_WAIVER.search(line)
    ]

    assert lines == []


def test_a_waiver_without_a_reason_is_seen():
    assert REASONED_WAIVER.search("# noqa: BLE001 a caller's function may raise anything")
    assert REASONED_WAIVER.search("# pyright: ignore[reportAny]  # JSON enters here")
    assert not REASONED_WAIVER.search("# noqa: BLE001")
    assert not REASONED_WAIVER.search("# type: ignore  # because")
    assert not REASONED_WAIVER.search("# pyright: ignore[reportAny]")


def test_the_change_log_has_a_place_for_what_comes():
    log = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert re.findall(r"^## (.*)$", log, re.MULTILINE)[0] == "[Unreleased]"
    assert set(re.findall(r"^### (.*)$", log, re.MULTILINE)) <= CHANGE_HEADINGS


def test_every_room_is_told_of_in_the_architecture():
    story = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rooms = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in package_files()} - {
        "__init__",
        "__main__",
    }

    assert {room for room in rooms if not re.search(rf"`{room}(?:/|\.py|`)", story)} == set()


def test_every_make_target_that_the_documents_name_exists():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    documents = [(name, text) for name, text in texts() if name.endswith(".md")]
    named = {target for _, text in documents for target in re.findall(r"`make ([a-z-]+)", text)}

    assert named <= targets
    assert named
