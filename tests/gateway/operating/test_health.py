"""Whether the gateway is well, and who hears how it is not."""

from __future__ import annotations

import json

import pytest

from quorate.errors import StoreUnavailable
from quorate.gateway.operating.health import Finding, Health
from quorate.settings.settings import ServerSettings, Settings
from quorate.sim.simulator import Simulator
from quorate.store.writer import BatchWriter
from quorate.types.secret import Secret
from tests.gateway.house import KEY, call, seen, settings_for

from .stage import NOBODY, attempt, operated, record


async def test_a_sound_gateway_is_live_and_ready(sim: Simulator):
    async with operated(settings_for(sim.url)) as stage:
        for path in ("/health/live", "/health/ready"):
            answered = await call(stage.gateway, path, method="GET", headers=NOBODY)
            assert (answered.status, answered.body) == (200, b'{"status":"ok"}')


async def test_a_head_request_gets_the_head_alone(sim: Simulator):
    async with operated(settings_for(sim.url)) as stage:
        for path in ("/health", "/health/live", "/health/ready", "/metrics"):
            got = await call(stage.gateway, path, method="GET", headers=NOBODY)
            head = await call(stage.gateway, path, method="HEAD", headers=NOBODY)
            assert (head.status, head.body) == (200, b"")
            assert head.headers["content-type"] == got.headers["content-type"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/health", 405),
        ("DELETE", "/metrics", 405),
        ("GET", "/health/anything", 404),
        ("GET", "/metrics/", 404),
    ],
)
async def test_nothing_else_stands_there(sim: Simulator, method: str, path: str, status: int):
    async with operated(settings_for(sim.url)) as stage:
        assert (await call(stage.gateway, path, method=method, headers=NOBODY)).status == status


async def test_a_gateway_that_is_told_to_stop_is_live_and_not_ready(sim: Simulator):
    async with operated(settings_for(sim.url)) as stage:
        stage.draining[0] = True
        live = await call(stage.gateway, "/health/live", method="GET", headers=NOBODY)
        ready = await call(stage.gateway, "/health/ready", method="GET", headers=NOBODY)

    assert live.status == 200
    assert (ready.status, ready.body) == (503, b'{"status":"draining"}')


async def test_a_gateway_without_providers_is_not_ready():
    settings = Settings(from_environment=False, server=ServerSettings(keys=(Secret(KEY),)))
    async with operated(settings) as stage:
        ready = await call(stage.gateway, "/health/ready", method="GET", headers=NOBODY)
        whole = await call(stage.gateway, "/health", method="GET", headers=NOBODY)

    assert (ready.status, ready.body) == (503, b'{"status":"degraded"}')
    assert json.loads(whole.body)["parts"]["providers"]["problem"] == "no provider is set up"


async def test_a_store_that_is_gone_is_told_of_by_name_and_calls_go_on(sim: Simulator):
    is_gone = True

    async def write(rows: object) -> None:
        if is_gone:
            raise StoreUnavailable("the store does not answer")

    async with operated(settings_for(sim.url)) as stage:
        rows = stage.watch.rows
        await rows.writer.close()
        rows.writer = BatchWriter(write, most_rows=2, wait=0.0)
        async with rows.writer:
            rows.take([record(attempt())])
            await seen(lambda: rows.writer.is_degraded)
            rows.take([record(attempt())] * 4)
            ready = await call(stage.gateway, "/health/ready", method="GET", headers=NOBODY)
            whole = await call(stage.gateway, "/health", method="GET", headers=NOBODY)
            series = await stage.scrape()
            is_gone = False
            assert await rows.writer.flush(5)
            after = await call(stage.gateway, "/health/ready", method="GET", headers=NOBODY)

    report = json.loads(whole.body)
    assert (ready.status, ready.body) == (200, b'{"status":"degraded"}')
    assert after.body == b'{"status":"ok"}'
    assert report["status"] == "degraded"
    assert report["parts"]["calls"]["problem"] != ""
    assert report["parts"]["calls"]["lost"] > 0
    assert series["quorate_degraded", frozenset({("part", "calls")})] == 1
    assert series["quorate_queue_lost_total", frozenset({("queue", "calls")})] > 0


def test_a_check_that_fails_hides_no_other(caplog: pytest.LogCaptureFixture):
    health = Health()
    health.watch("broken", lambda: Finding(waiting=1 // 0))
    health.watch("slow", lambda: Finding(problem="it is slow"))

    assert health.degraded == {"broken": "it cannot be looked at", "slow": "it is slow"}
    assert health.status == "degraded"
    assert health.is_ready
    assert "the check of 'broken' failed" in caplog.text
