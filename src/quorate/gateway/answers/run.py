"""One answer on its way without a client: its state, its events, and who follows them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from typing import Any

import msgspec

from quorate.engine.delivery import Delivery
from quorate.errors import QuorateError, StoreUnavailable, TooLarge, UpstreamBroken
from quorate.store.answers import KeptAnswer, add_events, change_running
from quorate.types.value import replace
from quorate.wire.framing import write_sse
from quorate.wire.json_fields import a_text, an_object
from quorate.wire.openai_faults import error_object
from quorate.wire.openai_responses.reply import Envelope
from quorate.wire.openai_responses.told import ENDS, Event, Retelling, read_head, retold

from .front import KeptFront, settings_of
from .keeper import MOST_BYTES, Keeper

EVENT_BYTES = MOST_BYTES
"""Of all events of one answer."""

_TRIES, _PAUSE = 6, 0.5
"""How often, and every how many seconds, it is tried to keep events; after that they are told unkept."""

_GATHER = 0.02
"""Seconds in which events are gathered to be kept together."""

_UNKEPT = 1024 * 1024
"""Bytes of events that may wait to be kept before the provider has to wait."""

_CREATED = "response.created"
_log = logging.getLogger("quorate.gateway")
_loads = msgspec.json.decode
_dumps = msgspec.json.encode


class Run:
    """Its row is what is kept of it, its task makes it."""

    def __init__(self, keeper: Keeper, row: KeptAnswer, front: KeptFront) -> None:
        self._keeper, self.row = keeper, row
        self._changes: Mapping[str, Any] = {"id": row.name, "background": True, **settings_of(front.asked)}
        self.task: asyncio.Task[None] | None = None
        self.is_ending = self._is_cancelled = self._is_heard = self._is_over = False
        self._events: list[Event] = []
        self._changed = asyncio.Event()
        self._waiting: list[Event] = []
        self._size = self._unkept = 0
        self._has_more, self._has_room = asyncio.Event(), asyncio.Event()
        self._told_error: dict[str, str] = {}
        """What the provider said of its failure."""

    async def announce(self) -> None:
        """The first events, where events are wanted."""
        state = _loads(self.row.answer)
        await self._tell(_CREATED, state)
        await self._tell("response.queued", state)

    async def start(self) -> None:
        """It is begun."""
        await self._stand(_state(self.row, status="in_progress"))

    async def take(self, delivery: Delivery) -> None:
        """The answer as it comes, up to its end."""
        self.row = replace(self.row, provider=delivery.provider)
        if delivery.pieces is None:
            response = retold(delivery.body, self._changes)
            head = read_head(response)
            if head is None:
                raise UpstreamBroken("the answer is no response")
            await self._stand(replace(self.row, status=head.status, answer=response.decode(errors="replace")))
            return
        failure: QuorateError | None = None
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_on())
            try:
                await self._hear(delivery.pieces)
            except QuorateError as error:
                failure = error
            self._is_heard = True
            self._has_more.set()
        if self.row.is_running:
            raise failure or UpstreamBroken("the answer broke off")

    async def _hear(self, pieces: AsyncIterator[bytes]) -> None:
        retelling = Retelling(self._changes, first=len(self._events), without=(_CREATED,))
        async for piece in pieces:
            for event in retelling.events_of(piece):
                self._waiting.append(event)
                self._size += len(event.data)
                self._unkept += len(event.data)
                if event.type == "error":
                    told = an_object(_loads(event.data))
                    self._told_error = {name: a_text(told.get(name)) for name in ("code", "message")}
            if self._size > EVENT_BYTES:
                raise TooLarge(f"the answer has more than {EVENT_BYTES} bytes of events", limit=EVENT_BYTES)
            self._has_more.set()
            if self._unkept > _UNKEPT:
                self._has_room.clear()
                await self._has_room.wait()

    async def _keep_on(self) -> None:
        """Keep events as they come, a few at once, then tell them; until all are heard and kept."""
        while self._waiting or not self._is_heard:
            await self._has_more.wait()
            if not self._is_heard:
                await asyncio.sleep(_GATHER)
                self._has_more.clear()
            events, self._waiting, self._unkept = self._waiting, [], 0
            self._has_room.set()
            await self._kept(events)

    async def _kept(self, events: Sequence[Event]) -> None:
        """Keep these, and with the last of all the answer itself; then tell them."""
        ended = next((event for event in events if event.type in ENDS), None)
        row = self.row
        if ended is not None and (head := read_head(ended.response)) is not None:
            row = replace(row, status=head.status, answer=ended.response.decode(errors="replace"))
        await self._stand(row, events)

    async def _stand(self, row: KeptAnswer, events: Sequence[Event] = ()) -> None:
        """That is how it stands, after these events."""
        self.is_ending = not row.is_running
        kept = [(event.sequence, event.data.decode(errors="replace")) for event in events if row.stream]
        await self._write(row, kept)
        self.row = row
        if row.stream:
            self._events += events
        self._wake()

    async def _write(self, row: KeptAnswer, events: Sequence[tuple[int, str]]) -> None:
        for _ in range(_TRIES):
            try:
                async with self._keeper.database.write() as connection:
                    await add_events(connection, row.scope, row.id, events)
                    if row is not self.row:
                        await change_running(connection, row)
                return
            except StoreUnavailable as error:
                _log.warning("an answer in the background waits to be kept: %s", error)
                await asyncio.sleep(_PAUSE)
        if row is not self.row:
            self._keeper.put(row)

    async def fail(self, error: QuorateError) -> None:
        """It came to nothing."""
        if not self.row.is_running:
            return
        told = error_object(error)
        words = {"code": told["code"], "message": told["message"]}
        row = _state(self.row, status="failed", error=self._told_error or words)
        await self._stand(row, self._last("response.failed", row))

    async def leave(self) -> None:
        """It was stopped: by its client, or with the server."""
        if not self.row.is_running:
            return
        status = "cancelled" if self._is_cancelled else "failed"
        await self._stand(stopped(self.row, status, "the gateway was stopped while it made this answer"))

    def cancel(self) -> None:
        """Its client wants it no more."""
        self._is_cancelled = True
        if self.task is not None:
            self.task.cancel()

    def close(self) -> None:
        """Nothing more comes."""
        self._is_over = True
        self._wake()

    async def follow(self, after: int) -> AsyncGenerator[bytes]:
        """Events beyond that number, from the first to the last."""
        place = 0
        while True:
            changed, is_over = self._changed, self._is_over
            while place < len(self._events):
                event = self._events[place]
                place += 1
                if event.sequence > after:
                    yield write_sse(event.data, event.type)
            if is_over or not self.row.is_running:
                return
            await changed.wait()

    async def _tell(self, kind: str, state: Mapping[str, Any]) -> None:
        if self.row.stream:
            await self._stand(self.row, [_event(kind, len(self._events), state)])

    def _last(self, kind: str, row: KeptAnswer) -> list[Event]:
        return [_event(kind, len(self._events), _loads(row.answer))]

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


def first_state(front: KeptFront, name: str, model: str) -> str:
    """The response before anybody works at it."""
    envelope = Envelope(front.echo, name, model, int(time.time()), {})
    return _dumps(envelope.running({}) | {"status": "queued", "background": True}).decode()


def stopped(row: KeptAnswer, status: str, why: str) -> KeptAnswer:
    """An answer that ends without having been made."""
    if status == "cancelled":
        return _state(row, status=status)
    return _state(row, status=status, error={"code": "server_error", "message": why})


def _state(row: KeptAnswer, **changes: Any) -> KeptAnswer:
    told = retold(row.answer.encode(), changes)
    return replace(row, status=changes["status"], answer=told.decode())


def _event(kind: str, number: int, state: Mapping[str, Any]) -> Event:
    data = _dumps({"type": kind, "sequence_number": number, "response": state})
    return Event(type=kind, sequence=number, data=data)
