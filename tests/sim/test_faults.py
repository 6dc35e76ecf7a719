"""Every fault reaches a client as it should: refusals in its protocol's words, damage as broken bytes."""

from __future__ import annotations

import asyncio
import json
import time

import aiohttp
import pytest

from quorate.errors import (
    InvalidRequest,
    KeyInvalid,
    ModelUnavailable,
    QuotaExhausted,
    TooLong,
    UpstreamBroken,
    UpstreamBusy,
    UpstreamError,
    UpstreamRefused,
)
from quorate.sim import Simulator
from quorate.sim.faults import FAULTS, Fault, read_fault, split_model
from quorate.sim.steps import End, HangUp, Head, Piece, Played, Reset, Send, Wait, steps_of
from quorate.wire.wires import WIRES

from .asking import PROTOCOLS, ask, question, target

REFUSED = [
    ("rate-limited", 429, UpstreamBusy),
    ("rate-limited-bare", 429, UpstreamBusy),
    ("error-500", 500, UpstreamBroken),
    ("error-502", 502, UpstreamBroken),
    ("error-503", 503, UpstreamBusy),
    ("overloaded", 529, UpstreamBusy),
    ("unauthorized", 401, KeyInvalid),
    ("model-missing", 404, ModelUnavailable),
    ("content-filter", 400, UpstreamRefused),
    ("context-too-long", 400, TooLong),
    ("quota", 402, QuotaExhausted),
]
READ_AS = {
    # Google has one word for every gateway's trouble.
    ("gemini", "error-502"): (502, UpstreamBusy),
    ("openai_chat", "quota"): (429, QuotaExhausted),
    ("openai_responses", "quota"): (429, QuotaExhausted),
}


@pytest.mark.parametrize(("fault", "status", "kind"), REFUSED, ids=[name for name, _, _ in REFUSED])
@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_refusal_is_in_the_protocols_own_shape(
    protocol: str, fault: str, status: int, kind: type[UpstreamError]
):
    async with Simulator(speed=0) as sim:
        with pytest.raises(UpstreamError) as caught:
            await ask(sim, protocol, question(), fault=fault)

    expected = READ_AS.get((protocol, fault), (status, kind))
    assert (caught.value.status, type(caught.value)) == expected
    assert "Simulated" in str(caught.value)


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_rate_limit_says_how_long_to_wait_unless_it_is_bare(protocol: str):
    async with Simulator(speed=0) as sim:
        with pytest.raises(UpstreamBusy) as told:
            await ask(sim, protocol, question(model="sim-swift+rate-limited:7"))
        with pytest.raises(UpstreamBusy) as bare:
            await ask(sim, protocol, question(model="sim-swift+rate-limited-bare"))

    assert (told.value.retry_after, bare.value.retry_after) == (7.0, None)


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_flaky_model_fails_so_often_and_then_is_well(protocol: str):
    flaky = question(model="sim-swift+flaky:2")
    async with Simulator(speed=0) as sim:
        for _ in range(2):
            with pytest.raises(UpstreamBusy):
                await ask(sim, protocol, flaky)
        reply = await ask(sim, protocol, flaky)

    assert reply.model == "sim-swift+flaky:2"
    assert "sim-swift" in reply.text


@pytest.mark.parametrize("fault", ["truncated", "garbled", "error-in-stream", "wrong-type", "empty"])
@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_damaged_stream_is_a_broken_upstream(protocol: str, fault: str):
    async with Simulator(speed=0) as sim:
        with pytest.raises(UpstreamError):
            await ask(sim, protocol, question(), stream=True, fault=fault)


@pytest.mark.parametrize("fault", ["garbled", "error-in-stream", "wrong-type", "empty"])
@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_damaged_whole_answer_is_a_broken_upstream(protocol: str, fault: str):
    async with Simulator(speed=0) as sim:
        with pytest.raises(UpstreamError):
            await ask(sim, protocol, question(), fault=fault)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("fault", ["reset", "reset:midway", "truncated:hard"])
@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_torn_connection_is_the_clients_own_error(protocol: str, fault: str, stream: bool):
    async with Simulator(speed=0) as sim:
        with pytest.raises((aiohttp.ClientError, ConnectionError)):
            await ask(sim, protocol, question(), stream=stream, fault=fault)


@pytest.mark.parametrize("fault", ["slow-head:0.05", "stall-first:0.05", "stall-midway:0.05"])
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
async def test_a_stalled_answer_is_whole_in_the_end(fault: str, stream: bool):
    async with Simulator(speed=0) as sim:
        started = time.monotonic()
        reply = await ask(sim, "anthropic", question(), stream=stream, fault=fault)

    assert "simulat" in reply.text.lower()
    assert time.monotonic() - started >= 0.05


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_an_answer_that_drips_is_the_same_answer(protocol: str):
    short = question(max_output=3)
    async with Simulator(speed=0) as sim:
        whole = await ask(sim, protocol, short, stream=True)
        dripped = await ask(sim, protocol, short, stream=True, fault="drip:0")

    assert dripped.message == whole.message


async def test_a_huge_body_goes_on_for_as_long_as_was_asked():
    async with Simulator(speed=0) as sim, aiohttp.ClientSession() as session:
        body = json.dumps({"model": "sim-swift+huge:2", "messages": []})
        async with session.post(f"{sim.url}/api/chat", data=body) as answer:
            size = len(await answer.read())

    assert size > 2 * 1024 * 1024


async def test_the_servers_own_share_of_faults_is_seeded():
    async def outcomes(seed: int) -> list[bool]:
        async with Simulator(seed=seed, speed=0, faults={"error-500": 0.5}) as sim:
            return [await fails(sim) for _ in range(20)]

    first, again, other = await outcomes(1), await outcomes(1), await outcomes(2)

    assert first == again != other
    assert 3 < sum(first) < 17


async def fails(sim: Simulator) -> bool:
    try:
        await ask(sim, "ollama", question())
    except UpstreamError:
        return True
    return False


async def test_a_call_can_ask_to_be_spared():
    async with Simulator(speed=0, faults={"error-500": 1.0}) as sim:
        reply = await ask(sim, "ollama", question(), fault="none")

    assert "simulat" in reply.text.lower()


async def test_an_unknown_fault_is_refused_with_the_names_there_are():
    async with Simulator(speed=0) as sim:
        with pytest.raises(UpstreamError, match="stall-midway") as caught:
            await ask(sim, "openai_chat", question(), fault="gremlins")

    assert caught.value.status == 400


async def test_a_client_that_hangs_up_is_counted():
    body = json.dumps(
        {"model": "sim-swift+stall-midway:30", "messages": [{"role": "user", "content": "hello"}]}
    )
    async with Simulator(speed=0) as sim, aiohttp.ClientSession() as session:
        answer = await session.post(f"{sim.url}/api/chat", data=body)
        await answer.content.readany()
        before = sim.stats
        answer.close()
        after = await counted(sim)

    assert (before.open, before.cancelled) == (1, 0)
    assert (after.open, after.cancelled, after.answered) == (0, 1, 0)
    assert after.faults == {"stall-midway": 1}


async def counted(sim: Simulator):
    """The counts, once nothing is open any more."""
    for _ in range(200):
        if not sim.stats.open:
            break
        await asyncio.sleep(0.01)
    return sim.stats


async def test_counts_are_told_and_forgotten():
    async with Simulator(speed=0) as sim, aiohttp.ClientSession() as session:
        await ask(sim, "anthropic", question(), stream=True)
        await ask(sim, "gemini", question("Why?", "sim-sage"))
        async with session.get(f"{sim.url}/sim/stats") as answer:
            told = await answer.json()
        async with session.post(f"{sim.url}/sim/reset") as answer:
            forgotten = await answer.json()

    assert (told["requests"], told["answered"], told["streams"]) == (2, 2, 1)
    assert told["by_model"] == {"sim-swift": 1, "sim-sage": 1}
    assert told["by_protocol"] == {"anthropic": 1, "gemini": 1}
    assert forgotten["requests"] == 0


async def test_the_pace_is_the_models_own_times_the_speed():
    async with Simulator(speed=20) as sim:
        started = time.monotonic()
        reply = await ask(sim, "ollama", question(), stream=True)
        took = time.monotonic() - started

    assert took >= (0.15 + (reply.usage.output - 1) / 160) / 20


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_nonsense_is_refused_in_the_protocols_shape(protocol: str):
    codec = WIRES[protocol].codec
    async with Simulator(speed=0) as sim:
        sent = codec.write_request(question(), target(sim, protocol, "sim-swift"), stream=False)
        async with (
            aiohttp.ClientSession() as session,
            session.post(sim.base_url(protocol) + sent.path, data=b"{nonsense") as answer,
        ):
            status, body = answer.status, await answer.json()

    assert status == 400
    assert body.get("error") or body["message"]


async def test_a_path_that_nobody_answers_is_a_404():
    async with (
        Simulator() as sim,
        aiohttp.ClientSession() as session,
        session.get(f"{sim.url}/v9/x") as answer,
    ):
        assert answer.status == 404
        assert "/v9/x" in (await answer.json())["error"]


@pytest.mark.parametrize(
    ("path", "headers", "mark"),
    [
        ("/v1/models", {}, "object"),
        ("/v1/models", {"anthropic-version": "2023-06-01"}, "has_more"),
        ("/v1beta/models", {"x-goog-api-key": "k"}, "models"),
        ("/api/tags", {}, "models"),
    ],
)
async def test_a_shared_path_is_told_apart_by_its_headers(path: str, headers: dict[str, str], mark: str):
    async with (
        Simulator() as sim,
        aiohttp.ClientSession() as session,
        session.get(sim.url + path, headers=headers) as answer,
    ):
        assert mark in await answer.json()


@pytest.mark.parametrize(
    ("asked", "name", "fault"),
    [
        ("sim-swift", "sim-swift", None),
        ("sim-swift+429", "sim-swift", Fault(name="rate-limited", amount=1)),
        ("sim-swift+flaky:3", "sim-swift", Fault(name="flaky", amount=3)),
        ("sim-swift+500:latest", "sim-swift", Fault(name="error-500")),
        ("a+b", "a+b", None),
        ("a+flaky:many", "a+flaky:many", None),
        ("a+reset:midway", "a", Fault(name="reset", place="midway")),
    ],
)
def test_a_fault_stands_behind_a_plus(asked: str, name: str, fault: Fault | None):
    assert split_model(asked) == (name, fault)


@pytest.mark.parametrize(
    "text", ["", "nothing", "drip:fast", "drip:-1", "drip:nan", "quota:3", "reset:late", "huge:1e9"]
)
def test_what_is_no_fault_is_refused(text: str):
    with pytest.raises(InvalidRequest):
        read_fault(text)


PLAYED = Played(
    status=200,
    headers={"content-type": "text/event-stream"},
    pieces=[Piece(data=b"one", wait=0.5), Piece(data=b"two"), Piece(data=b"three"), Piece(data=b"end")],
    streamed=True,
    broken_off=[Piece(data=b"one"), Piece(data=b"oops")],
)
WHOLE = Played(status=200, headers={}, pieces=[Piece(data=b"abcdef", wait=2.0)], streamed=False)


def test_a_stream_that_is_well_is_head_pieces_end():
    head, wait, *sent, end = steps_of(PLAYED, None)

    assert (head, wait, end) == (Head(status=200, headers=PLAYED.headers), Wait(seconds=0.5), End())
    assert sent == [Send(data=piece.data) for piece in PLAYED.pieces]


def test_the_head_of_a_whole_answer_waits_until_it_is_ready():
    assert list(steps_of(WHOLE, None)) == [
        Wait(seconds=2.0),
        Head(status=200, headers={}, length=6),
        Send(data=b"abcdef"),
        End(),
    ]


@pytest.mark.parametrize(
    ("fault", "steps"),
    [
        ("truncated", [Head(status=200, headers={}, length=6), Send(data=b"abc"), HangUp()]),
        ("reset", [Reset()]),
        ("reset:midway", [Head(status=200, headers={}, length=6), Send(data=b"abc"), Reset()]),
        ("empty", [Head(status=200, headers={}, length=0), End()]),
        (
            "stall-midway:9",
            [
                Head(status=200, headers={}, length=6),
                Send(data=b"abc"),
                Wait(seconds=9),
                Send(data=b"def"),
                End(),
            ],
        ),
    ],
)
def test_a_fault_is_another_row_of_steps(fault: str, steps: list):
    assert list(steps_of(WHOLE, read_fault(fault))) == steps


def test_a_soft_truncation_ends_a_stream_as_if_all_were_well():
    assert list(steps_of(PLAYED, read_fault("truncated")))[-2:] == [Send(data=b"two"), End()]


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_says_what_it_does(name: str):
    assert FAULTS[name].about
    assert read_fault(name).name == name
