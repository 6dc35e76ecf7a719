"""Runs the command as a shell does: in this process where that is quick, else in one of its own."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from quorate.cli.main import run
from quorate.sim import Simulator

PROVIDERS = {"sim": "openai_chat", "claude": "anthropic", "gem": "gemini", "llama": "ollama"}


class Done(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


class Shell:
    """A folder, an environment and the command in it."""

    def __init__(
        self,
        folder: Path,
        simulator: Simulator,
        patch: pytest.MonkeyPatch,
        capture: pytest.CaptureFixture[str],
    ) -> None:
        self.folder, self.simulator = folder, simulator
        self._patch, self._capture = patch, capture

    def set_up(self, more: str = "", *, port: str = "") -> None:
        """Write the settings: the simulator under four names, each by its own protocol."""
        rows = [
            f'[providers.{name}]\nwire = "{wire}"\nbase_url = "{port or self.simulator.base_url(wire)}"\n'
            for name, wire in PROVIDERS.items()
        ]
        prices = '[[prices]]\nprovider = "*"\nmodel = "sim-*"\ninput = 1\noutput = 2\n'
        default = 'default_model = "sim/sim-swift"\nfrom_environment = false\n'
        (self.folder / "quorate.toml").write_text("\n".join([default, *rows, prices, more]))

    def __call__(self, *words: str, stdin: str | None = "") -> Done:
        """In this process, with what is piped in."""
        self._patch.setattr(sys, "stdin", None if stdin is None else io.StringIO(stdin))
        self._capture.readouterr()
        code = run(words)
        captured = self._capture.readouterr()
        return Done(code, captured.out, captured.err)

    def start(self, *words: str, **options: Any) -> subprocess.Popen[Any]:
        """In a process of its own, with an environment of its own."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "XDG_DATA_HOME": str(self.folder / "data"),
            "OLLAMA_HOST": "127.0.0.1:9",
        } | options.pop("env", {})
        given: dict[str, Any] = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
        } | options
        return subprocess.Popen(
            [sys.executable, "-m", "quorate", *words], cwd=self.folder, env=environment, **given
        )
