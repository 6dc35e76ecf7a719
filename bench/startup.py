"""What it costs to begin: CPU and memory of fresh processes, bytecode compiled."""

from __future__ import annotations

import compileall
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec

ROUNDS = 9

_TELL = """
import json, resource, sys
used = resource.getrusage(resource.RUSAGE_SELF)
status = open("/proc/self/status").read()
rss = int(status.split("VmRSS:")[1].split()[0])
import os
sockets = [fd for fd in os.listdir("/proc/self/fd") if "socket" in (os.path.realpath("/proc/self/fd/" + fd))]
heavy = [name for name in ("aiohttp", "httpx", "openai", "anthropic", "pydantic", "genai_prices", "rich", "cyclopts")
         if name in sys.modules]
print(json.dumps({"cpu": used.ru_utime + used.ru_stime, "rss": rss / 1024, "sockets": len(sockets), "heavy": heavy}))
"""

_CLIENT = "from quorate import Quorate; q = Quorate()\n"
_CALL = """
import asyncio
from quorate import Quorate
async def main():
    async with Quorate() as q:
        reply = await q.chat("Name three rivers", model="openai/gpt-4o-mini")
        assert reply.cost
asyncio.run(main())
"""


def startup(url: str, folder: Path) -> list[tuple[str, str, str]]:
    """Rows: what, measured, bound."""
    import quorate

    compileall.compile_dir(str(Path(quorate.__file__).parent), quiet=2)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "OPENAI_API_KEY": "sk-bench",
        "OPENAI_BASE_URL": url,
    }
    empty = _runs([sys.executable, "-c", _TELL], environment, folder)
    client = _runs([sys.executable, "-c", _CLIENT + _TELL], environment, folder)
    call = _runs([sys.executable, "-c", _CALL + _TELL], environment, folder)
    help_cpu = _cpu_of([str(Path(sys.executable).with_name("quorate")), "--help"], environment, folder)
    heavy = ", ".join(client[0]["heavy"]) or "none"
    return [
        ("Python alone", f"{_ms(empty)} · {_mb(empty)}", ""),
        ("from quorate import Quorate; Quorate()", f"{_ms(client)} · {_mb(client)}", "≤ 120 ms · ≤ 35 MB"),
        ("  sockets open · heavy modules loaded", f"{client[0]['sockets']} · {heavy}", "0 · none"),
        ("to the end of the first call", f"{_ms(call)} · {_mb(call)}", "≤ 350 ms"),
        (
            "quorate --help",
            f"{statistics.median(help_cpu) * 1000:.0f} ms [{min(help_cpu) * 1000:.0f}–{max(help_cpu) * 1000:.0f}]",
            "≤ 150 ms",
        ),
    ]


def _runs(command: list[str], environment: dict[str, str], folder: Path) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    for _ in range(ROUNDS):
        done = subprocess.run(
            command, env=environment, cwd=folder, capture_output=True, check=True, timeout=60
        )
        told.append(msgspec.json.decode(done.stdout.splitlines()[-1]))
    return told


def _cpu_of(command: list[str], environment: dict[str, str], folder: Path) -> list[float]:
    used: list[float] = []
    for _ in range(ROUNDS):
        before = os.times()
        subprocess.run(command, env=environment, cwd=folder, capture_output=True, check=True, timeout=60)
        after = os.times()
        used.append(
            after.children_user + after.children_system - before.children_user - before.children_system
        )
    return used


def _ms(runs: list[dict[str, Any]]) -> str:
    values = [run["cpu"] * 1000 for run in runs]
    return f"{statistics.median(values):.0f} ms [{min(values):.0f}–{max(values):.0f}]"


def _mb(runs: list[dict[str, Any]]) -> str:
    return f"{statistics.median(run['rss'] for run in runs):.0f} MB"
