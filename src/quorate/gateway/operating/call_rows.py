"""A row of the store for each call, written in batches; and the rows that have been kept long enough, deleted."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from quorate.errors import StoreUnavailable
from quorate.gateway.record import AccessRecord
from quorate.store.call_row import CallRow, Written, written
from quorate.store.calls import add_written, size_of
from quorate.store.database import Database
from quorate.store.sweep import Retention, sweep
from quorate.store.times import SECOND, now
from quorate.store.writer import BatchWriter
from quorate.types.chat import AttemptRecord
from quorate.types.value import replace

from .health import Finding
from .spent import spent

FIRST_SWEEP, SWEEP_EVERY = 60.0, 3600.0
"""Seconds."""

_BATCH = 1000
"""Rows of one transaction at most: to begin one and end it costs as much as thirty rows."""

_SLICE = 50
"""Rows made ready in one turn of the loop."""

_log = logging.getLogger("quorate.gateway")


class CallRows:
    """An observer of calls. Start its `writer`, and close it when the last call has been told of."""

    def __init__(self, database: Database) -> None:
        async def write(rows: Sequence[CallRow]) -> None:
            ready = await _in_slices(rows)
            async with database.write() as connection:
                await add_written(connection, ready)

        self.writer = BatchWriter(write, size=size_of, batch=_BATCH)

    def take(self, records: Sequence[AccessRecord]) -> None:
        for record in records:
            if record.is_of_a_front:
                self.writer.put(row_of(record))

    def check(self) -> Finding:
        """For `/health`."""
        writer = self.writer
        return Finding(
            problem="the store does not answer; rows of calls wait" if writer.is_degraded else "",
            waiting=writer.waiting,
            lost=writer.dropped + writer.rejected,
        )


async def _in_slices(rows: Sequence[CallRow]) -> Written:
    """What the tables take: a few rows in each turn of the loop, since calls wait meanwhile."""
    ready = Written([], [])
    for start in range(0, len(rows), _SLICE):
        calls, attempts = written(rows[start : start + _SLICE])
        ready.calls.extend(calls)
        ready.attempts.extend(attempts)
        await asyncio.sleep(0)
    return ready


def row_of(record: AccessRecord) -> CallRow:
    trace = record.trace
    usage, cost = spent(trace)
    return CallRow(
        id=record.id,
        request_id=record.identity,
        started_at=int(record.started_at * SECOND),
        seconds=record.seconds,
        first_byte_seconds=record.first_byte_seconds,
        scope=record.scope,
        key_id=record.key,
        front=record.protocol,
        operation=record.operation,
        path=record.path,
        model=record.model,
        stream=record.stream,
        status=record.status,
        outcome=record.outcome,
        provider=record.provider,
        answered_model=record.answered_model,
        road=record.road,
        decision=record.decision,
        fidelity=record.fidelity,
        tags=record.tags,
        usage=replace(usage, vendor={}) if usage.vendor else usage,
        cost=cost,
        price_rule=trace[0].price_rule if len(trace) == 1 else _last_rule(trace),
        error=record.detail,
        attempts=tuple(trace),
    )


def _last_rule(trace: Sequence[AttemptRecord]) -> str:
    return next((each.price_rule for each in reversed(trace) if each.price_rule), "")


async def keep_swept(
    database: Database,
    retention: Callable[[], Retention],
    *,
    first: float = FIRST_SWEEP,
    every: float = SWEEP_EVERY,
) -> None:
    """Delete what is older than it may be, again and again. A store that is gone is asked again the next time."""
    pause = first
    while True:
        await asyncio.sleep(pause)
        pause = every
        try:
            deleted = await sweep(database, now(), retention())
        except StoreUnavailable as error:
            _log.warning("what was kept long enough is not deleted: %s", error)
            continue
        if any(deleted.values()):
            _log.info("kept long enough, deleted: %s", deleted)
