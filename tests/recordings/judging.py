"""Runs the official SDKs over the answers, each in a process of its own, while we replay them ourselves."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Generator, Iterable, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from .exchange import Exchange
from .sorting import Kind
from .verdict import Verdict

ROOT = Path(__file__).parents[2]
PATIENCE = 240
"""Seconds until an SDK that hangs is given up."""


def oracle_python() -> Path | None:
    """The interpreter of the environment that `make oracles` makes; None where it was not made."""
    place = ROOT / (os.environ.get("QUORATE_ORACLES") or ".venv-oracles")
    found = place / "bin" / "python" if place.is_dir() else place
    return found if found.is_file() else None


class Oracles:
    """SDKs at work."""

    def __init__(self, running: Mapping[str, subprocess.Popen[bytes]], folder: Path) -> None:
        self._running, self._folder = running, folder

    def verdicts(self) -> dict[str, Verdict]:
        """What the SDKs say, by the exchange's name; waits for the last of them."""
        found: dict[str, Verdict] = {}
        for protocol, process in self._running.items():
            code = process.wait(PATIENCE)
            assert code == 0, (self._folder / f"{protocol}.err").read_text()[-2000:]
            lines = (self._folder / f"{protocol}.out").read_bytes().splitlines()
            found |= {each.name: each for each in (msgspec.json.decode(line, type=Verdict) for line in lines)}
        return found


@contextmanager
def oracles(
    python: Path, cases: Mapping[str, Iterable[tuple[Exchange, Kind]]], folder: Path
) -> Generator[Oracles]:
    """Start an SDK for each protocol; whatever still runs at the end is stopped."""
    with ExitStack() as stack:
        running: dict[str, subprocess.Popen[bytes]] = {}
        for protocol, answers in cases.items():
            (folder / f"{protocol}.in").write_text("\n".join(_line(*each) for each in answers))
            running[protocol] = _start(python, protocol, folder)
            stack.callback(_stop, running[protocol])
        yield Oracles(running, folder)


def _start(python: Path, protocol: str, folder: Path) -> subprocess.Popen[bytes]:
    """With no environment but what a program needs: no key, no proxy, no setting of whoever runs the tests."""
    command = [python, "-W", "ignore", "-m", "tests.recordings.oracle", protocol]
    with (
        (folder / f"{protocol}.in").open("rb") as asked,
        (folder / f"{protocol}.out").open("wb") as said,
        (folder / f"{protocol}.err").open("wb") as complained,
    ):
        scrubbed = {"PATH": os.defpath, "LANG": "C.UTF-8"}
        return subprocess.Popen(command, cwd=ROOT, env=scrubbed, stdin=asked, stdout=said, stderr=complained)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def _line(exchange: Exchange, kind: Kind) -> str:
    return json.dumps(
        {
            "name": exchange.name,
            "operation": kind.operation,
            "framing": kind.framing,
            "path": exchange.path,
            "status": exchange.status,
            "headers": exchange.headers,
            "body": base64.b64encode(exchange.body).decode(),
        }
    )
