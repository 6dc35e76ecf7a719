"""One tenant of a gateway that keeps answers, for a test each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from quorate.sim.simulator import Simulator
from quorate.store.database import open_database

from .kept import Tenant, keeping


@pytest.fixture(scope="session")
async def ready(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A database with all tables."""
    path = tmp_path_factory.mktemp("ready") / "ready.db"
    await (await open_database(f"sqlite:///{path}")).close()
    return path.read_bytes()


@pytest.fixture
def store(ready: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "quorate.db"
    path.write_bytes(ready)
    return path


@pytest.fixture
async def tenant(sim: Simulator, store: Path) -> AsyncIterator[Tenant]:
    async with keeping(sim.url, store) as made:
        yield made
