"""What goes over the connection, step by step, and how a fault changes it. Nothing here is sent: it is decided.

A call that is well becomes `head, pieces, end`; each fault is a function from that to other steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from quorate.types.value import Value, replace

from .faults import Fault

PIECE = 64 * 1024
GARBAGE = b"\ndata: \xff\xfe\x00{garbled \xc3(\n\n"


class Head(Value):
    """Status and headers. `length` None: the body comes in chunks, until `End`."""

    status: int
    headers: dict[str, str]
    length: int | None = None


class Wait(Value):
    """Seconds in which nothing happens."""

    seconds: float


class Send(Value):
    """Bytes of the body."""

    data: bytes


class End(Value):
    """The body is whole, and the connection may serve again."""


class HangUp(Value):
    """Close the connection, whatever was promised."""


class Reset(Value):
    """Tear the connection down, so that the other side sees it reset."""


Step = Head | Wait | Send | End | HangUp | Reset


class Piece(Value):
    """Some bytes of an answer, and how many seconds it takes until they come."""

    data: bytes
    wait: float = 0.0


class Played(Value):
    """An answer before anything went wrong with it."""

    status: int
    headers: dict[str, str]
    pieces: Sequence[Piece]
    streamed: bool
    broken_off: Sequence[Piece] = ()
    """The first half of the answer with the protocol's own error after it."""

    @property
    def body(self) -> bytes:
        return b"".join(piece.data for piece in self.pieces)


def steps_of(played: Played, fault: Fault | None) -> Iterable[Step]:
    """What to send for that answer, with the fault in it if there is one."""
    if fault is None or fault.name not in _DAMAGES:
        return _well(played)
    return _DAMAGES[fault.name](played, fault)


def _well(played: Played) -> Iterator[Step]:
    if not played.streamed:  # of a whole answer the head, too, comes only when it is ready
        yield from _waits(piece.wait for piece in played.pieces)
        yield _head(played)
        yield Send(data=played.body)
    else:
        yield _head(played)
        yield from _sent(played.pieces)
    yield End()


def _head(played: Played, length: int | None = None) -> Head:
    size = length if length is not None else None if played.streamed else len(played.body)
    return Head(status=played.status, headers=played.headers, length=size)


def _sent(pieces: Iterable[Piece]) -> Iterator[Step]:
    for piece in pieces:
        if piece.wait:
            yield Wait(seconds=piece.wait)
        yield Send(data=piece.data)


def _waits(seconds: Iterable[float]) -> Iterator[Step]:
    if total := sum(seconds):
        yield Wait(seconds=total)


def _halves(played: Played) -> tuple[Sequence[Piece], Sequence[Piece]]:
    """The answer cut in the middle: a stream between its events, a whole body between its bytes."""
    if played.streamed:
        middle = max(1, len(played.pieces) // 2)
        return played.pieces[:middle], played.pieces[middle:]
    body = played.body
    middle = len(body) // 2
    return [Piece(data=body[:middle])], [Piece(data=body[middle:])]


def _reset(played: Played, fault: Fault) -> Iterator[Step]:
    if fault.place == "midway":
        yield _head(played)
        yield from _sent(_halves(played)[0])
    yield Reset()


def _slow_head(played: Played, fault: Fault) -> Iterator[Step]:
    yield Wait(seconds=fault.amount)
    yield from _well(played)


def _stall_first(played: Played, fault: Fault) -> Iterator[Step]:
    yield _head(played)
    yield Wait(seconds=fault.amount)
    yield from _sent(played.pieces)
    yield End()


def _stall_midway(played: Played, fault: Fault) -> Iterator[Step]:
    first, second = _halves(played)
    yield _head(played)
    yield from _sent(first)
    yield Wait(seconds=fault.amount)
    yield from _sent(second)
    yield End()


def _truncated(played: Played, fault: Fault) -> Iterator[Step]:
    """Soft, a stream ends as if all were well, only too soon; hard, the connection goes in the middle."""
    yield _head(played)
    yield from _sent(_halves(played)[0])
    yield End() if played.streamed and fault.place == "soft" else HangUp()


def _garbled(played: Played, fault: Fault) -> Iterator[Step]:
    first, second = _halves(played)
    whole = None if played.streamed else len(played.body) + len(GARBAGE)
    yield _head(played, whole)
    yield from _sent([*first, Piece(data=GARBAGE), *second])
    yield End()


def _error_in_stream(played: Played, fault: Fault) -> Iterator[Step]:
    yield from _well(replace(played, pieces=played.broken_off))


def _drip(played: Played, fault: Fault) -> Iterator[Step]:
    yield _head(played)
    for place in range(len(body := played.body)):
        yield Wait(seconds=fault.amount)
        yield Send(data=body[place : place + 1])
    yield End()


def _wrong_type(played: Played, fault: Fault) -> Iterator[Step]:
    page = b"<!doctype html><title>Simulated</title><p>This is a web page, not an answer.</p>\n"
    headers = played.headers | {"content-type": "text/html; charset=utf-8"}
    yield Head(status=200, headers=headers, length=len(page))
    yield Send(data=page)
    yield End()


def _huge(played: Played, fault: Fault) -> Iterator[Step]:
    """One value that never ends, in the form of the answer: `data: {"x": "aaaa…` or `{"x": "aaaa…`."""
    yield Head(status=200, headers=played.headers)
    yield Send(data=b'data: {"padding": "' if b"event-stream" in _type(played) else b'{"padding": "')
    block = b"a" * PIECE
    for _ in range(int(fault.amount * 1024 * 1024 / PIECE)):
        yield Send(data=block)
    yield Send(data=b'"}\n\n')
    yield End()


def _type(played: Played) -> bytes:
    return played.headers.get("content-type", "").encode()


def _empty(played: Played, fault: Fault) -> Iterator[Step]:
    yield Head(status=200, headers=played.headers, length=0)
    yield End()


_DAMAGES: Mapping[str, Callable[[Played, Fault], Iterator[Step]]] = {
    "reset": _reset,
    "slow-head": _slow_head,
    "stall-first": _stall_first,
    "stall-midway": _stall_midway,
    "truncated": _truncated,
    "garbled": _garbled,
    "error-in-stream": _error_in_stream,
    "drip": _drip,
    "wrong-type": _wrong_type,
    "huge": _huge,
    "empty": _empty,
}
