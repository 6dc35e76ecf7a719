"""A streamed answer, from chunks to events."""

from __future__ import annotations

from collections.abc import Iterable

from quorate.types.events import Event, PartDelta
from quorate.wire.framing import framer
from quorate.wire.seam import Framing, Wire


def stream_events(wire: Wire, chunks: Iterable[bytes], framing: Framing) -> list[Event]:
    """Every event; raises what the wire raises."""
    cutter, reader = framer(framing), wire.codec.stream_reader()
    events: list[Event] = []
    for chunk in chunks:
        for frame in cutter.feed(chunk):
            events.extend(reader.read(frame))
    for frame in cutter.close():
        events.extend(reader.read(frame))
    events.extend(reader.close())
    return events


def merged(events: Iterable[Event]) -> list[Event]:
    """The same events with neighbouring deltas of one part made one: only their sum is promised."""
    found: list[Event] = []
    for event in events:
        last = found[-1] if found else None
        if isinstance(event, PartDelta) and isinstance(last, PartDelta) and last.index == event.index:
            found[-1] = PartDelta(index=event.index, text=last.text + event.text, data=last.data + event.data)
        else:
            found.append(event)
    return found
