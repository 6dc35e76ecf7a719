"""Several processes behind one port: they share the work, are started again when they die, and end together."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest

from tests.sim.asking import question

from .house import KEY, seen, simulator, written
from .served import Served, served, written_settings
from .wire_level import told

pytestmark = pytest.mark.long  # processes of their own, most of them told to end or killed

LAST = b"GET /v1/models HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def workers_of(server: Served) -> set[int]:
    process = server.process.pid
    told = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return set(map(int, told))


def is_alive(process: int) -> bool:
    """A process that has ended stays listed until somebody asks how."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except FileNotFoundError:
        return False


async def test_workers_share_the_port_and_one_that_dies_is_started_again(tmp_path: Path):
    headers = {"authorization": f"Bearer {KEY}", "connection": "close"}
    async with simulator() as sim, aiohttp.ClientSession(headers=headers) as session:
        config = written_settings(tmp_path, sim.url)
        with served(tmp_path, "--config", str(config), "--workers", "2") as server:
            asked = written("openai_chat", question(model="sim-openai/sim-swift"))
            await seen(lambda: len(workers_of(server)) == 2)
            first = workers_of(server)
            for _ in range(20):
                async with session.post(server.url + asked.path, data=asked.body) as reply:
                    assert reply.status == 200
            os.kill(min(first), signal.SIGKILL)
            await seen(lambda: len(workers_of(server) - {min(first)}) == 2)
            for _ in range(20):
                async with session.post(server.url + asked.path, data=asked.body) as reply:
                    assert reply.status == 200
            last = workers_of(server)
            code, notes = await asyncio.to_thread(server.stop)

    assert code == 0
    assert "worker" in notes
    assert "ended by signal 9" in notes
    assert notes.count("curl") == 1
    assert not any(map(is_alive, first | last))


async def test_told_to_stop_they_finish_what_runs(tmp_path: Path):
    headers = {"authorization": f"Bearer {KEY}"}
    async with simulator() as sim, aiohttp.ClientSession(headers=headers) as session:
        config = written_settings(tmp_path, sim.url)
        with served(tmp_path, "--config", str(config), "--workers", "2") as server:
            asked = written(
                "openai_chat", question(model="sim-openai/sim-swift+stall-midway:1.5"), stream=True
            )
            async with session.post(server.url + asked.path, data=asked.body) as reply:
                await reply.content.readany()
                stopping = asyncio.create_task(asyncio.to_thread(server.stop))
                await asyncio.sleep(0.5)
                with pytest.raises(aiohttp.ClientConnectionError):
                    await session.get(server.url + "/v1/models")
                rest = await reply.read()
            code, notes = await stopping

    assert rest.endswith(b"data: [DONE]\n\n")
    assert (code, "Traceback" in notes) == (0, False)


async def test_a_killed_parent_leaves_no_workers_behind(tmp_path: Path):
    with served(tmp_path, "--workers", "2", "--grace", "1") as server:
        await seen(lambda: len(workers_of(server)) == 2)
        workers = workers_of(server)
        for _ in range(10):
            assert b"401" in await told(int(server.url.rpartition(":")[2]), LAST)
        server.process.kill()
        await seen(lambda: not any(map(is_alive, workers)))
        server.wait()

    with pytest.raises(ConnectionError):
        await asyncio.open_connection("127.0.0.1", int(server.url.rpartition(":")[2]))


async def test_two_interrupts_end_them_at_once(tmp_path: Path):
    async with simulator() as sim, aiohttp.ClientSession(headers={"x-api-key": KEY}) as session:
        config = written_settings(tmp_path, sim.url)
        with served(tmp_path, "--config", str(config), "--workers", "2", "--grace", "60") as server:
            asked = written(
                "openai_chat", question(model="sim-openai/sim-swift+stall-midway:60"), stream=True
            )
            async with session.post(server.url + asked.path, data=asked.body) as reply:
                await reply.content.readany()
                workers = workers_of(server)
                server.process.send_signal(signal.SIGINT)
                await asyncio.sleep(0.3)
                server.process.send_signal(signal.SIGINT)
                code, _ = await asyncio.to_thread(server.wait)

    assert code == 130
    assert not any(map(is_alive, workers))


async def test_simulated_providers_answer_from_every_worker(tmp_path: Path):
    with served(tmp_path, "--workers", "3") as server:
        assert server.process.stderr is not None
        notes = ""
        while '"messages"' not in notes:
            notes += server.process.stderr.readline()
        key = re.findall(r"qk-[\w-]{40,}", notes)[0]
        asked = written("openai_chat", question(model="sim-openai/sim-swift"))
        async with aiohttp.ClientSession(headers={"x-api-key": key, "connection": "close"}) as session:
            calls = [session.post(server.url + asked.path, data=asked.body) for _ in range(12)]
            replies = await asyncio.gather(*calls)
            assert {reply.status for reply in replies} == {200}
        code, rest = await asyncio.to_thread(server.stop)

    assert (code, "qk-" in rest) == (0, False)


SCRIPT = """
import sys
from quorate.errors import OperatorError
from quorate.gateway.stopping import stoppable
from quorate.gateway.workers import supervise

def work(number, stop):
    {work}

with stoppable() as stop:
    sys.exit(supervise(work, 2, stop, grace=0.1, leave=lambda: None))
"""


def supervised(work: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT.format(work=work)],
        env={"PATH": os.environ["PATH"]},
        stderr=subprocess.PIPE,
        text=True,
    )


def test_workers_that_need_the_operator_are_not_started_for_ever():
    process = supervised("raise OperatorError('the disk is full')")
    _, notes = process.communicate(timeout=20)

    assert process.returncode == 2
    assert "quorate: the disk is full" in notes
    assert "Traceback" not in notes


def test_workers_that_die_at_once_are_started_more_and_more_slowly():
    process = supervised("return 1 / 0")
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            process.communicate(timeout=2.5)
    finally:
        process.terminate()
        _, notes = process.communicate(timeout=20)

    assert process.returncode == 0
    assert 4 <= notes.count("ended with code 1") <= 12
    assert "ZeroDivisionError" in notes


def test_a_worker_that_will_not_end_is_killed():
    process = supervised("import time; print('begun', file=sys.stderr, flush=True); time.sleep(1000)")
    try:
        assert process.stderr is not None
        assert "begun" in process.stderr.readline() + process.stderr.readline()
        process.terminate()
        process.communicate(timeout=15)
    finally:
        process.kill()

    assert process.returncode == 0
