"""The official SDKs with another base URL: each reaches targets of every protocol."""

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

from .house import KEY
from .served import served, written_settings

ROOT = Path(__file__).parents[2]
ORACLES = ROOT / (os.environ.get("QUORATE_ORACLES") or ".venv-oracles") / "bin" / "python"

pytestmark = pytest.mark.skipif(
    not ORACLES.exists(), reason=f"the SDKs are not installed ({ORACLES.parent.parent.name}): `make oracles`"
)

GAPS: dict[tuple[str, str, str], str] = {
    (sdk, "sim-anthropic", "embeddings"): "no embeddings" for sdk in ("openai", "google-genai", "ollama")
}
"""SDK, target and check that cannot be → words in which it is said."""


def ran(url: str, home: Path) -> dict[str, Any]:
    told = subprocess.run(
        [str(ORACLES), "-m", "tests.gateway.sdk", url, KEY, *NAMES.values()],
        cwd=ROOT,
        env={"HOME": str(home), "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


async def test_every_sdk_reaches_every_target(tmp_path: Path):
    async with Simulator(seed=7, speed=0) as sim:
        with served(tmp_path, "--config", str(written_settings(tmp_path, sim.url))) as server:
            told = await asyncio.to_thread(ran, server.url, tmp_path)

    outcomes = {
        (sdk, target, check): outcome
        for sdk, targets in told.items()
        for target, checks in targets.items()
        for check, outcome in checks.items()
    }
    faults = {key: outcome for key, outcome in outcomes.items() if outcome and key not in GAPS}
    unsaid = {key: outcomes[key] for key, words in GAPS.items() if words not in outcomes[key]}

    assert faults == {}
    assert unsaid == {}
    assert len(outcomes) == len(NAMES) * (7 + 6 + 7 + 8)
