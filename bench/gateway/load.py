"""Calls of one kind, sent by the load generator to one address, and what they cost whoever answers."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .processes import LOAD_CORES, Process
from .tools import tool

SYSTEM = "You answer briefly and to the point. " * 8
QUESTION = "Name three rivers of Europe, and say where each of them begins and ends. " * 7
PATH = "/v1/chat/completions"


def body_of(model: str, *, stream: bool) -> bytes:
    """About 1 KB."""
    messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": QUESTION}]
    asked = {"model": model, "messages": messages, "temperature": 0.7, "max_tokens": 256, "stream": stream}
    return json.dumps(asked, separators=(",", ":")).encode()


@dataclass(frozen=True)
class Ran:
    """What one run of the load generator saw, and the CPU seconds of the gateway meanwhile."""

    told: dict[str, Any]
    cpu: float
    seconds: float = 0.0
    """How long the program ran."""

    @property
    def per_call(self) -> float:
        """CPU µs."""
        return self.cpu * 1e6 / max(1, self.told["ok"])

    @property
    def per_piece(self) -> float:
        """CPU µs."""
        return self.cpu * 1e6 / max(1, self.told["data_lines"])


def run(
    port: int,
    body: Path,
    *,
    at_once: int,
    calls: int,
    of: Process | None = None,
    rate: float = 0,
    headers: Sequence[str] = (),
    patience: int = 120,
) -> Ran:
    """Closed loop, or open at `rate` a second, latency then counted from when a call was due.

    Raises `RuntimeError` where calls failed: a refusal is cheap, and no measure of work.
    """
    command = ["taskset", "-c", ",".join(map(str, LOAD_CORES)), str(tool("load").absolute())]
    command += ["-p", str(port), "-P", PATH, "-c", str(at_once), "-n", str(calls), "-b", str(body)]
    command += ["-T", str(patience)] + (["-r", str(rate)] if rate else [])
    for header in headers:
        command += ["-H", header]
    before, began = of.cpu() if of else 0.0, time.monotonic()
    done = subprocess.run(command, capture_output=True, check=True, timeout=patience + 30)
    took = time.monotonic() - began
    told = json.loads(done.stdout)
    if told["errors"] or told["unfinished"]:
        raise RuntimeError(f"{told['errors']} calls failed, {told['unfinished']} were not answered")
    return Ran(told, (of.cpu() if of else 0.0) - before, took)
