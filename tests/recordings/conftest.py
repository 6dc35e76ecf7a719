"""Prints what came of the recordings at the end of a run."""

from __future__ import annotations

import pytest

LINES = pytest.StashKey[list[str]]()
"""Where the test that judges leaves its table."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if lines := config.stash.get(LINES, []):
        terminalreporter.section("recordings")
        for line in lines:
            terminalreporter.write_line(line)
