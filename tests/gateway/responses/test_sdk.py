"""OpenAI's own SDK keeps answers, goes on from them, and waits for those made in the background."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from quorate.cli.simulated import NAMES
from quorate.sim.simulator import Simulator
from tests.gateway.house import KEY
from tests.gateway.wire_level import running

from .kept import NATIVE, OTHER_KEY, keeping

ROOT = Path(__file__).parents[3]
ORACLES = ROOT / (os.environ.get("QUORATE_ORACLES") or ".venv-oracles") / "bin" / "python"
MODELS = (
    NATIVE,
    *(f"{name}/sim-swift" for protocol, name in NAMES.items() if protocol != "openai_responses"),
)


def ran(url: str, home: Path) -> dict[str, dict[str, str]]:
    told = subprocess.run(
        [str(ORACLES), "-m", "tests.gateway.responses.sdk", url, KEY, OTHER_KEY, *MODELS],
        cwd=ROOT,
        env={"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    found: Any = json.loads(told.stdout)
    return found


@pytest.mark.long
@pytest.mark.skipif(
    not ORACLES.exists(), reason=f"the SDKs are not installed ({ORACLES.parent.parent.name}): `make oracles`"
)
async def test_the_sdk_finds_all_it_expects_at_targets_of_every_protocol(
    sim: Simulator, store: Path, tmp_path: Path
):
    async with keeping(sim.url, store) as tenant, running(tenant.gateway) as server:
        told = await asyncio.to_thread(ran, f"http://127.0.0.1:{server.port}", tmp_path)

    faults = {
        (model, check): words for model, checks in told.items() for check, words in checks.items() if words
    }
    assert faults == {}
    assert [len(checks) for checks in told.values()] == [9] * len(MODELS)
