"""`quorate serve` over real connections: bytes, hang-ups, the way it starts and the way it stops."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from quorate.gateway import outlet
from quorate.sim.simulator import Simulator
from quorate.types.value import replace
from tests.sim.asking import question

from .house import KEY, PROTOCOLS, call, gateway_for, seen, settings_for, simulator, written
from .served import Served, served, written_settings

pytestmark = pytest.mark.long  # servers in processes of their own, some of them told to end

BEARER = {"authorization": f"Bearer {KEY}"}
NAMES = {
    "openai_chat": "sim-openai",
    "anthropic": "sim-anthropic",
    "gemini": "sim-gemini",
    "ollama": "sim-ollama",
}


async def stopped(server: Served) -> tuple[int, str]:
    return await asyncio.to_thread(server.stop)


async def test_a_server_relays_byte_for_byte_and_stops_in_order(tmp_path: Path):
    async with simulator() as sim, aiohttp.ClientSession(headers=BEARER) as session:
        config = written_settings(tmp_path, sim.url)
        with served(tmp_path, "--config", str(config)) as server:
            for protocol in PROTOCOLS:
                for stream in (False, True):
                    direct = written(protocol, question(), stream=stream)
                    asked = written(protocol, question(model=f"{NAMES[protocol]}/sim-swift"), stream=stream)
                    query = f"?{asked.query}" if asked.query else ""
                    async with session.post(sim.url + direct.path + query, data=direct.body) as reply:
                        expected = await reply.read()
                    async with session.post(server.url + asked.path + query, data=asked.body) as reply:
                        assert await reply.read() == expected
            code, notes = await stopped(server)

    assert code == 0
    assert "Traceback" not in notes
    assert KEY not in notes


async def test_a_hang_up_is_seen_by_the_upstream(tmp_path: Path):
    async with simulator() as sim, aiohttp.ClientSession(headers=BEARER) as session:
        with served(tmp_path, "--config", str(written_settings(tmp_path, sim.url))) as server:
            for model in ("sim-openai/sim-swift+stall-midway:60", "sim-gemini/sim-swift+stall-midway:60"):
                asked = written("openai_chat", question(model=model), stream=True)
                cancelled = sim.stats.cancelled
                async with session.post(server.url + asked.path, data=asked.body) as reply:
                    await reply.content.readany()
                    reply.close()
                await seen(lambda before=cancelled: sim.stats.cancelled > before)
            quiet = written("openai_chat", question(model="sim-openai/sim-swift+slow-head:60"))
            with pytest.raises(TimeoutError):
                await session.post(
                    server.url + quiet.path, data=quiet.body, timeout=aiohttp.ClientTimeout(total=0.5)
                )
            await seen(lambda: sim.stats.cancelled == 3)
            code, notes = await stopped(server)

    assert code == 0
    assert "Traceback" not in notes


async def test_told_to_stop_it_finishes_what_runs_and_takes_nothing_new(tmp_path: Path):
    async with simulator() as sim, aiohttp.ClientSession(headers=BEARER) as session:
        with served(tmp_path, "--config", str(written_settings(tmp_path, sim.url))) as server:
            asked = written(
                "openai_chat", question(model="sim-openai/sim-swift+stall-midway:1.5"), stream=True
            )
            async with session.post(server.url + asked.path, data=asked.body) as reply:
                first = await reply.content.readany()
                stopping = asyncio.create_task(stopped(server))
                await asyncio.sleep(0.5)
                with pytest.raises(aiohttp.ClientConnectionError):
                    await session.get(server.url + "/v1/models")
                rest = await reply.read()
            code, notes = await stopping

    assert first
    assert rest.endswith(b"data: [DONE]\n\n")
    assert code == 0
    assert "Traceback" not in notes


async def test_what_does_not_end_within_the_grace_is_ended(tmp_path: Path):
    async with simulator() as sim, aiohttp.ClientSession(headers=BEARER) as session:
        with served(tmp_path, "--config", str(written_settings(tmp_path, sim.url)), "--grace", "1") as server:
            asked = written(
                "openai_chat", question(model="sim-openai/sim-swift+stall-midway:60"), stream=True
            )
            async with session.post(server.url + asked.path, data=asked.body) as reply:
                await reply.content.readany()
                code, notes = await stopped(server)

    assert code == 0
    assert "Traceback" not in notes


async def test_without_any_provider_simulated_ones_answer_and_it_says_so(tmp_path: Path):
    with served(tmp_path) as server:
        notes = server.notes_until('"messages"')
        key = re.findall(r"qk-[\w-]{40,}", notes)[0]
        assert "simulated" in notes
        assert f"curl {server.url}/v1/chat/completions" in notes
        asked = written("anthropic", question(model="sim-openai/sim-swift"))
        async with (
            aiohttp.ClientSession(headers={"x-api-key": key}) as session,
            session.post(server.url + asked.path, data=asked.body) as reply,
        ):
            assert reply.status == 200
        await stopped(server)

    with served(tmp_path) as server:
        code, notes = await stopped(server)

    assert code == 0
    assert not re.findall(r"qk-\w", notes), "the key is shown at its making alone"


def test_beyond_this_machine_it_does_not_start_without_a_key(tmp_path: Path):
    with served(tmp_path, "--host", "0.0.0.0") as server:
        code, notes = server.wait()

    assert (code, server.url) == (2, "")
    assert "`quorate keys add NAME`" in notes
    assert "`quorate keys add NAME --admin`" in notes


async def test_a_port_that_is_taken_is_told_of(tmp_path: Path, sim: Simulator):
    port = sim.url.rpartition(":")[2]

    with served(tmp_path, "--port", port) as server:
        code, notes = await asyncio.to_thread(server.wait)

    assert (code, server.url) == (2, "")
    assert f"cannot listen on '127.0.0.1' port {port}" in notes


async def test_a_silent_stream_of_events_is_kept_alive(sim: Simulator, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(outlet, "KEEP_ALIVE", 0.05)
    gateway, household = gateway_for(settings_for(sim.url))
    bodies: dict[str, bytes] = {}
    for protocol in ("openai_chat", "gemini", "ollama"):
        asked = written(
            protocol, question(model=f"{NAMES[protocol]}/sim-swift+stall-midway:0.4"), stream=True
        )
        bodies[protocol] = (await call(gateway, asked.path, asked.body, query=asked.query)).body
    await household.transport.close()

    empty = {protocol: len(re.findall(rb"(?<=\n\n)\n", body)) for protocol, body in bodies.items()}
    assert 2 <= empty["openai_chat"] <= 8
    assert 2 <= empty["gemini"] <= 8
    assert bodies["openai_chat"].endswith(b"data: [DONE]\n\n")
    assert (empty["ollama"], b"\n\n" in bodies["ollama"]) == (0, False)
    assert all(line.startswith(b"data: ") for line in bodies["gemini"].splitlines() if line)


async def test_changed_settings_change_who_may_call(sim: Simulator):
    gateway, household = gateway_for(settings_for(sim.url))
    asked: Any = written("openai_chat", question(model="sim-openai/sim-swift"))
    before = await call(gateway, asked.path, asked.body)

    changed = settings_for(sim.url, server={"keys": ()})
    household.parts = replace(household.parts, settings=changed)
    after = await call(gateway, asked.path, asked.body)
    await household.transport.close()

    assert (before.status, after.status) == (200, 401)
