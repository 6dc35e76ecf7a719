"""What is shipped: everything the package needs, and the same bytes each time."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from .tree import PACKAGE, ROOT, project_files

pytestmark = pytest.mark.long


def build(folder: Path) -> Path:
    """Build the wheel into a folder of its own."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    return wheel


def test_the_wheel_holds_every_file_of_the_package(tmp_path: Path):
    ours = [path for path in project_files() if PACKAGE in path.parents]
    expected = {path.relative_to(PACKAGE.parent).as_posix() for path in ours}

    with zipfile.ZipFile(build(tmp_path)) as archive:
        shipped = set(archive.namelist())

    assert expected <= shipped
    assert "quorate/py.typed" in shipped
    assert [name for name in shipped if name.endswith("licenses/LICENSE")]


def test_the_wheel_is_the_same_each_time(tmp_path: Path):
    wheels = [build(tmp_path / name) for name in ("one", "two")]

    one, two = (hashlib.sha256(wheel.read_bytes()).hexdigest() for wheel in wheels)

    assert one == two
