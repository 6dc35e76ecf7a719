"""Answers that no client waits for: polled, followed, resumed, cancelled, and never left without an end."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from quorate.sim.simulator import Simulator
from quorate.store.answers import KeptAnswer, put_answers
from quorate.store.identity import new_identity
from tests.gateway.house import seen

from .kept import ABROAD, NATIVE, Tenant, events_of, keeping, words_of

SLOW = "+stall-midway:30"


async def ended(tenant: Tenant, name: str) -> dict[str, Any]:
    """Poll it to its end."""
    async with asyncio.timeout(10):
        while (told := await tenant.get(name))["status"] in ("queued", "in_progress"):  # noqa: ASYNC110 so do clients
            await asyncio.sleep(0.01)
    return told


async def begun(tenant: Tenant, name: str, status: str = "in_progress") -> None:
    async with asyncio.timeout(10):
        while (await tenant.get(name))["status"] != status:  # noqa: ASYNC110 so do clients
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("model", [NATIVE, ABROAD])
@pytest.mark.parametrize("stream", [False, True])
async def test_it_is_queued_at_once_and_made_later(tenant: Tenant, model: str, stream: bool):
    answered = await tenant.send(
        "POST",
        "",
        {"model": model, "input": "One", "background": True, "stream": stream, "metadata": {"a": "b"}},
    )
    first = events_of(answered)[0]["response"] if stream else msgspec.json.decode(answered.body)
    told = await ended(tenant, first["id"])

    assert (first["status"], first["background"], first["output"]) == ("queued", True, [])
    assert (told["status"], told["background"], told["id"]) == ("completed", True, first["id"])
    assert (told["store"], told["metadata"]) == (True, {"a": "b"}) if model == ABROAD else True
    assert "One" in words_of(told)


@pytest.mark.parametrize("model", [NATIVE, ABROAD])
async def test_its_events_are_numbered_without_a_gap(tenant: Tenant, model: str):
    events = await tenant.stream("One", model, background=True)

    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert [event["type"] for event in events[:3]] == [
        "response.created",
        "response.queued",
        "response.in_progress",
    ]
    assert events[-1]["type"] == "response.completed"
    assert {event["response"]["id"] for event in events if "response" in event} == {
        events[0]["response"]["id"]
    }
    assert await tenant.get(events[0]["response"]["id"]) == events[-1]["response"]


async def test_a_stream_is_resumed_where_it_was_left(tenant: Tenant):
    body = {"model": ABROAD, "input": "One", "background": True, "stream": True}

    left = await tenant.send("POST", "", body, leave_after=2)
    first = events_of(left)[0]["response"]["id"]
    rest = events_of(await tenant.send("GET", f"/{first}", query="stream=true&starting_after=1"))
    again = events_of(await tenant.send("GET", f"/{first}", query="stream=true"))

    assert [event["sequence_number"] for event in rest] == list(range(2, len(rest) + 2))
    assert again[2:] == rest
    assert rest[-1]["type"] == "response.completed"


async def test_a_call_goes_on_from_one_that_is_made_and_from_none_that_is_not(tenant: Tenant):
    made = await tenant.create("One", background=True)
    await ended(tenant, made["id"])
    slow = await tenant.create("One", f"{ABROAD}{SLOW}", background=True, stream=False)

    told = await tenant.create("Two", previous_response_id=made["id"])
    status, error = await tenant.refused(
        "POST", "", {"model": ABROAD, "input": "Two", "previous_response_id": slow["id"]}
    )

    assert told["previous_response_id"] == made["id"]
    assert (status, error["param"]) == (400, "previous_response_id")


async def test_it_is_cancelled_and_stays_so(tenant: Tenant, sim: Simulator):
    made = await tenant.create("One", f"{ABROAD}{SLOW}", background=True)
    await begun(tenant, made["id"])

    first = msgspec.json.decode((await tenant.send("POST", f"/{made['id']}/cancel")).body)
    again = msgspec.json.decode((await tenant.send("POST", f"/{made['id']}/cancel")).body)

    assert first["status"] == "cancelled"
    assert first == again == await tenant.get(made["id"])
    assert len(tenant.answers.runs) == 0


async def test_a_stream_that_is_followed_ends_when_it_is_cancelled(tenant: Tenant):
    body = {"model": f"{ABROAD}{SLOW}", "input": "One", "background": True, "stream": True}
    left = await tenant.send("POST", "", body, leave_after=3)
    name = events_of(left)[0]["response"]["id"]

    following = asyncio.create_task(tenant.send("GET", f"/{name}", query="stream=true"))
    await asyncio.sleep(0)
    await tenant.send("POST", f"/{name}/cancel")
    followed = await following

    assert followed.is_whole
    assert (await tenant.get(name))["status"] == "cancelled"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", [f"{NATIVE}+error-500", f"{ABROAD}+rate-limited"])
async def test_a_failure_is_kept_with_its_reason(tenant: Tenant, model: str, stream: bool):
    answered = await tenant.send(
        "POST", "", {"model": model, "input": "One", "background": True, "stream": stream}
    )
    first = events_of(answered)[0]["response"] if stream else msgspec.json.decode(answered.body)

    told = await ended(tenant, first["id"])

    assert told["status"] == "failed"
    assert told["error"]["message"]
    assert told["error"]["code"]


@pytest.mark.parametrize("model", [f"{NATIVE}+truncated:hard", f"{ABROAD}+error-in-stream"])
async def test_a_stream_that_breaks_off_ends_with_its_failure(tenant: Tenant, model: str):
    events = await tenant.stream("One", model, background=True)

    assert events[-1]["type"] == "response.failed"
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert (await ended(tenant, events[0]["response"]["id"]))["status"] == "failed"


async def test_what_must_be_wrong_is_told_at_once(tenant: Tenant):
    unkept = await tenant.refused(
        "POST", "", {"model": ABROAD, "input": "One", "background": True, "store": False}
    )
    unknown = await tenant.refused("POST", "", {"model": "nobody/m", "input": "One", "background": True})

    assert (unkept[0], unkept[1]["param"]) == (400, "background")
    assert (unknown[0], unknown[1]["code"]) == (404, "model_not_found")


async def test_no_more_are_made_at_a_time_than_may(sim: Simulator, store: Path):
    async with keeping(sim.url, store, background_runs=1) as tenant:
        first = await tenant.create("One", f"{ABROAD}{SLOW}", background=True)
        status, error = await tenant.refused(
            "POST", "", {"model": ABROAD, "input": "One", "background": True}
        )
        await tenant.send("POST", f"/{first['id']}/cancel")

        assert (status, error["code"]) == (429, "rate_limit_exceeded")
        assert (await tenant.create("One", background=True))["status"] == "queued"


async def test_one_that_the_server_left_behind_has_failed_and_says_so(
    tenant: Tenant, sim: Simulator, store: Path
):
    lost = KeptAnswer(
        id=new_identity(),
        scope=(await scope_of(tenant)),
        name="resp_quorate_lost",
        status="in_progress",
        background=True,
        lease_until=1,
        input='"One"',
        answer='{"id":"resp_quorate_lost","object":"response","status":"in_progress","output":[]}',
    )
    async with tenant.database.write() as connection:
        await put_answers(connection, [lost])

    told = await tenant.get("resp_quorate_lost")

    assert told["status"] == "failed"
    assert "stopped" in told["error"]["message"]


async def test_one_that_is_stopped_with_the_server_is_found_failed_after_the_next_start(
    sim: Simulator, store: Path
):
    async with keeping(sim.url, store) as tenant:
        made = await tenant.create("One", f"{ABROAD}{SLOW}", background=True)
        await begun(tenant, made["id"])
    async with keeping(sim.url, store) as tenant:
        told = await tenant.get(made["id"])

    assert told["status"] == "failed"
    assert "stopped" in told["error"]["message"]


async def test_a_second_worker_follows_and_cancels_what_the_first_makes(sim: Simulator, store: Path):
    body = {"model": f"{ABROAD}{SLOW}", "input": "One", "background": True, "stream": True}
    async with keeping(sim.url, store) as first, keeping(sim.url, store) as second:
        left = await first.send("POST", "", body, leave_after=4)
        name = events_of(left)[0]["response"]["id"]
        following = asyncio.create_task(second.send("GET", f"/{name}", query="stream=true"))
        await asyncio.sleep(0.05)
        await second.send("POST", f"/{name}/cancel")
        followed = events_of(await following)
        await first.answers.runs._renew()
        await seen(lambda: len(first.answers.runs) == 0)

        assert [event["sequence_number"] for event in followed] == list(range(len(followed)))
        assert len(followed) >= 4
        assert (await first.get(name))["status"] == "cancelled"


async def scope_of(tenant: Tenant) -> str:
    """Under which its answers are kept."""
    told = await tenant.create("One")
    waiting = tenant.answers.keeper._by_name.keys()
    found = [scope for scope, name in waiting if name == told["id"]]
    return found[0]
