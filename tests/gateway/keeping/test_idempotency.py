"""A call that names itself is answered once, however often it comes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from quorate.errors import UpstreamBroken
from quorate.gateway import claims, idempotency, sharing
from quorate.gateway.app import Gateway
from quorate.gateway.background import Background
from quorate.gateway.callers import Caller, KeyRing, hash_of
from quorate.gateway.idempotency import StoredRepeats
from quorate.gateway.record import AccessRecord
from quorate.gateway.sharing import Held, Reader, Shared
from quorate.settings.settings import Settings, StoreSettings
from quorate.store.address import SqliteFile
from quorate.store.database import Database
from quorate.types.chat import ChatRequest
from quorate.types.parts import Part, Text
from quorate.types.value import replace
from tests.gateway.hooks.echo import PROTOCOLS, Echo, provider, settings_for
from tests.gateway.hooks.test_mask import asking
from tests.gateway.house import PLAIN, Answered, call, seen, written

ONCE = PLAIN | {"idempotency-key": "once"}
LETTERS = 40


def letters(request: ChatRequest) -> tuple[Part, ...]:
    return (Text(text="x" * LETTERS),)


class House:
    """Gateways on one database, as workers have it."""

    def __init__(self, database: Database, background: Background, *, pause: float = 0.0) -> None:
        self.database, self.background = database, background
        self.echo = Echo(letters, pause=pause)
        self.records: list[AccessRecord] = []

    def gateway(self, settings: Settings | None = None, **more: Any) -> Gateway:
        repeats = StoredRepeats(self.database, self.background)
        return self.echo.gateway(settings or settings_for(), repeats=repeats, observers=[self], **more)

    def take(self, records: Any) -> None:
        self.records += records


@pytest.fixture
def house(database: Database, background: Background) -> House:
    return House(database, background)


@pytest.fixture
def slow(database: Database, background: Background) -> House:
    return House(database, background, pause=0.005)


async def asked(
    gateway: Gateway,
    *,
    protocol: str = "openai_chat",
    stream: bool = False,
    text: str = "Hi",
    headers: Mapping[str, str] = ONCE,
    leave_after: int | None = None,
) -> Answered:
    question = written(protocol, asking(text, f"{provider('anthropic')}/m", max_output=99), stream=stream)
    return await call(
        gateway, question.path, question.body, query=question.query, headers=headers, leave_after=leave_after
    )


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_repeat_gets_the_same_answer_again(house: House, protocol: str, stream: bool):
    first = await asked(house.gateway(), protocol=protocol, stream=stream)

    again = await asked(house.gateway(), protocol=protocol, stream=stream)

    assert again.body == first.body
    assert "x-quorate-replayed" not in first.headers
    assert again.headers["x-quorate-replayed"] == "true"
    assert len(house.echo.asked) == 1
    own = {"x-quorate-replayed", "x-request-id", "x-quorate-decision", "request-id"}
    assert {k: v for k, v in again.headers.items() if k not in own} == {
        k: v for k, v in first.headers.items() if k not in own
    }


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
async def test_repeats_while_it_runs_join_it_from_the_first_byte(slow: House, stream: bool):
    gateway = slow.gateway()

    async def late() -> Answered:
        await seen(lambda: bool(slow.echo.asked))
        await asyncio.sleep(0.05)
        return await asked(gateway, stream=stream)

    answers = await asyncio.gather(asked(gateway, stream=stream), asked(gateway, stream=stream), late())

    assert len({answered.body for answered in answers}) == 1
    assert [answered.is_whole for answered in answers] == [True] * 3
    assert len(slow.echo.asked) == 1


async def test_the_same_name_for_another_request_is_refused(house: House):
    gateway = house.gateway()
    await asked(gateway)

    other = await asked(gateway, text="Something else")

    assert other.status == 422
    assert b"idempotency_key_reused" in other.body


async def test_names_of_another_tenant_are_others(house: House):
    callers = KeyRing()
    callers.learn("test", {hash_of("another-key"): Caller(scope="another", key="k2")})
    gateway = house.gateway(callers=callers)
    await asked(gateway)

    other = await asked(gateway, text="Else", headers=ONCE | {"authorization": "Bearer another-key"})

    assert other.status == 200
    assert len(house.echo.asked) == 2


async def test_a_key_that_may_not_ask_for_the_model_gets_no_answer_of_another_key(house: House):
    callers = KeyRing()
    mine = Caller(scope="team", key="k1")
    callers.learn("test", {hash_of("one"): mine, hash_of("two"): replace(mine, key="k2", models=("gpt-*",))})
    gateway = house.gateway(callers=callers)
    await asked(gateway, headers=ONCE | {"authorization": "Bearer one"})

    other = await asked(gateway, headers=ONCE | {"authorization": "Bearer two"})

    assert other.status == 403


async def test_who_hangs_up_stops_nobody_else(slow: House):
    gateway = slow.gateway()

    left, stayed = await asyncio.gather(
        asked(gateway, stream=True, leave_after=3), asked(gateway, stream=True)
    )

    assert not left.is_whole
    assert stayed.is_whole
    assert slow.echo.transport.left_early == 0


async def test_when_the_last_one_goes_the_work_stops_and_is_booked_to_it(slow: House):
    gateway = slow.gateway()

    await asyncio.gather(
        asked(gateway, stream=True, leave_after=3), asked(gateway, stream=True, leave_after=5)
    )
    await seen(lambda: len(slow.records) == 2)
    again = await asked(gateway, stream=True)

    assert slow.echo.transport.left_early == 1
    assert [len(record.trace) for record in slow.records] == [0, 1]
    assert [record.outcome for record in slow.records] == ["left", "left"]
    assert again.is_whole
    assert "x-quorate-replayed" not in again.headers


async def test_attempts_are_booked_once_and_repeats_are_told_apart(house: House):
    gateway = house.gateway()
    await asked(gateway)
    await asked(gateway)
    await seen(lambda: len(house.records) == 2)

    assert [len(record.trace) for record in house.records] == [1, 0]
    assert [record.decision for record in house.records] == ["", "replayed"]
    assert {record.outcome for record in house.records} == {"answered"}


@pytest.mark.parametrize("model", ["nobody/m", "echo-gemini/m"])
async def test_what_failed_is_tried_again(house: House, model: str):
    gateway = house.gateway()

    def failing(request: ChatRequest) -> tuple[Part, ...]:
        raise UpstreamBroken("on fire", status=500)

    question = written("openai_chat", asking("Hi", model))
    house.echo._reply = failing
    first = await call(gateway, question.path, question.body, headers=ONCE)
    house.echo._reply = letters
    again = await call(gateway, question.path, question.body, headers=ONCE)

    assert first.status >= 400
    assert "x-quorate-replayed" not in again.headers
    assert again.status == (404 if model == "nobody/m" else 200)


@pytest.mark.parametrize("name", ["", "x" * 256, "a b", "ü"])
async def test_a_name_that_is_none_is_refused(house: House, name: str):
    refused = await asked(house.gateway(), headers=PLAIN | {"idempotency-key": name})

    assert refused.status == 400


async def test_the_header_is_passed_over_where_nothing_is_to_be_kept(house: House):
    gateway = house.gateway(replace(settings_for(), store=StoreSettings(repeats_hours=0)))

    await asked(gateway)
    await asked(gateway)

    assert len(house.echo.asked) == 2


async def test_a_call_that_another_worker_answers_is_waited_for(slow: House):
    first, second = await asyncio.gather(
        asked(slow.gateway(), stream=True), asked(slow.gateway(), stream=True)
    )

    assert first.body == second.body
    assert len(slow.echo.asked) == 1


async def test_a_call_that_another_worker_answers_for_long_is_told_to_come_back(
    slow: House, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(claims, "WAIT", 0.0)

    answers = await asyncio.gather(asked(slow.gateway(), stream=True), asked(slow.gateway(), stream=True))

    assert sorted(answered.status for answered in answers) == [200, 409]
    refused = next(answered for answered in answers if answered.status == 409)
    assert 1 <= int(refused.headers["retry-after"]) <= claims.LEASE


async def lose_store(house: House) -> None:
    """Where its file was is a folder, which nobody can open."""
    await house.database.close()
    assert isinstance(house.database.address, SqliteFile)
    house.database.address.path.unlink()
    house.database.address.path.mkdir()


async def test_with_the_store_gone_repeats_are_known_in_this_process(house: House):
    gateway = house.gateway()
    await lose_store(house)

    first = await asked(gateway)
    again = await asked(gateway)

    assert (first.status, again.body) == (200, first.body)
    assert again.headers["x-quorate-replayed"] == "true"
    assert len(house.echo.asked) == 1


async def test_what_the_store_does_not_take_is_held_within_bounds(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(idempotency, "_MOST_OVER", 3)
    gateway = house.gateway()
    await lose_store(house)
    for number in range(6):
        await asked(gateway, headers=PLAIN | {"idempotency-key": f"n{number}"})

    replayed = [
        "x-quorate-replayed" in (await asked(gateway, headers=PLAIN | {"idempotency-key": name})).headers
        for name in ("n5", "n4", "n0")
    ]

    assert replayed == [True, True, False]


def started(is_whole: bool = False) -> dict[str, Any]:
    headers = [(b"content-length", b"9")] if is_whole else []
    return {"type": "http.response.start", "status": 200, "headers": headers}


async def test_a_slow_reader_holds_nobody_and_is_left_behind(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sharing, "MOST", 100)
    shared = Shared(held := Held())
    fast, lazy = Reader(shared), Reader(shared)
    read: list[bytes] = []

    async def reading() -> None:
        read.extend([piece async for piece in fast.pieces()])

    task = asyncio.create_task(reading())
    await shared.send(started())
    for _ in range(50):
        await shared.send({"type": "http.response.body", "body": b"0123456789"})
    shared.finish()
    await task

    assert len(b"".join(read)) == 500
    assert held.bytes <= 100
    assert not shared.is_complete
    with pytest.raises(Exception, match="too slowly"):
        [piece async for piece in lazy.pieces()]


async def test_the_only_reader_sets_the_pace_of_an_answer_too_long_to_hold(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sharing, "MOST", 100)
    shared = Shared(held := Held())
    reader = Reader(shared)
    most = 0

    async def writing() -> None:
        await shared.send(started())
        for _ in range(50):
            await shared.send({"type": "http.response.body", "body": b"0123456789"})
        shared.finish()

    task = asyncio.create_task(writing())
    size = 0
    async for piece in reader.pieces():
        size += len(piece)
        most = max(most, held.bytes)
        await asyncio.sleep(0)
    await task

    assert size == 500
    assert most <= 120
