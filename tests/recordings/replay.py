"""Replays one exchange through the codec and the front of its wire."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from traceback import extract_tb

from quorate.errors import QuorateError, UpstreamError
from quorate.types.events import Event, assemble
from quorate.types.value import Value
from quorate.wire.seam import Wire, WireAnswer

from .exchange import Exchange
from .recutting import cuttings
from .round_trips import reply_round_trip, request_round_trip, stream_round_trip
from .sorting import OURS, Kind
from .streams import merged, stream_events
from .verdict import Verdict, of_error, of_reply, of_work

STRUCTURED = re.compile(
    rb'"type":\s*"json_(?:schema|object)"|"response_?(?:json_?)?schema"|"output_format"'
    rb'|"response_?mime_?type":\s*"application/json"|"format":\s*(?:\{|"json")',
    re.IGNORECASE,
)
"""A request that asks for an answer in a form."""


class Replay(Value):
    """What our wire makes of an exchange, and which laws it kept on the way."""

    exchange: Exchange
    kind: Kind
    verdict: Verdict = Verdict()
    crash: str = ""
    """An exception that is none of ours."""
    chunking: str | None = None
    """'' where the law was kept, else what happened; None where it does not apply. So the next two."""
    request_trip: str | None = None
    reply_trip: str | None = None

    @property
    def is_structured(self) -> bool:
        return STRUCTURED.search(self.exchange.request) is not None


class _Read(Value):
    """What was read, and how the two laws of its road went."""

    verdict: Verdict
    chunking: str | None = None
    reply_trip: str | None = None


def replay(wire: Wire, exchange: Exchange, kind: Kind) -> Replay:
    """Never raises: a crash is a result too."""
    trip = None
    if kind.operation == "chat":
        trip = _survived(lambda: request_round_trip(wire, exchange))
    try:
        read = _read(wire, exchange, kind)
    except Exception as error:  # noqa: BLE001
        return Replay(exchange=exchange, kind=kind, crash=_crash(error), request_trip=trip)
    return Replay(
        exchange=exchange,
        kind=kind,
        verdict=read.verdict,
        chunking=read.chunking,
        request_trip=trip,
        reply_trip=read.reply_trip,
    )


def _crash(error: Exception) -> str:
    frames = extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"crash: {type(error).__name__}: {error}{place}"[:400]


def _survived(trip: Callable[[], str | None]) -> str | None:
    """A round trip's result; a crash on the way is one as well."""
    try:
        return trip()
    except Exception as error:  # noqa: BLE001
        return _crash(error)


def _read(wire: Wire, exchange: Exchange, kind: Kind) -> _Read:
    answer = WireAnswer(status=exchange.status, headers=exchange.headers, body=exchange.body)
    if exchange.status >= 400:
        return _Read(verdict=of_error(wire.codec.read_error(answer)))
    try:
        if (operation := OURS[kind.protocol][kind.operation]) != "chat":
            return _Read(verdict=of_work(wire.work[operation].read_reply(answer)))
        if kind.is_stream:
            return _streamed(wire, exchange, kind)
        reply = wire.codec.read_reply(answer)
    except UpstreamError as error:
        return _Read(verdict=of_error(error))
    trip = _survived(lambda: reply_round_trip(wire, exchange, reply))
    return _Read(verdict=of_reply(reply), reply_trip=trip)


def _streamed(wire: Wire, exchange: Exchange, kind: Kind) -> _Read:
    whole, *others = [
        _outcome(lambda chunks=chunks: stream_events(wire, chunks, kind.framing))
        for chunks in cuttings(exchange.body, exchange.name)
    ]
    chunking = next((_first_difference(whole, other) for other in others if other != whole), "")
    if isinstance(whole, str):
        return _Read(verdict=_failed(wire, exchange, kind), chunking=chunking)
    trip = _survived(lambda: stream_round_trip(wire, exchange, whole))
    return _Read(verdict=of_reply(assemble(whole)), chunking=chunking, reply_trip=trip)


def _outcome(read: Callable[[], list[Event]]) -> list[Event] | str:
    try:
        return merged(read())
    except QuorateError as error:
        return f"{type(error).__name__}: {error}"


def _failed(wire: Wire, exchange: Exchange, kind: Kind) -> Verdict:
    try:
        stream_events(wire, [exchange.body], kind.framing)
    except UpstreamError as error:
        return of_error(error)
    return Verdict(cannot="it failed once and not again")


def _first_difference(whole: list[Event] | str, other: list[Event] | str) -> str:
    if isinstance(whole, str) or isinstance(other, str):
        return f"{str(whole)[:150]} but cut {str(other)[:150]}"
    pairs = zip([*whole, None], [*other, None], strict=False)
    return next(
        (f"{mine!r} but cut {each!r}"[:300] for mine, each in pairs if mine != each), "lengths differ"
    )
