"""A shell with four simulated providers behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from quorate.sim import Simulator, simulated

from .shell import Shell


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    with simulated(Simulator(seed=1, speed=0)) as running:
        yield running


@pytest.fixture
def shell(
    simulator: Simulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Shell:
    """Commands run in this process, in a folder whose `quorate.toml` knows the simulator alone."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:9")  # nobody listens there
    simulator.clear()
    shell = Shell(tmp_path, simulator, monkeypatch, capsys)
    shell.set_up()
    return shell
