"""Metrics of two processes that share a port: whichever is asked tells of both."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import aiohttp
import pytest

from quorate.sim.simulator import Simulator
from tests.gateway.house import KEY
from tests.gateway.house import written as asked
from tests.sim.asking import question

from .stage import series_of, total

pytestmark = pytest.mark.long  # processes of their own, one of them killed

PLAIN = {"authorization": f"Bearer {KEY}", "connection": "close"}
Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


async def scraped(session: aiohttp.ClientSession, url: str, wanted: Callable[[Series], bool]) -> Series:
    """What `/metrics` tells once it is as wanted; bounded."""
    series: Series = {}
    async with asyncio.timeout(15):
        while not wanted(series):
            await asyncio.sleep(0.05)
            async with session.get(f"{url}/metrics") as reply:
                series = series_of(await reply.text())
    return series


def requests(series: Series) -> float:
    return total(series, "quorate_requests_total", outcome="answered")


class Steady:
    """Is it that number, whoever is asked? True when it was so often enough for both workers to have been asked."""

    def __init__(self, number: int) -> None:
        self._number, self._times = number, 0

    def __call__(self, series: Series) -> bool:
        self._times = self._times + 1 if requests(series) == self._number else 0
        return self._times >= 15


def started(sim: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.gateway.operating.two_workers", sim],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)},
        text=True,
    )


def kill_workers(process: subprocess.Popen[str]) -> None:
    for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
        os.kill(int(child), signal.SIGKILL)


async def test_whichever_worker_is_asked_tells_of_both_and_of_those_that_died(sim: Simulator):
    process = started(sim.url)
    try:
        assert process.stdout is not None
        url = (await asyncio.to_thread(process.stdout.readline)).strip()
        sent = asked("openai_chat", question(model="sim-openai/sim-swift"))
        async with aiohttp.ClientSession(headers=PLAIN) as session:
            for _ in range(40):
                async with session.post(url + sent.path, data=sent.body) as reply:
                    assert reply.status == 200, await reply.text()
            both = await scraped(session, url, Steady(40))
            kill_workers(process)
            again = await scraped(session, url, lambda series: total(series, "quorate_workers") == 2)
        process.send_signal(signal.SIGTERM)
        _, notes = await asyncio.to_thread(process.communicate, timeout=20)
    finally:
        if process.returncode is None:
            process.kill()
            process.communicate(timeout=20)

    assert total(both, "quorate_workers") == 2
    assert total(both, "quorate_request_seconds_count") == 40
    assert requests(again) == 40
    assert process.returncode == 0
    assert notes.count("outcome=answered") == 40
    assert "Traceback" not in notes
