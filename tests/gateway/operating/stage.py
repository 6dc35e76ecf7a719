"""A gateway with all that tells its operator, on a store of its own; and records of calls that never were."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from quorate.assemble import assemble
from quorate.gateway.app import Gateway
from quorate.gateway.background import Background
from quorate.gateway.callers import Caller, KeyRing, hash_of
from quorate.gateway.handlers import HANDLERS
from quorate.gateway.journal import Journal
from quorate.gateway.limits import Limits
from quorate.gateway.operating.logs import STDERR
from quorate.gateway.operating.watch import Surroundings, Watch, watched
from quorate.gateway.record import AccessRecord
from quorate.gateway.traffic import Traffic
from quorate.gateway.visit import Services
from quorate.settings.settings import Settings
from quorate.store.database import Database, open_database
from quorate.transport.seam import Transport
from quorate.types.chat import AttemptRecord
from quorate.types.usage import Usage
from quorate.wire.wires import WIRES
from tests.gateway.house import HOST, call

ADMIN = "admin-key-of-the-tests-012345"
AS_ADMIN = {"host": HOST, "authorization": f"Bearer {ADMIN}"}
NOBODY = {"host": HOST}


@dataclass
class Operated:
    """A gateway and what stands around it."""

    gateway: Gateway
    watch: Watch
    journal: Journal
    database: Database
    draining: list[bool]

    async def scrape(self) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        """All series with their values."""
        self.journal.flush()
        answered = await call(self.gateway, "/metrics", method="GET", headers=AS_ADMIN)
        return series_of(answered.body.decode())


def series_of(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def total(series: Mapping[tuple[str, frozenset[tuple[str, str]]], float], name: str, **labels: str) -> float:
    """The sum of the series of that name which have these labels."""
    return sum(
        value
        for (each, told), value in series.items()
        if each == name and labels.items() <= dict(told).items()
    )


@asynccontextmanager
async def operated(
    settings: Settings,
    transport: Transport | None = None,
    *,
    host: str = "127.0.0.1",
    environment: Mapping[str, str] | None = None,
    shared: Path | None = None,
    worker: int = 0,
    log_to: int = STDERR,
) -> AsyncGenerator[Operated]:
    household = assemble(settings, environment={}, transport=transport)
    database = await open_database("sqlite://")
    callers, draining = KeyRing(), [False]
    callers.learn("test", {hash_of(ADMIN): Caller(scope="operator", key="admin", is_admin=True)})
    try:
        async with Background() as background:
            around = Surroundings(
                household=household,
                database=database,
                callers=callers,
                background=background,
                traffic=Traffic(),
                host=host,
                is_draining=lambda: draining[0],
                environment=environment or {},
                worker=worker,
                shared=shared,
                log_to=log_to,
            )
            async with watched(around) as watch:
                journal = Journal(watch.observers)
                services = _services(around, watch, journal)
                yield Operated(Gateway(household, services, host=host), watch, journal, database, draining)
                journal.flush()
    finally:
        await database.close()
        await household.transport.close()


def _services(around: Surroundings, watch: Watch, journal: Journal) -> Services:
    return Services(
        wires=WIRES,
        callers=around.callers,
        journal=journal,
        limits=Limits(),
        handlers=HANDLERS,
        mounts=watch.mounts,
        background=around.background,
        traffic=around.traffic,
    )


def attempt(target: str = "main/one", outcome: str = "answered", **more: Any) -> AttemptRecord:
    told: dict[str, Any] = {"seconds": 0.5, "began": 1.0, "status": 200}
    if outcome == "answered":
        told |= {"usage": Usage(input=10, cache_read=5, output=7, reasoning=3), "cost": Decimal("0.25")}
    return AttemptRecord(target=target, outcome=outcome, **(told | more))


def record(*trace: AttemptRecord, **more: Any) -> AccessRecord:
    """A call that took a second, with its first byte after a quarter of one."""
    made = AccessRecord("0190-of-the-tests", "POST", "/v1/chat/completions")
    made.began, made.first_byte, made.ended = 10.0, 10.25, 11.0
    made.protocol, made.operation, made.model, made.status = "openai_chat", "chat", "one", 200
    made.trace = list(trace)
    made.outcome = trace[-1].outcome if trace else "answered"
    if trace and trace[-1].outcome == "answered":
        made.provider, _, made.answered_model = trace[-1].target.partition("/")
    for name, value in more.items():
        setattr(made, name, value)
    return made


def pipe() -> tuple[int, int]:
    """A pipe's two ends: to read from without waiting, and to write to."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    return reading, writing
