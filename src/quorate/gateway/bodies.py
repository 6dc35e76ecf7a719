"""Keeps what calls ask and are answered, where the operator and the key both want it. Nobody waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from http import HTTPStatus

from quorate.store.bodies import Body, CallBodies, add_bodies
from quorate.store.database import Database
from quorate.store.writer import BatchWriter
from quorate.types.value import replace

from .hooks.finders import Detector
from .record import AccessRecord
from .redaction import Said, redacted
from .visit import Visit

LONGEST = 1024 * 1024
"""Bytes of a body that are kept. Of a larger one that is to be redacted nothing is: half of it cannot be read."""

MOST_HELD = 64 * 1024 * 1024
"""Bytes of answers under way that are held; beyond that answers are kept in part."""

_BATCH = 16


class _Capture:
    """One call, while its answer goes out."""

    __slots__ = ("_keeper", "_pieces", "held", "is_redacted", "record", "size", "visit")

    def __init__(self, keeper: BodyKeeper, visit: Visit, *, is_redacted: bool) -> None:
        self._keeper, self.visit, self.record, self.is_redacted = keeper, visit, visit.record, is_redacted
        self._pieces: list[bytes] = []
        self.size = self.held = 0

    def take(self, piece: bytes) -> None:
        room = self._keeper.room(LONGEST - self.held)
        self.size += len(piece)
        if room > 0 and piece:
            kept = piece[:room]
            self._pieces.append(kept)
            self.held += len(kept)
            self._keeper.hold(len(kept))

    @property
    def answered(self) -> bytes:
        return b"".join(self._pieces)


class BodyKeeper:
    """An observer of calls: when one has ended, what was caught of it is written."""

    def __init__(self, database: Database, detector: Callable[[], Detector]) -> None:
        """`detector` tells what is taken out of bodies that are to be redacted. `start` it, and `close` it."""
        self._database, self._detector = database, detector
        self._open: dict[str, _Capture] = {}
        self._held = 0
        self.writer: BatchWriter[_Capture] = BatchWriter(
            self._write, size=_size, most_rows=2_000, most_bytes=MOST_HELD, batch=_BATCH
        )

    def start(self) -> None:
        self.writer.start()

    async def close(self, within: float = 5.0) -> bool:
        return await self.writer.close(within)

    def keep(self, visit: Visit) -> None:
        """Of a call whose key wishes it; the operator's word is asked here."""
        wanted = visit.parts.settings.server.keep_bodies
        if wanted == "no":
            return
        capture = self._open[visit.record.id] = _Capture(self, visit, is_redacted=wanted == "redacted")
        visit.outlet.taps.append(capture.take)

    def room(self, wanted: int) -> int:
        return min(wanted, MOST_HELD - self._held)

    def hold(self, size: int) -> None:
        self._held += size

    def take(self, records: Sequence[AccessRecord]) -> None:
        """Those that have ended."""
        for record in records if self._open else ():
            capture = self._open.pop(record.id, None)
            if capture is not None:
                self._held -= capture.held
                self.writer.put(capture)

    async def _write(self, captures: Sequence[_Capture]) -> None:
        detector = self._detector()
        rows = [await asyncio.to_thread(_row, capture, detector) for capture in captures]
        async with self._database.write() as connection:
            await add_bodies(connection, rows)


def _size(capture: _Capture) -> int:
    return len(capture.visit.call.body) + capture.held


def _row(capture: _Capture, detector: Detector) -> CallBodies:
    visit = capture.visit
    asked, answered = visit.call.body, capture.answered
    row = CallBodies(
        call_id=capture.record.id,
        scope=visit.caller.scope,
        key_id=visit.caller.key,
        redacted=capture.is_redacted,
        asked=Body(data=asked[:LONGEST], size=len(asked), truncated=len(asked) > LONGEST),
        answered=Body(data=answered, size=capture.size, truncated=capture.size > len(answered)),
    )
    return _redacted(row, capture, detector) if capture.is_redacted else row


def _redacted(row: CallBodies, capture: _Capture, detector: Detector) -> CallBodies:
    """Without personal data; of what cannot be read whole only the size is kept."""
    visit, record = capture.visit, capture.record
    said = Said(
        call=visit.call,
        found=visit.found,
        asked=b"" if row.asked.truncated else row.asked.data,
        answered=b"" if row.answered.truncated else row.answered.data,
        is_stream=record.stream and record.status == HTTPStatus.OK,
    )
    asked, answered = redacted(said, detector)
    return replace(row, asked=_cleaned(row.asked, asked), answered=_cleaned(row.answered, answered))


def _cleaned(body: Body, data: bytes | None) -> Body:
    return replace(body, data=data or b"", truncated=body.truncated or data is None)
