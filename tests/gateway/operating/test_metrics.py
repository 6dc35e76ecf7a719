"""What is counted of calls, and how it is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from quorate.gateway.operating.counted import Counted, sum_of
from quorate.gateway.operating.exposition import written
from quorate.gateway.operating.metrics import BUCKETS, METRICS
from quorate.gateway.operating.shared import Shared
from quorate.gateway.operating.tally import MOST_MODELS, MOST_PROVIDERS, Tally
from quorate.sim.simulator import Simulator
from quorate.types.usage import Usage
from tests.gateway.house import KEY, PLAIN, call, route, settings_for
from tests.gateway.house import written as asked
from tests.sim.asking import question

from .stage import AS_ADMIN, NOBODY, attempt, operated, record, series_of, total


def told(tally: Tally) -> dict:
    return series_of(written(tally.counted(), "")[0].decode())


async def test_a_scrape_tells_of_every_call(sim: Simulator):
    routes = {"two": route("sim-openai/sim-swift+error-503", "sim-anthropic/sim-swift")}
    async with operated(settings_for(sim.url, routes=routes)) as stage:
        for model in ("sim-openai/sim-swift", "route/two"):
            sent = asked("openai_chat", question(model=model))
            assert (await call(stage.gateway, sent.path, sent.body)).status == 200
        assert (await call(stage.gateway, "/v1/chat/completions", b"{", headers=NOBODY)).status == 401

        series = await stage.scrape()

    chat = {"front": "openai_chat", "operation": "chat"}
    assert total(series, "quorate_requests_total", outcome="answered", status="2xx", **chat) == 2
    assert (
        total(series, "quorate_request_seconds_count", provider="sim-openai", model="sim-swift", **chat) == 1
    )
    assert total(series, "quorate_first_byte_seconds_count", provider="sim-anthropic", **chat) == 1
    assert total(series, "quorate_attempts_total") == 3
    assert (
        total(series, "quorate_attempts_total", provider="sim-openai", model="other", outcome="upstream_busy")
        == 1
    )
    assert (
        total(series, "quorate_fallbacks_total")
        == total(series, "quorate_fallbacks_total", model="other")
        == 1
    )
    assert total(series, "quorate_tokens_total", **{"class": "output"}) > 0
    assert (
        total(series, "quorate_refused_total")
        == total(series, "quorate_refused_total", reason="unknown_caller")
        == 1
    )
    assert total(series, "quorate_requests_in_flight") == 1  # the one that asks
    assert total(series, "quorate_queue_waiting", queue="calls") == 2 + 1
    assert total(series, "quorate_workers") == 1
    assert total(series, "process_resident_memory_bytes") > 1_000_000


async def test_openmetrics_is_told_where_it_is_asked_for(sim: Simulator):
    async with operated(settings_for(sim.url)) as stage:
        headers = AS_ADMIN | {"accept": "application/openmetrics-text; version=1.0.0; charset=utf-8"}
        answered = await call(stage.gateway, "/metrics", method="GET", headers=headers)

    assert answered.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert {family.name for family in text_string_to_metric_families(answered.body.decode())} == {
        name.removesuffix("_total") for name in METRICS
    }


async def test_what_metrics_and_health_are_asked_is_not_counted(sim: Simulator):
    async with operated(settings_for(sim.url)) as stage:
        await stage.scrape()
        series = await stage.scrape()
        await stage.watch.rows.writer.flush(5)

    assert total(series, "quorate_requests_total") == 0
    assert stage.watch.rows.writer.written == 0


def test_tokens_costs_and_durations_add_up():
    tally = Tally()
    tally.take([record(attempt()) for _ in range(3)])
    tally.take([record(attempt("main/two", cost=None))])

    series = told(tally)

    assert total(series, "quorate_tokens_total", model="one", **{"class": "input"}) == 30
    assert total(series, "quorate_tokens_total", model="one", **{"class": "cache_read"}) == 15
    assert (
        total(series, "quorate_tokens_total", model="one")
        == 3 * Usage(input=10, cache_read=5, output=7).total
    )
    assert total(series, "quorate_reasoning_tokens_total", model="one") == 9
    assert total(series, "quorate_cost_dollars_total", model="one") == 0.75
    assert total(series, "quorate_unpriced_attempts_total") == 1
    assert total(series, "quorate_request_seconds_sum") == 4
    assert total(series, "quorate_request_seconds_bucket", le="1.0") == 4
    assert total(series, "quorate_request_seconds_bucket", le="0.5") == 0
    assert total(series, "quorate_first_byte_seconds_bucket", le="0.25") == 4


def test_a_duration_beyond_every_bucket_is_counted_all_the_same():
    tally = Tally()
    tally.take([record(attempt(), ended=10.0 + BUCKETS[-1] + 1)])

    series = told(tally)

    assert total(series, "quorate_request_seconds_bucket", le="600.0") == 0
    assert total(series, "quorate_request_seconds_bucket", le="+Inf") == 1


def test_names_that_clients_invent_do_not_multiply():
    tally = Tally()
    tally.take([record(attempt(f"main/invented-{n}", "model_unavailable"), status=404) for n in range(1000)])
    tally.take([record(attempt(f"invented-{n}/x", "unreachable"), status=502) for n in range(1000)])
    tally.take([record(attempt(f"main/answered-{n}")) for n in range(1000)])
    tally.take([record(model=f"invented-{n}", outcome="unknown_model", status=404) for n in range(1000)])

    counted = tally.counted()

    told = {labels[:2] for labels in counted.numbers["quorate_attempts_total"]}
    assert len(told) <= MOST_MODELS + MOST_PROVIDERS + 1
    assert sum(counted.numbers["quorate_attempts_total"].values()) == 3000
    assert sum(counted.numbers["quorate_requests_total"].values()) == 4000
    assert len(counted.numbers["quorate_requests_total"]) <= MOST_MODELS + MOST_PROVIDERS + 4


def test_every_number_is_of_a_metric_that_is_told_of():
    tally = Tally()
    tally.take([record(attempt(), attempt("main/two"))])

    counted = tally.counted()

    named = {**counted.numbers, **counted.spreads}
    assert named.keys() <= METRICS.keys()
    assert [
        name
        for name, series in named.items()
        for labels in series
        if len(labels) != len(METRICS[name].labels)
    ] == []


def test_several_workers_are_added_up(tmp_path: Path):
    tallies = Tally(), Tally()
    workers = [Shared(tmp_path, number, tally.counted) for number, tally in enumerate(tallies)]
    tallies[0].take([record(attempt())] * 3)
    tallies[1].take([record(attempt())] * 2 + [record(attempt("main/two"))])
    for worker in workers:
        worker.write()

    seen = [sum_of((worker.own(), *worker.others())) for worker in workers]

    assert seen[0] == seen[1]
    assert sum(seen[0].numbers["quorate_requests_total"].values()) == 6
    assert seen[0].spreads["quorate_request_seconds"]["openai_chat", "chat", "main", "one"].seconds == 5


def test_a_worker_that_is_started_again_goes_on_from_where_the_one_before_had_come(tmp_path: Path):
    tally = Tally()
    tally.take([record(attempt())])
    running = Counted(numbers={"quorate_requests_in_flight": {(): 5.0}})
    Shared(tmp_path, 0, lambda: sum_of((tally.counted(), running))).write()

    Shared(tmp_path, 0, tally.counted).write()
    Shared(tmp_path, 0, tally.counted).write()
    following = Shared(tmp_path, 0, tally.counted)
    following.write()

    assert sum(following.own().numbers["quorate_requests_total"].values()) == 4
    assert following.own().numbers.get("quorate_requests_in_flight", {}) == {}
    assert [path.name for path in tmp_path.iterdir()] == ["0.counted"]


def test_numbers_that_cannot_be_read_count_for_nothing(tmp_path: Path):
    (tmp_path / "1.counted").write_bytes(b"\xc1 no numbers")

    assert Shared(tmp_path, 0, Counted).others() == [Counted()]


@pytest.mark.parametrize(
    ("host", "changes", "headers", "status"),
    [
        ("127.0.0.1", {}, NOBODY, 200),
        ("unix:/run/quorate.sock", {}, NOBODY, 200),
        ("127.0.0.1", {}, NOBODY | {"x-forwarded-for": "198.51.100.7"}, 401),
        ("127.0.0.1", {"trusted_proxies": ("127.0.0.1",)}, NOBODY, 401),
        ("192.0.2.1", {}, NOBODY, 401),
        ("192.0.2.1", {}, PLAIN, 403),
        ("192.0.2.1", {}, AS_ADMIN, 200),
        ("192.0.2.1", {"metrics_public": True}, NOBODY, 200),
    ],
)
async def test_metrics_and_health_are_shown_on_this_machine_and_to_admins(
    sim: Simulator, host: str, changes: dict, headers: dict, status: int
):
    async with operated(settings_for(sim.url, server=changes), host=host) as stage:
        for path in ("/metrics", "/health"):
            answered = await call(stage.gateway, path, method="GET", headers=headers)
            assert answered.status == status
            assert KEY.encode() not in answered.body
        for path in ("/health/live", "/health/ready"):
            assert (await call(stage.gateway, path, method="GET", headers=NOBODY)).status == 200
