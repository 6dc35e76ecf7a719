"""A client's call answered in the client's own protocol, by one of two roads chosen for each target.

A target of the same protocol gets the client's bytes, and its bytes go back: only the model's name is another.
For any other target the call is translated, and so is the answer. A call may fall back from one to the other.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterator
from functools import cached_property, lru_cache
from typing import Any, Literal

import msgspec

from quorate.errors import InvalidRequest, QuorateError, Unsupported, UpstreamBroken
from quorate.transport.seam import Arrival
from quorate.types.chat import ChatReply, ChatRequest, Finish
from quorate.types.events import Event, ReplyEnd, ReplyStart
from quorate.types.recall import recalled
from quorate.types.target import Quirks, Target
from quorate.types.usage import Usage
from quorate.types.value import replace
from quorate.wire.seam import Call, Front, StreamWriter, Wire, WireAnswer, WireRequest, Wires

from .call import AttemptBooks, Bound
from .delivery import Delivery, delivery
from .estimate import spent_so_far
from .exchange import Streamed, Whole
from .guard import Guards
from .lowering import lowered
from .relay import RelayStream
from .respell import respelt
from .stated import with_stated
from .unspoken import unspoken


class Forwarded:
    """One call of a client. `front` is that of `wire`, the protocol it speaks."""

    def __init__(
        self,
        call: Call,
        wire: Wire,
        front: Front,
        wires: Wires,
        *,
        identity: str,
        created: int,
        honoured: Collection[str] = (),
    ) -> None:
        """`identity` and `created` (Unix seconds) are told of a translated answer that has none of its own.

        `honoured` are fields of the protocol that are done here, whatever a target of another knows of them.
        Raises `InvalidRequest` for a call of which not even an outline can be made.
        """
        self._call, self._wire, self._front, self._wires = call, wire, front, wires
        self._identity, self._created, self._honoured = identity, created, honoured
        self.outline = front.outline(call)
        self.model = self.outline.model
        self._relayed: RelayStream | None = None
        self._pieces: AsyncGenerator[bytes] | None = None
        self._is_verbatim = False
        self._guards: Guards | None = None
        self._guarded: AsyncGenerator[Event] | None = None

    async def guard(self, guards: Guards) -> None:
        """From here on the call passes these, and so goes by our own words. Raises what one of them refuses it with."""
        request = await guards.before(self._front.read_request(self._call))
        self._translated = (Streamed if self.outline.stream else Whole)(request, self._wires)
        self._guards, self.model = guards, request.model

    @cached_property
    def _translated(self) -> Whole | Streamed:
        """The call in our own words. Raises `InvalidRequest`."""
        request = self._front.read_request(self._call)
        return (Streamed if self.outline.stream else Whole)(request, self._wires)

    @property
    def _request(self) -> ChatRequest | None:
        """None where only the target may know what the call means."""
        try:
            return self._translated.request
        except (InvalidRequest, Unsupported):
            return None

    @property
    def tier(self) -> str:
        """The service tier that the call asks for: it has a price of its own."""
        if b'"service_tier"' not in self._call.body or (request := self._request) is None:
            return ""
        return request.service_tier

    @property
    def road(self) -> Literal["relayed", "translated"]:
        """Which one the last attempt took."""
        return "relayed" if self._is_verbatim else "translated"

    def bound(self) -> Bound:
        if self._request is None:
            return Bound(size=self.outline.size, max_output=self.outline.max_output)
        return self._translated.bound()

    def write(self, target: Target) -> WireRequest:
        self._relayed = self._pieces = None
        redirected = self._redirected(target)
        self._is_verbatim = redirected is not None
        return self._translate(target) if redirected is None else redirected

    def _translate(self, target: Target) -> WireRequest:
        """The call in another protocol's words, or in this one's without the client's bytes."""
        request, lost = lowered(self._translated.request, target, self.outline.model)
        written = self._translated.write(target, request)
        lost += unspoken(request.vendor, target.wire, self._honoured)
        return replace(written, fidelity=(*written.fidelity, *lost)) if lost else written

    def _redirected(self, target: Target) -> WireRequest | None:
        """The client's bytes for that target; None where they must be translated."""
        if self._guards is not None or not self._is_own(target) or target.defaults:
            return None
        if not target.quirks.verbatim or rewrites(target.quirks, self._call.body):
            return None
        try:
            written = self._front.redirect(self._call, target)
        except Unsupported:
            return None
        if not target.quirks.rename:
            return written
        body = respelt(written.body, target.quirks.rename)
        return None if body is None else replace(written, body=body)

    async def read(
        self, arrival: Arrival, target: Target, written: WireRequest, books: AttemptBooks
    ) -> Delivery:
        if self._is_verbatim:
            if self.outline.stream:
                return await self._relay(arrival, written, books)
            return await self._pass_whole(arrival, target, books)
        exchange = self._translated
        if isinstance(exchange, Whole):
            reply = await exchange.read(arrival, target, written, books)
            seen = reply if self._guards is None else await self._guards.after(reply)
            told = replace(seen, **self._named(seen))
            answer = self._front.write_reply(told if self._is_own(target) else _abroad(told), self._call)
            return delivery(books, answer.headers, body=answer.body, cost=reply.cost)
        events: AsyncIterator[Event] = await exchange.read(arrival, target, written, books)
        writer = self._front.stream_writer(self._call)
        if self._guards is not None:
            events = self._guarded = self._guards.events(events)
        self._pieces = self._written(events, writer, is_own=self._is_own(target))
        return delivery(books, {"content-type": writer.content_type}, pieces=self._pieces)

    def _named(self, told: ChatReply | ReplyStart) -> dict[str, Any]:
        """An id and a date for an answer of a protocol that has none: clients of others count on them."""
        return {"id": told.id or self._identity, "created": told.created or self._created}

    def _is_own(self, target: Target) -> bool:
        return target.wire == self._wire.name

    async def _written(
        self, events: AsyncIterator[Event], writer: StreamWriter, *, is_own: bool
    ) -> AsyncGenerator[bytes]:
        """The answer in the client's protocol; a failure on the way in that protocol's own words."""
        try:
            async for event in events:
                match event:
                    case ReplyStart():
                        told: Event = replace(event, **self._named(event))
                    case ReplyEnd() if not is_own:
                        finishes = tuple(map(_in_our_words, event.finishes))
                        told = replace(event, finish=_in_our_words(event.finish), finishes=finishes)
                    case _:
                        told = event
                if data := writer.write(told):
                    yield data
            if data := writer.close():
                yield data
        except QuorateError as error:
            yield writer.fail(error)

    async def _relay(self, arrival: Arrival, written: WireRequest, books: AttemptBooks) -> Delivery:
        self._relayed = RelayStream(
            chunks=arrival.chunks(),
            framing=written.framing,
            reader=self._wire.codec.stream_reader(),
            size=self._size,
            books=books,
            fail=lambda error: self._front.stream_writer(self._call).fail(error),
            hide=written.hide,
        )
        await self._relayed.begin()
        self._pieces = self._relayed.pieces()
        kind = arrival.headers.get("content-type") or self._front.stream_writer(self._call).content_type
        return delivery(books, {"content-type": kind}, pieces=self._pieces)

    async def _pass_whole(self, arrival: Arrival, target: Target, books: AttemptBooks) -> Delivery:
        body = await arrival.read()
        receipt = books.settle(with_stated(self._usage_of(arrival, body), target, arrival.headers))
        kind = {"content-type": arrival.headers.get("content-type") or "application/json"}
        return delivery(books, kind, body=body, cost=receipt.cost)

    def _usage_of(self, arrival: Arrival, body: bytes) -> Usage:
        """What a whole answer used. An answer that is not even JSON is none."""
        glance = self._wire.glance
        if glance is not None and (seen := glance(body)) is not None:
            return seen
        answer = WireAnswer(status=arrival.status, headers=dict(arrival.headers), body=body)
        try:
            reply = self._wire.codec.read_reply(answer)
        except UpstreamBroken:
            if not _is_json(answer.body):
                raise
            return spent_so_far(self._size(), ())
        if reply.usage.quality != "missing":
            return reply.usage
        return self._guessed(len(reply.text.encode()))

    def _guessed(self, written: int) -> Usage:
        guess = spent_so_far(self._size() + written, ())
        asked = spent_so_far(self._size(), ())
        return Usage(input=asked.input, output=guess.input - asked.input, quality="estimated")

    def _size(self) -> int:
        return self.outline.size if self._request is None else self._translated.bound().size

    def used(self) -> Usage:
        if self._relayed is not None:
            return self._relayed.used()
        return spent_so_far(self._size(), ()) if self._is_verbatim else self._translated.used()

    async def leave(self) -> None:
        if self._pieces is not None:
            await self._pieces.aclose()
        if self._guarded is not None:
            await self._guarded.aclose()
        if not self._is_verbatim:
            await self._translated.leave()


def _abroad(reply: ChatReply) -> ChatReply:
    """A reply for clients of another protocol than the one it came in."""
    others = tuple(replace(each, finish=_in_our_words(each.finish)) for each in reply.alternatives)
    return replace(reply, finish=_in_our_words(reply.finish), alternatives=others)


def _in_our_words(finish: Finish) -> Finish:
    """Without one protocol's word for it, which clients of another may take for one of theirs."""
    return replace(finish, raw="")


def rewrites(quirks: Quirks, body: bytes) -> bool:
    """Do the quirks change a field that the body has, or add one that it lacks? Other names for fields do not count."""
    touched = _touched(quirks)
    if not quirks.defaults and (touched is None or touched.search(body) is None):
        return False
    for name in quirks.drop:
        if _has(body, name):
            return True
    for name, (least, most) in quirks.clamp.items():
        if name.encode() in body and not all(least <= each <= most for each in _numbers(body, name)):
            return True
    return any(isinstance(value, dict) or not _has(body, name) for name, value in quirks.defaults.items())


@recalled
def _touched(quirks: Quirks) -> re.Pattern[bytes] | None:
    """The names of all fields that are dropped or clamped, sought at once: bodies are long, and have none of them."""
    names = (*quirks.drop, *quirks.clamp)
    return re.compile(b"|".join(re.escape(name.encode()) for name in names)) if names else None


def _has(body: bytes, name: str) -> bool:
    """A field of that name, at whatever depth."""
    return name.encode() in body and _field(name).search(body) is not None


def _numbers(body: bytes, name: str) -> Iterator[float]:
    """What fields of that name hold, at whatever depth, where it is a number."""
    return (float(each) for each in _numeric(name).findall(body))


@lru_cache(maxsize=256)
def _numeric(name: str) -> re.Pattern[bytes]:
    return re.compile(rb'"' + re.escape(name.encode()) + rb'"\s*:\s*(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)')


@lru_cache(maxsize=256)
def _field(name: str) -> re.Pattern[bytes]:
    return re.compile(rb'"' + re.escape(name.encode()) + rb'"\s*:')


def _is_json(body: bytes) -> bool:
    try:
        msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return True
