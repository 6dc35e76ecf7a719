"""A gateway that keeps answers, and a client of OpenAI's responses that calls it in this process."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from quorate.assemble import Household
from quorate.gateway.answers.answers import Answers, open_answers
from quorate.gateway.app import Gateway
from quorate.providers.entry import Entry
from quorate.settings.settings import Settings
from quorate.store.database import Database, open_database
from quorate.transport.chosen import ChosenTransport
from quorate.transport.seam import Transport
from quorate.types.secret import Secret
from quorate.types.value import replace
from quorate.wire.framing import SseFramer
from tests.gateway.house import HOST, KEY, Answered, call, gateway_for, settings_for

OTHER_KEY = "key-of-another-tenant-0123456789"
NATIVE = "sim-responses/sim-swift"
"""A target of the clients' own protocol."""

ABROAD = "sim-anthropic/sim-swift"


def settings_of(url: str, **server: Any) -> Settings:
    """The simulator's providers and two more, of OpenAI's responses; two tenants."""
    settings = settings_for(url, server={"keys": (Secret(KEY), Secret(OTHER_KEY))} | server)
    row: dict[str, Any] = {"title": "simulated", "wire": "openai_responses", "base_url": f"{url}/v1"}
    names = ("sim-responses", "sim-second")
    return replace(
        settings,
        rows=settings.rows
        | {name: row | {"keyless": True, "quirks": {"schema": "native"}} for name in names},
        entries=(*settings.entries, *(Entry(provider=name, name=name) for name in names)),
    )


@dataclass
class Tenant:
    """A client with a key."""

    gateway: Gateway
    answers: Answers
    household: Household
    database: Database
    key: str = KEY

    def other(self) -> Tenant:
        return Tenant(self.gateway, self.answers, self.household, self.database, OTHER_KEY)

    async def send(self, method: str, path: str, body: Any = None, **how: Any) -> Answered:
        head = {"host": HOST, "authorization": f"Bearer {self.key}"}
        data = b"" if body is None else msgspec.json.encode(body)
        return await call(self.gateway, f"/v1/responses{path}", data, method=method, headers=head, **how)

    async def create(self, words: Any, model: str = ABROAD, **more: Any) -> dict[str, Any]:
        answered = await self.send("POST", "", {"model": model, "input": words, **more})
        assert answered.status == 200, answered.body
        return msgspec.json.decode(answered.body)

    async def stream(self, words: Any, model: str = ABROAD, **more: Any) -> list[dict[str, Any]]:
        answered = await self.send("POST", "", {"model": model, "input": words, "stream": True, **more})
        assert answered.status == 200, answered.body
        return events_of(answered)

    async def get(self, path: str, **how: Any) -> dict[str, Any]:
        answered = await self.send("GET", f"/{path}", **how)
        assert answered.status == 200, answered.body
        return msgspec.json.decode(answered.body)

    async def refused(
        self, method: str, path: str, body: Any = None, **how: Any
    ) -> tuple[int, dict[str, Any]]:
        answered = await self.send(method, path, body, **how)
        return answered.status, msgspec.json.decode(answered.body)["error"]


def events_of(answered: Answered) -> list[dict[str, Any]]:
    framer = SseFramer()
    frames = [*framer.feed(answered.body), *framer.close()]
    return [msgspec.json.decode(frame.data) for frame in frames]


def words_of(response: dict[str, Any]) -> str:
    return "".join(
        piece["text"] for item in response["output"] if item["type"] == "message" for piece in item["content"]
    )


@asynccontextmanager
async def keeping(
    url: str, path: Path, transport: Transport | None = None, **server: Any
) -> AsyncGenerator[Tenant]:
    """Until the block ends, before the simulator at `url`, with the database in that file."""
    network = transport or ChosenTransport()
    async with AsyncExitStack() as stack:
        database = await open_database(f"sqlite:///{path}")
        stack.push_async_callback(database.close)
        stack.push_async_callback(network.close)
        answers = await stack.enter_async_context(open_answers(database))
        gateway, household = gateway_for(settings_of(url, **server), network, answers=answers)
        yield Tenant(gateway, answers, household, database)
