"""Puts together all that the operator is told by, opens it before the first call and closes it after the last."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from quorate.assemble import Household
from quorate.gateway.background import Background
from quorate.gateway.callers import KeyRing
from quorate.gateway.journal import Observer
from quorate.gateway.traffic import Traffic
from quorate.gateway.visit import App
from quorate.settings.settings import ServerSettings
from quorate.store.database import Database
from quorate.store.sweep import Retention

from .call_rows import CallRows, keep_swept
from .counted import Counted, sum_of
from .gauges import Gauges
from .health import Finding, Health
from .logs import STDERR, logged
from .pages import Door, Pages, operators_mounts
from .shared import WRITE_EVERY, Shared
from .spans import open_spans
from .tally import Tally
from .upstreams import Upstreams

_LAST_ROWS = 2.0
"""Seconds in which the last rows are written; a store that is gone shall not hold the process."""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What the parts that tell are handed."""

    household: Household
    database: Database
    callers: KeyRing
    background: Background
    traffic: Traffic
    host: str
    """What the gateway listens at."""
    is_draining: Callable[[], bool]
    environment: Mapping[str, str]
    worker: int = 0
    shared: Path | None = None
    """A folder that several workers have in common; None for one that is alone."""
    log_to: int = STDERR
    """The descriptor that lines of the log are written to."""


@dataclass(frozen=True, kw_only=True)
class Watch:
    """What stands: observers for the journal, applications for the mounts, a register of checks."""

    observers: tuple[Observer, ...]
    mounts: Mapping[str, App]
    health: Health
    rows: CallRows


@asynccontextmanager
async def watched(around: Surroundings) -> AsyncGenerator[Watch]:
    """Until the block ends. Flush the journal before that: the last calls are to be told of too.

    Raises `OperatorError` where the settings want what is not installed.
    """
    household = around.household
    async with AsyncExitStack() as stack:
        log = stack.enter_context(logged(household.parts.settings.server, around.log_to))
        health, rows, tally = Health(around.is_draining), CallRows(around.database), Tally()
        health.watch("providers", lambda: _providers(household), is_needed=True)
        health.watch("calls", rows.check)
        health.watch("log", log.check)
        observers: list[Observer] = [tally, *log.calls, rows]
        spans = open_spans(
            around.environment, Upstreams(household), otel=household.parts.settings.server.otel
        )
        if spans is not None:
            health.watch("spans", spans.check)
            stack.push_async_callback(asyncio.to_thread, spans.close)
            observers.append(spans)
        rows.writer.start()
        stack.push_async_callback(rows.writer.close, _LAST_ROWS)
        gauges = Gauges(health, around.traffic)
        own, others = _numbers(around, lambda: sum_of((tally.counted(), gauges.counted())))
        if around.worker == 0:
            around.background.start(
                lambda: keep_swept(around.database, lambda: _retention(household)), "deleting old rows"
            )
        yield Watch(
            observers=tuple(observers),
            mounts=operators_mounts(
                Pages(
                    health,
                    Door(around.callers, around.host, lambda: _server(household)),
                    own=own,
                    others=others,
                    traffic=around.traffic,
                    worker=around.worker,
                )
            ),
            health=health,
            rows=rows,
        )


def _numbers(
    around: Surroundings, count: Callable[[], Counted]
) -> tuple[Callable[[], Counted], Callable[[], list[Counted]]]:
    """How this worker's numbers and those of the others are come by."""
    if around.shared is None:
        return count, list[Counted]
    shared = Shared(around.shared, around.worker, count)

    async def keep() -> None:
        try:
            while True:
                shared.write()
                await asyncio.sleep(WRITE_EVERY)
        finally:
            shared.write()

    around.background.start(keep, "sharing metrics")
    return shared.own, shared.others


def _server(household: Household) -> ServerSettings:
    return household.current().settings.server


def _retention(household: Household) -> Retention:
    settings = household.current().settings
    return Retention(
        calls=settings.store.calls_days,
        answers=settings.server.answers_days,
        bodies=settings.store.bodies_days,
    )


def _providers(household: Household) -> Finding:
    is_any = bool(household.parts.directory.entries)
    return Finding(problem="" if is_any else "no provider is set up")
