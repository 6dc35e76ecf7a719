"""Calls that name themselves: `Idempotency-Key`. A repeat joins the one under way, or gets its answer again.

The work belongs to no call: it runs by itself while anybody reads it, and its answer is kept in the store, where
other workers and later starts find it.
"""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import re
from collections.abc import Awaitable
from hashlib import sha256
from http import HTTPStatus

import msgspec

from quorate.errors import (
    InvalidRequest,
    QuorateError,
    StillRunning,
    StoreUnavailable,
    StreamInterrupted,
)
from quorate.store.database import Database
from quorate.store.identity import new_identity
from quorate.store.repeats import Claim, KeptAnswer
from quorate.store.times import SECOND, now
from quorate.types.value import replace
from quorate.wire.multipart import boundary_of, is_form
from quorate.wire.seam import Call

from .background import Background
from .claims import Claims, reused
from .intake import too_deep
from .outlet import Outlet
from .record import AccessRecord
from .sharing import Head, Held, Reader, Shared
from .visit import Handler, Visit

HEADER = "idempotency-key"
REPLAYED = "x-quorate-replayed"

_SETTLE = 5.0
"""Seconds for the store to take an answer."""

_LATER = 5.0
_MOST_OVER = 256
"""Answers that the store did not take, and that are held in this process."""

_SLICE = 64 * 1024
_HOUR = 3600 * SECOND
_NAME = re.compile(r"[\x21-\x7e]{1,255}")
_TOLD = ("provider", "answered_model", "fidelity", "road", "decision", "tags")
"""What of the work's record stands in that of everyone who gets the answer."""

_log = logging.getLogger("quorate.gateway")


def idempotent(handler: Handler) -> Handler:
    """The handler, which answers calls that name themselves only once. Others pay for one look at their headers."""

    def answer(visit: Visit) -> Awaitable[None]:
        repeats = visit.services.repeats
        if HEADER not in visit.call.headers or repeats is None:
            return handler(visit)
        return repeats.answer(visit, handler)

    return answer


class _Recorder(Outlet):
    """An outlet nobody listens at: it needs no sign of life."""

    async def _live(self) -> None:
        return


@dataclasses.dataclass(kw_only=True, eq=False)
class _Work:
    claim: Claim
    shared: Shared
    record: AccessRecord
    """The work's own, with a trace of its own: it belongs to none of the calls."""
    expires_at: int
    task: asyncio.Task[None] | None = None
    readers: int = 0
    is_claimed: bool = False
    """The store knows of it."""
    is_replay: bool = False
    is_booked: bool = False
    """Some call has the attempts in its trace."""


class StoredRepeats:
    """All such calls of this process."""

    def __init__(self, database: Database, background: Background) -> None:
        self._claims, self._background = Claims(database), background
        self._works: dict[tuple[str, str], _Work] = {}
        self._held = Held()

    async def answer(self, visit: Visit, handler: Handler) -> None:
        """Raises `KeyReused`, `StillRunning`, and whatever the work came to."""
        name = visit.call.headers[HEADER]
        hours = visit.parts.settings.store.repeats_hours
        if not hours:
            await handler(visit)
            return
        if not _NAME.fullmatch(name):
            raise InvalidRequest(f"'{HEADER}' has 1 to 255 printable ASCII characters", where=HEADER)
        claim = Claim(
            scope=visit.caller.scope, name=name, fingerprint=fingerprint(visit), owner=new_identity()
        )
        work, is_first = self._found(claim), False
        if work is None:
            work, is_first = self._begin(claim, visit, handler, hours), True
        await self._follow(work, visit, is_first=is_first)

    def _found(self, claim: Claim) -> _Work | None:
        """The work of that name, if there is one. Raises `KeyReused`, `StillRunning`."""
        work = self._works.get((claim.scope, claim.name))
        if work is None:
            return None
        if work.shared.is_over and work.expires_at <= now():
            self._forget(work)
            return None
        if work.claim.fingerprint != claim.fingerprint:
            raise reused(claim)
        if not work.shared.is_complete:
            raise StillRunning("the answer to this call is too long to be joined", retry_after=_LATER)
        return work

    def _begin(self, claim: Claim, visit: Visit, handler: Handler, hours: float) -> _Work:
        self._make_room()
        shared = Shared(self._held)
        record = AccessRecord(visit.record.id, visit.record.method, visit.record.path)
        for name in ("identity", "scope", "key", "protocol", "operation"):
            setattr(record, name, getattr(visit.record, name))
        context = replace(visit.context, trace=[])
        record.trace = context.trace
        own = Visit(
            call=visit.call,
            found=visit.found,
            caller=visit.caller,
            context=context,
            parts=visit.parts,
            outlet=_Recorder(shared.send, record),
            record=record,
            services=visit.services,
        )
        work = _Work(claim=claim, shared=shared, record=record, expires_at=now() + round(hours * _HOUR))
        self._works[claim.scope, claim.name] = work
        work.task = self._background.start(lambda: self._run(work, handler, own), "a call that names itself")
        return work

    def _make_room(self) -> None:
        """Answers that the store did not take are held here for as long as there is room."""
        over = [each for each in self._works.values() if each.shared.is_over and not each.readers]
        for number, work in enumerate(over):
            if len(over) - number < _MOST_OVER and not self._held.is_full:
                break
            self._forget(work)

    def _forget(self, work: _Work) -> None:
        place = (work.claim.scope, work.claim.name)
        if self._works.get(place) is work:
            del self._works[place]
            work.shared.forget()

    async def _follow(self, work: _Work, visit: Visit, *, is_first: bool) -> None:
        """Hand the answer on, from its first byte; when the last who reads it goes, the work ends."""
        reader = Reader(work.shared)
        work.readers += 1
        try:
            head = await reader.head()
            told = work.record
            visit.asks_for(told.model, stream=told.stream)
            for name in _TOLD:
                setattr(visit.record, name, getattr(told, name))
            is_repeat = work.is_replay or not is_first
            if is_repeat:
                visit.record.decision = "replayed"
            await _hand_on(head, reader, visit.outlet, {REPLAYED: "true"} if is_repeat else {})
        finally:
            visit.record.model = visit.record.model or work.record.model
            reader.leave()
            await self._left(work, visit)

    async def _left(self, work: _Work, visit: Visit) -> None:
        work.readers -= 1
        if not work.readers and not work.shared.is_over and work.task is not None:
            self._forget(work)
            work.task.cancel()
            await asyncio.wait([work.task])
        if work.shared.is_over and not work.is_booked:
            work.is_booked = True
            visit.context.trace.extend(work.record.trace)

    async def _run(self, work: _Work, handler: Handler, visit: Visit) -> None:
        failure: QuorateError | None = None
        try:
            await self._answer(work, handler, visit)
        except asyncio.CancelledError:
            failure = StreamInterrupted("the answer was given up")
            raise
        except QuorateError as error:
            failure = error
        except RecursionError:
            failure = too_deep()
        except Exception:  # noqa: BLE001 as for any call: whoever waits is told no more than that
            _log.exception("a call that names itself failed by a fault of the gateway's own")
            failure = QuorateError("the gateway failed")
        finally:
            work.shared.finish(failure)
            if not _is_worth_keeping(work):
                self._forget(work)  # at once: who asks again is to begin anew, not to join a failure
            try:
                async with asyncio.timeout(_SETTLE):
                    is_stored = await self._settle(work)
            except (StoreUnavailable, TimeoutError) as error:
                _log.warning("an answer is kept in this process alone: %s", error)
                is_stored = False
            if is_stored:
                self._forget(work)

    async def _answer(self, work: _Work, handler: Handler, visit: Visit) -> None:
        """With the answer that the store has, or by the handler."""
        standing = await self._claims.stake(work.claim, work.expires_at)
        if standing is not None and standing.answered is not None:
            _replay(standing.answered, work)
            return
        work.is_claimed = standing is not None
        if not work.is_claimed:
            await handler(visit)
            return
        renewing = self._background.start(lambda: self._claims.renew(work.claim), "renewing a claim")
        try:
            await handler(visit)
        finally:
            renewing.cancel()

    async def _settle(self, work: _Work) -> bool:
        """Keep the answer, or free the name. Whether the store knows all there is to know."""
        head, record = work.shared.head, work.record
        if not work.is_claimed:
            return work.is_replay
        if head is None or not _is_worth_keeping(work):
            await self._claims.give_up(work.claim)
            return True
        answer = KeptAnswer(
            status=head.status,
            headers=head.headers,
            model=record.model,
            stream=not head.is_whole,
            body=work.shared.body,
        )
        await self._claims.keep(work.claim, answer, work.expires_at)
        return True


def fingerprint(visit: Visit) -> str:
    """Of all that makes the request what it is."""
    call: Call = visit.call
    told = msgspec.json.encode([visit.found.wire.name, call.method, call.path, sorted(call.query.items())])
    return sha256(told + b"\n" + lasting(call)).hexdigest()


def lasting(call: Call) -> bytes:
    """The body; of a form without its boundary, which clients draw anew for each try."""
    content_type = call.headers.get("content-type", "")
    if not is_form(content_type):
        return call.body
    return call.body.replace(boundary_of(content_type).encode(), b"")


def _is_worth_keeping(work: _Work) -> bool:
    """A whole answer of a success. What failed is tried again when it is asked again."""
    shared, trace = work.shared, work.record.trace
    if shared.head is None or shared.failure is not None or not shared.is_complete:
        return False
    return shared.head.status == HTTPStatus.OK and (not trace or trace[-1].outcome == "answered")


def _replay(answer: KeptAnswer, work: _Work) -> None:
    work.is_replay = True
    work.record.model, work.record.stream = answer.model, answer.stream
    work.shared.head = Head(status=answer.status, headers=answer.headers, is_whole=not answer.stream)
    for place in range(0, len(answer.body), _SLICE):
        work.shared.add(answer.body[place : place + _SLICE])


async def _hand_on(head: Head, reader: Reader, outlet: Outlet, more: dict[str, str]) -> None:
    headers = head.headers | more
    if head.is_whole:
        body = b"".join([piece async for piece in reader.pieces()])
        await outlet.whole(head.status, headers, body)
    else:
        await outlet.stream(headers, reader.pieces())
