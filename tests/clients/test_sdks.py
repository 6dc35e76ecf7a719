"""The vendors' own SDKs with another base URL: each reaches targets of every protocol, as the table says."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.gateway.house import KEY

from .conftest import House
from .matrix import CLIENTS, FEATURES, GAPS, Cell, Client, cells, gaps
from .targets import TARGETS

ROOT = Path(__file__).parents[2]
ORACLES = ROOT / (os.environ.get("QUORATE_ORACLES") or ".venv-oracles") / "bin" / "python"
EXTRA = ROOT / (os.environ.get("QUORATE_CLIENTS") or ".venv-clients") / "bin" / "python"


def asked(client: Client, python: Path, house: House) -> dict[Cell, str]:
    """What was wrong with each cell; '' where nothing was."""
    if not python.exists():
        pytest.skip(f"the SDKs are not installed ({python.parent.parent.name})")
    ended = subprocess.run(
        [
            str(python),
            "-m",
            "tests.clients.sdk",
            client.name,
            house.gateway,
            KEY,
            house.simulator,
            *TARGETS,
        ],
        cwd=ROOT,
        env={"HOME": str(house.home), "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return {(target, feature): wrong for target, feature, wrong in map(json.loads, ended.stdout.splitlines())}


def verdict(client: Client, outcomes: dict[Cell, str]) -> dict[Cell, str]:
    """What is not as the table says."""
    known = gaps(client)
    faults = {cell: wrong for cell, wrong in outcomes.items() if wrong and cell not in known}
    closed = {cell: "works" for cell in known if not outcomes.get(cell)}
    unsaid = {
        cell: outcomes[cell] for cell, gap in known.items() if gap.words not in outcomes.get(cell, gap.words)
    }
    return faults | closed | unsaid


@pytest.mark.long
@pytest.mark.parametrize("name", [name for name, client in CLIENTS.items() if not client.is_extra])
def test_an_official_sdk_reaches_every_target(name: str, house: House):
    outcomes = asked(CLIENTS[name], ORACLES, house)

    assert verdict(CLIENTS[name], outcomes) == {}
    assert set(outcomes) == cells(CLIENTS[name])


@pytest.mark.clients
@pytest.mark.parametrize("name", [name for name, client in CLIENTS.items() if client.is_extra])
def test_another_sdk_reaches_every_target(name: str, house: House):
    outcomes = asked(CLIENTS[name], EXTRA, house)

    assert verdict(CLIENTS[name], outcomes) == {}
    assert set(outcomes) == cells(CLIENTS[name])


def test_a_gap_names_what_is_there():
    for gap in GAPS:
        assert set(gap.clients) <= set(CLIENTS)
        assert set(gap.features) <= set(FEATURES)
        assert set(gap.targets) <= set(TARGETS)


def test_a_gap_that_has_closed_is_seen():
    mistral = CLIENTS["mistral"]
    outcomes = dict.fromkeys(cells(mistral), "")

    assert set(verdict(mistral, outcomes)) == set(gaps(mistral))
