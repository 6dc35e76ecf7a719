"""`quorate serve` as a process of its own, with a scrubbed environment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from quorate.cli.simulated import NAMES
from quorate.sim.simulator import BASE_PATHS

from .house import KEY

_LONGEST = 20.0
_MOST_LINES = 100


class Served:
    """A running server. `url` is what it printed first."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process, self.url = process, url

    def notes_until(self, mark: str) -> str:
        """What it notes, up to the line with the mark."""
        assert self.process.stderr is not None
        lines: list[str] = []
        while not any(mark in line for line in lines) and len(lines) < _MOST_LINES:
            lines.append(self.process.stderr.readline())
        return "".join(lines)

    def stop(self) -> tuple[int, str]:
        """Tell it to stop; its exit code and what it noted."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> tuple[int, str]:
        _, notes = self.process.communicate(timeout=_LONGEST)
        return self.process.returncode, notes


@contextmanager
def served(
    home: Path, *arguments: str, environment: Mapping[str, str] = MappingProxyType({})
) -> Generator[Served]:
    """Serve until the block ends."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "quorate",
            "serve",
            *(arguments if "--port" in arguments else (*arguments, "--port", "0")),
        ],
        cwd=home,
        env={"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield Served(process, process.stdout.readline().strip())
    finally:
        if process.returncode is None:
            process.kill()
            process.communicate(timeout=_LONGEST)


def written_settings(folder: Path, sim_url: str, more: str = "") -> Path:
    """A settings file with the simulator's four providers and the tests' key."""
    tables = [f'from_environment = false\nfallback = {{max_retries = 1}}\n{more}\n[server]\nkeys = ["{KEY}"]']
    tables += [
        f'[providers.{name}]\nwire = "{protocol}"\nbase_url = "{sim_url}{BASE_PATHS.get(protocol, "")}"\n'
        'quirks = {schema = "native"}'
        for protocol, name in NAMES.items()
    ]
    path = folder / "quorate.toml"
    path.write_text("\n\n".join(tables))
    return path
