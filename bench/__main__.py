"""`make bench`: measures and prints. Nothing is asserted: a busy machine is no fault of the code."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .caller import LIBRARIES
from .startup import startup

ROUNDS = 3
CALLS = {
    "quorate": (2000, 6400, 400),
    "quorate_aiohttp": (2000, 6400, 400),
    "bare_aiohttp": (3000, 12800, 800),
    "openai": (600, 1280, 80),
    "litellm": (300, 640, 40),
    "tensorzero": (1000, 3200, 160),
}
"""Library → how many calls of each mode: about a second's work each."""

MODES = {
    "whole, 1 at a time": ("whole", 1),
    "whole, 64 at a time": ("whole", 64),
    "streamed event, 8 streams": ("stream", 8),
}
BOUNDS = {"whole, 64 at a time": "at most 150, aim 80", "streamed event, 8 streams": "at most 12, aim 6"}


@contextmanager
def upstream() -> Iterator[str]:
    """The local server in a process of its own; its base URL."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.upstream"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_bare()
    )
    assert process.stdout
    assert process.stdin
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
    finally:
        process.stdin.close()
        process.wait(timeout=10)


def _bare(**more: str) -> dict[str, str]:
    """An environment without anybody's keys, proxies or settings."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return kept | {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "TZ_KEY": "sk-bench"} | more


def _call(
    library: str, mode: str, concurrency: int, calls: int, url: str, folder: Path
) -> dict[str, Any] | None:
    """One run in a fresh process; None where the library does not run here."""
    command = [sys.executable, "-m", "bench.caller", library, mode, str(concurrency), str(calls), url]
    environment = _bare(HOME=str(folder), BENCH_FOLDER=str(folder), PYTHONPATH=os.getcwd())  # noqa: PTH109
    done = subprocess.run(command, env=environment, capture_output=True, timeout=300, check=False)
    if done.returncode:
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        print(f"  {library} does not run: {lines[-1] if lines else 'no word'}", file=sys.stderr)
        return None
    return json.loads(done.stdout.splitlines()[-1])


def _tensorzero_settings(folder: Path, url: str) -> None:
    provider = f'type = "openai"\nmodel_name = "gpt-4o-mini"\napi_base = "{url}/"\napi_key_location = "env::TZ_KEY"\n'
    text = f'[models.bench]\nrouting = ["bench"]\n[models.bench.providers.bench]\n{provider}'
    (folder / "tensorzero.toml").write_text(text)


def calls(url: str, folder: Path) -> None:
    """Interleaved rounds: each library in turn, so that a busy minute hits all alike."""
    for place, (title, (mode, concurrency)) in enumerate(MODES.items()):
        found: dict[str, list[dict[str, Any]]] = {library: [] for library in LIBRARIES}
        for _ in range(ROUNDS):
            for library, counts in CALLS.items():
                if result := _call(library, mode, concurrency, counts[place], url, folder):
                    found[library].append(result)
        key = "us_per_event" if mode == "stream" else "us_per_call"
        ours = statistics.median(run[key] for run in found["quorate"])
        print(f"\nCPU µs per {title}" + (f" (ours: {BOUNDS[title]})" if title in BOUNDS else ""))
        for library, runs in found.items():
            if runs:
                values = [run[key] for run in runs]
                middle = statistics.median(values)
                name = f"{library} {runs[0]['version']}"
                print(
                    f"  {name:<24}{middle:9.1f}  [{min(values):.1f}–{max(values):.1f}]  {middle / ours:6.2f} × ours"
                )


def main() -> None:
    """Print where and when, then every table."""
    print(
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, Python {platform.python_version()}, {os.cpu_count()} cores"
    )
    with tempfile.TemporaryDirectory() as name, upstream() as url:
        folder = Path(name)
        _tensorzero_settings(folder, url)
        print("\nStart-up, CPU of a fresh process: median [least–most] of 9")
        for what, measured, bound in startup(url, folder):
            print(f"  {what:<42}{measured:<34}{bound}")
        calls(url, folder)


if __name__ == "__main__":
    main()
