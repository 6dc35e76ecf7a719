"""What is counted of the moment: calls that run, queues, what is degraded, and the process itself."""

from __future__ import annotations

import os
import time
from importlib.metadata import version
from pathlib import Path

from quorate.gateway.traffic import Traffic

from .counted import Counted
from .health import Health
from .metrics import Labels

_MEMORY = Path("/proc/self/statm")


class Gauges:
    """Of one worker."""

    def __init__(self, health: Health, traffic: Traffic) -> None:
        self._health, self._traffic = health, traffic
        self._version = version("quorate")

    def counted(self) -> Counted:
        findings = self._health.findings()
        queues = {name: found for name, found in findings.items() if found.waiting is not None}
        numbers: dict[str, dict[Labels, float]] = {
            "quorate_requests_in_flight": {(): self._traffic.running},
            "quorate_degraded": {(name,): bool(found.problem) for name, found in findings.items()},
            "quorate_queue_waiting": {(name,): found.waiting or 0 for name, found in queues.items()},
            "quorate_queue_lost_total": {(name,): found.lost for name, found in queues.items()},
            "quorate_workers": {(self._version,): 1},
            "process_cpu_seconds_total": {(): time.process_time()},
        }
        if memory := _resident():
            numbers["process_resident_memory_bytes"] = {(): memory}
        return Counted(numbers=numbers)


def _resident() -> int:
    """Bytes; 0 where the system does not tell."""
    try:
        return int(_MEMORY.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
