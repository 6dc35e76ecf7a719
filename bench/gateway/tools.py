"""The mock upstream and the load generator: two small C programs that are compiled from the folder of bench tools."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

SOURCES = Path(os.environ.get("QUORATE_BENCH_TOOLS", "../shared/bench")) / "src"
BUILT = Path("build/bench")
NAMES = {"mock": "mock.c", "load": "lg.c"}


class Missing(Exception):
    """What is not there that measuring needs."""


def tool(name: str) -> Path:
    """The program, compiled if it is not there or older than its source. Raises `Missing`."""
    source, program = SOURCES / NAMES[name], BUILT / name
    if not source.is_file():
        raise Missing(f"'{source}' is not there: QUORATE_BENCH_TOOLS names the folder of the bench tools")
    if program.is_file() and program.stat().st_mtime >= source.stat().st_mtime:
        return program
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise Missing("there is no C compiler")
    BUILT.mkdir(parents=True, exist_ok=True)
    subprocess.run([compiler, "-O2", "-w", "-o", str(program), str(source)], check=True, timeout=120)
    return program
