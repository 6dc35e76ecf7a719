"""A program under measurement: started on cores of its own, its CPU and memory read from the kernel."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

KEPT = ("PATH", "LANG", "PYTHONPATH")
LONGEST_START = 90.0
"""Seconds a gateway may take until it answers."""

CORES = sorted(os.sched_getaffinity(0))
GATEWAY_CORES, LOAD_CORES = (CORES[:1], CORES[1:] or CORES)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Process:
    """A program in a group of its own, with nobody's keys, proxies or settings in its environment."""

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str] | None = None,
        cores: Sequence[int] = LOAD_CORES,
    ) -> None:
        kept = {name: os.environ[name] for name in KEPT if name in os.environ} | {"HOME": str(folder)}
        self._notes = (folder / "notes.txt").open("wb")
        self._process = subprocess.Popen(
            list(command),
            cwd=folder,
            env=kept | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=self._notes,
            stderr=self._notes,
            start_new_session=True,
            preexec_fn=lambda: os.sched_setaffinity(0, cores),  # noqa: PLW1509  # no thread is running yet
        )
        self.folder = folder

    @property
    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def cpu(self) -> float:
        """Seconds of CPU that it and its children, all their threads, have used."""
        return sum(_seconds(each) for each in _tree(self._process.pid))

    def memory(self) -> float:
        """Resident megabytes, what its processes share counted once."""
        return sum(_megabytes(each) for each in _tree(self._process.pid))

    def rest(self) -> None:
        """Stand still while others are measured."""
        self._tell(signal.SIGSTOP)

    def go_on(self) -> None:
        self._tell(signal.SIGCONT)

    def stop(self) -> None:
        """End it and all that it started."""
        self.go_on()
        self._tell(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        self._tell(signal.SIGKILL)
        self._process.wait(10)
        self._notes.close()

    def notes(self) -> str:
        """The last thing it said."""
        lines = (self.folder / "notes.txt").read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "no word"

    def _tell(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)


def idle() -> float:
    """Seconds that all cores together have had nothing to do."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()
    return (int(fields[4]) + int(fields[5])) / os.sysconf("SC_CLK_TCK")


def until_ready(process: Process, ask: Callable[[], bool]) -> float:
    """Seconds of CPU it took until it answers. Raises `RuntimeError` where it ends or is silent."""
    last = time.monotonic() + LONGEST_START
    while time.monotonic() < last:
        if process.has_ended:
            raise RuntimeError(process.notes())
        if ask():
            return process.cpu()
        time.sleep(0.02)
    raise RuntimeError(f"no answer within {LONGEST_START:g} s: {process.notes()}")


def post(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
    """Status and body; 0 where nothing listens yet."""
    try:
        with urlopen(Request(url, body, dict(headers)), timeout=20) as answer:  # noqa: S310  # loopback
            return answer.status, answer.read()
    except HTTPError as error:
        return error.code, error.read()
    except (URLError, OSError):
        return 0, b""


def _tree(root: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            with contextlib.suppress(OSError):
                parent = int((place / "stat").read_text().rpartition(")")[2].split()[1])
                children.setdefault(parent, []).append(int(place.name))
    found = [root]
    for each in found:
        found += children.get(each, [])
    return found


def _seconds(process: int) -> float:
    """By the scheduler's own count, which is finer than the ticks of `stat`."""
    total = 0
    for thread in Path(f"/proc/{process}/task").glob("*/schedstat"):
        with contextlib.suppress(OSError):
            total += int(thread.read_text().split()[0])
    return total / 1e9


def _megabytes(process: int) -> float:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0
