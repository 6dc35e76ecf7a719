"""How the gateway is: parts say by name what of them works less well than it should, and go on answering."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Literal

from quorate.types.value import Value

Status = Literal["ok", "degraded", "draining"]
"""draining: told to stop; what runs may finish, nothing new is to be sent here."""


class Finding(Value):
    """What a part says of itself."""

    problem: str = ""
    """'' where there is none."""
    waiting: int | None = None
    """What waits in its queue; None for a part that has none."""
    lost: int = 0
    """What its queue had to drop since the start."""


Check = Callable[[], Finding]
"""Looks at what is known already: it neither waits nor asks anybody."""

FAILED = Finding(problem="it cannot be looked at")
_log = logging.getLogger("quorate.gateway")


class Health:
    """A register of checks."""

    def __init__(self, is_draining: Callable[[], bool] = lambda: False) -> None:
        self._is_draining = is_draining
        self._checks: dict[str, Check] = {}
        self._needed: set[str] = set()

    def watch(self, name: str, check: Check, *, is_needed: bool = False) -> None:
        """While a needed part has a problem, the gateway is not ready for calls."""
        self._checks[name] = check
        if is_needed:
            self._needed.add(name)

    def findings(self) -> Mapping[str, Finding]:
        return {name: _looked(name, check) for name, check in self._checks.items()}

    @property
    def degraded(self) -> dict[str, str]:
        """The parts with a problem, and which it is."""
        return {name: found.problem for name, found in self.findings().items() if found.problem}

    @property
    def status(self) -> Status:
        if self._is_draining():
            return "draining"
        return "degraded" if self.degraded else "ok"

    @property
    def is_ready(self) -> bool:
        """May calls be sent here?"""
        return not self._is_draining() and self._needed.isdisjoint(self.degraded)


def _looked(name: str, check: Check) -> Finding:
    try:
        return check()
    except Exception:  # noqa: BLE001 whatever is wrong with one part, the others are to be told of
        _log.exception("the check of '%s' failed", name)
        return FAILED
