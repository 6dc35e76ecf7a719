"""Programs that people use, run by the lines of the documents: two turns and a tool, over another protocol."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import ROOT

from .programs import PROGRAMS, path_to
from .targets import TARGETS

pytestmark = pytest.mark.clients
APART = ("unshare", "--user", "--map-root-user", "--net")


def apart() -> tuple[str, ...]:
    """In a network of its own, where this machine permits that; else proxies that lead nowhere must do."""
    tried = subprocess.run([*APART, "true"], capture_output=True, check=False)
    return APART if tried.returncode == 0 else ()


def played(name: str, target: str, home: Path) -> dict[str, Any]:
    if not (path_to(PROGRAMS[name]) / name).exists():
        pytest.skip(f"{name} is not installed: `make test-clients`")
    ended = subprocess.run(
        [*apart(), sys.executable, "-m", "tests.clients.stage", name, target, str(home)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


TRIED = [(name, target) for name, program in PROGRAMS.items() for target in program.targets]


@pytest.mark.parametrize(("name", "target"), TRIED)
def test_a_program_holds_a_conversation_with_a_tool(name: str, target: str, tmp_path: Path):
    found = played(name, target, tmp_path)

    assert found["status"] == 0, found["said"]
    assert found["written"].get("note.txt", "").strip() == "nightingale", found["said"]
    assert "It was nightingale, in note.txt." in found["said"]
    assert set(found["stats"]["by_protocol"]) == {TARGETS[target]}
    assert set(found["stats"]["by_status"]) == {"200"}
    assert found["stats"]["requests"] >= PROGRAMS[name].rounds
