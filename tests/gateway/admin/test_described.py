"""The admin API held to its own description, by a program that reads nothing else."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.gateway.wire_level import running

from .conftest import Office

PHASES = "examples,coverage,fuzzing,stateful"
RULES = """
[checks.positive_data_acceptance]
# 400: what no schema can say, such as a time that must lie ahead
expected-statuses = ["2xx", "3xx", "400", "401", "403", "404", "409"]
"""
_EXAMPLES = 60
_LONGEST = 100.0


def schemathesis(folder: Path, url: str, key: str) -> subprocess.CompletedProcess[str]:
    """Run it with an admin's key, every check and every phase."""
    return subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{url}/api/v1/openapi.json"),
            *("--header", f"Authorization: Bearer {key}"),
            *("--phases", PHASES, "--checks", "all"),
            *("--max-examples", str(_EXAMPLES), "--seed", "1"),
            *(
                "--generation-database",
                "none",
                "--no-color",
                "--request-timeout",
                "10",
                "--continue-on-failure",
            ),
        ],
        cwd=folder,
        env={"HOME": str(folder), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=_LONGEST,
        check=False,
    )


@pytest.mark.long
async def test_the_admin_api_is_what_it_says(office: Office, tmp_path: Path):
    (tmp_path / "schemathesis.toml").write_text(RULES)
    async with running(office.gateway) as server:
        url = f"http://127.0.0.1:{server.port}"
        came = await asyncio.to_thread(schemathesis, tmp_path, url, office.key)

    assert came.returncode == 0, came.stdout + came.stderr
