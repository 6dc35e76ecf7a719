"""A gateway with a store of its own and its admin API, for a test each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from quorate.assemble import assemble
from quorate.gateway.app import Gateway
from quorate.gateway.opening import Opened, Place, opened, prepare
from quorate.gateway.stored_keys import FirstKeys
from quorate.sim.simulator import Simulator
from quorate.types.secret import Secret
from quorate.wire.wires import WIRES
from tests.gateway.house import HOST, Answered, call, route, settings_for


@dataclass
class Office:
    """The gateway as its admin calls it."""

    gateway: Gateway
    opened: Opened
    first: FirstKeys
    key: str
    sim: Simulator

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        query: str = "",
        headers: dict[str, str] | None = None,
    ) -> tuple[Answered, Any]:
        """One call of the admin API; the answer, and its JSON."""
        shown = {"authorization": f"Bearer {self.key if key is None else key}"} if key != "" else {}
        sent = b"" if body is None else msgspec.json.encode(body)
        told = {"host": HOST, "content-type": "application/json"} | shown | (headers or {})
        answered = await call(self.gateway, path, sent, method=method, headers=told, query=query)
        return answered, msgspec.json.decode(answered.body) if answered.body else None


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with Simulator(seed=7, speed=0) as sim:
        routes = {"fast": route("sim-openai/sim-swift", "sim-anthropic/sim-swift")}
        settings = settings_for(
            sim.url, routes=routes, aliases={"gpt-*": "route/fast"}, server={"keep_bodies": "whole"}
        )
        household = assemble(settings, environment={})
        place = Place(url=Secret(f"sqlite:///{tmp_path / 'quorate.db'}"), wires=WIRES, host="127.0.0.1")
        first, _ = await prepare(place.url, with_caller=True)
        assert first is not None
        async with opened(household, place) as made:
            yield Office(
                gateway=Gateway(household, made.services, host="127.0.0.1"),
                opened=made,
                first=first,
                key=first.admin.reveal(),
                sim=sim,
            )
        await household.transport.close()
