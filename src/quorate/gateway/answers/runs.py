"""Makes answers that no client waits for: each event is kept before it is told, and a lost line is no loss."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Coroutine
from dataclasses import dataclass
from typing import Any

import msgspec

from quorate.assemble import Parts, new_context
from quorate.engine.delivery import Delivery
from quorate.engine.forwarded import Forwarded
from quorate.errors import QuorateError, RateLimited, StoreUnavailable
from quorate.gateway.background import Background
from quorate.gateway.callers import Caller
from quorate.gateway.journal import Journal
from quorate.gateway.limits import Limits
from quorate.gateway.record import AccessRecord
from quorate.store.answers import KeptAnswer, find_answer, list_events, renew_leases
from quorate.store.identity import new_identity
from quorate.store.times import SECOND, now
from quorate.types.target import Context
from quorate.types.value import replace
from quorate.wire.framing import write_sse

from .front import KeptFront
from .keeper import Keeper
from .run import Run, first_state, stopped

LONGEST = 3600.0
"""Seconds that the making of one answer may take."""

LEASE = 30
"""Seconds after which an answer of which nothing was heard is thought to be made no more."""

_RENEW_EVERY = LEASE / 4
_LOOK_EVERY = 0.3
_GRACE = 5.0
_EVENTS = {"content-type": "text/event-stream"}
_OURS = QuorateError("the gateway failed")
_log = logging.getLogger("quorate.gateway")


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What is to be made, and what is needed for it when the call that asked for it is over."""

    passage: Forwarded
    front: KeptFront
    caller: Caller
    record: AccessRecord
    """Of the call that asked for it."""
    parts: Parts
    journal: Journal
    limits: Limits


class Runs:
    """Those of this process, and a way to the others'."""

    def __init__(self, keeper: Keeper, background: Background) -> None:
        self._keeper, self._background = keeper, background
        self._active: dict[str, Run] = {}

    def __len__(self) -> int:
        return len(self._active)

    async def begin(self, order: Order, row: KeptAnswer) -> KeptAnswer:
        """Begin to make it; it is kept as queued already. Raises `RateLimited`, `StoreUnavailable`."""
        most = order.parts.settings.server.background_runs
        if len(self._active) >= most:
            raise RateLimited(f"{most} answers are made in the background already", retry_after=5.0)
        row = replace(
            row,
            background=True,
            stream=order.passage.outline.stream,
            lease_until=now() + LEASE * SECOND,
            answer=first_state(order.front, row.name, order.passage.model),
        )
        run = Run(self._keeper, row, order.front)
        self._active[row.id] = run
        try:
            await self._keeper.insert(row)
            await run.announce()
        except BaseException:
            del self._active[row.id]
            raise
        run.task = self._background.start(lambda: self._make(run, order), f"making '{row.name}'")
        run.task.add_done_callback(lambda _: self._active.pop(row.id, None))
        return row

    async def _make(self, run: Run, order: Order) -> None:
        """All of it. Whatever happens, what came of it is kept."""
        context = _context(order)
        record = _record(order, context)
        try:
            await run.start()
            async with order.parts.engine.forward(order.passage, context) as delivery:
                record.provider, record.answered_model = delivery.provider, delivery.model
                record.fidelity, record.road = delivery.fidelity, order.passage.road
                await run.take(delivery)
        except asyncio.CancelledError:
            record.outcome = "left"
            await _to_its_end(run.leave())
            raise
        except QuorateError as error:
            record.fail(error)
            await _to_its_end(run.fail(error))
        except Exception:  # noqa: BLE001 whatever it was, the client is to hear of an end
            _log.exception("making '%s' failed by a fault of the gateway's own", run.row.name)
            record.fail(_OURS)
            await _to_its_end(run.fail(_OURS))
        finally:
            run.close()
            record.end()
            order.journal.add(record)
            order.limits.used(order.caller, sum(each.usage.total for each in context.trace))

    async def current(self, row: KeptAnswer) -> KeptAnswer:
        """How it stands: one that nobody makes any more has failed."""
        if not row.is_running or row.id in self._active or row.lease_until > now():
            return row
        failed = stopped(row, "failed", "the gateway that made this answer was stopped")
        if await self._keeper.change(failed):
            return failed
        return await self._keeper.find(row.scope, row.name) or failed

    async def cancel(self, row: KeptAnswer) -> KeptAnswer:
        """Stop it; what is at its end stays as it is."""
        run = self._active.get(row.id)
        if run is not None and run.task is not None:
            run.cancel()
            await asyncio.wait([run.task], timeout=_GRACE)
            row = run.row
        if not row.is_running:
            return row
        cancelled = stopped(row, "cancelled", "")
        if await self._keeper.change(cancelled):
            return cancelled
        return await self._keeper.find(row.scope, row.name) or cancelled

    def streamed(self, row: KeptAnswer, model: str, after: int = -1) -> Delivery:
        """Its events beyond the number `after`: those there are, and those to come."""
        return Delivery(
            headers=_EVENTS, provider=row.provider, model=model, attempts=0, pieces=self._follow(row, after)
        )

    async def _follow(self, row: KeptAnswer, after: int) -> AsyncGenerator[bytes]:
        run = self._active.get(row.id)
        if run is not None:
            async for piece in run.follow(after):
                yield piece
            return
        while True:
            async with self._keeper.database.read() as connection:
                found = await find_answer(connection, row.scope, row.name)
                events = await list_events(connection, row.scope, row.id, after=after)
            for number, data in events:
                after = number
                yield _frame(data.encode())
            if not events:
                if found is None or not (await self.current(found)).is_running:
                    return
                await asyncio.sleep(_LOOK_EVERY)

    async def keep_up(self) -> None:
        """Say that what is made here is still made; stop what was cancelled elsewhere. Runs until it is cancelled."""
        while True:
            await asyncio.sleep(_RENEW_EVERY)
            if self._active:
                await self._renew()

    async def _renew(self) -> None:
        mine = dict(self._active)
        try:
            async with self._keeper.database.write() as connection:
                alive = await renew_leases(connection, list(mine), now() + LEASE * SECOND)
        except StoreUnavailable as error:
            _log.warning("answers made in the background cannot be kept up: %s", error)
            return
        for identity, run in mine.items():
            if identity not in alive and not run.is_ending:
                run.cancel()


async def _to_its_end(last: Coroutine[Any, Any, None]) -> None:
    """The last that is kept of an answer, also where the server is stopped at that moment."""
    keeping = asyncio.ensure_future(last)
    try:
        await asyncio.shield(keeping)
    except asyncio.CancelledError:
        await asyncio.wait([keeping], timeout=_GRACE)
        raise


def _context(order: Order) -> Context:
    context = new_context(order.parts.settings, timeout=LONGEST)
    patient = replace(context.timeouts, first_byte=LONGEST)
    return replace(context, scope=order.caller.scope, timeouts=patient)


def _record(order: Order, context: Context) -> AccessRecord:
    """A record of its own: that of the call which asked for it has ended."""
    asked = order.record
    record = AccessRecord(new_identity(), asked.method, asked.path)
    record.identity, record.scope, record.key = asked.identity, asked.scope, asked.key
    record.protocol, record.operation = asked.protocol, asked.operation
    record.model, record.stream, record.trace = asked.model, asked.stream, context.trace
    return record


class _Typed(msgspec.Struct):
    type: str = ""


_read_typed = msgspec.json.Decoder(_Typed).decode


def _frame(data: bytes) -> bytes:
    return write_sse(data, _read_typed(data).type)
