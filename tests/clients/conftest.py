"""A served gateway before a simulator, for all the SDKs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from quorate.sim import Simulator, simulated
from tests.gateway.house import KEY
from tests.gateway.served import served

from .targets import written_settings


@dataclass(frozen=True)
class House:
    """Where things are."""

    gateway: str
    simulator: str
    home: Path


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    home = tmp_path_factory.mktemp("clients")
    with simulated(Simulator(seed=7, speed=0)) as sim:
        settings = written_settings(home, sim.url, KEY)
        with served(home, "--config", str(settings)) as server:
            yield House(gateway=server.url, simulator=sim.url, home=home)
