"""Bytes to frames and back: server-sent events, newline-delimited JSON, a JSON list, Amazon's event stream.

Feed a framer bytes cut anywhere; it hands back the same frames. What it holds is bounded.
"""

from __future__ import annotations

import re
from typing import Protocol

from quorate.errors import UpstreamBroken

from .eventstream import EventStreamFramer
from .seam import Frame, Framing

MAX_FRAME = 64 * 1024 * 1024
"""Bytes of one frame: an inline image or film fits, an endless line does not."""

_BOM = b"\xef\xbb\xbf"


class Framer(Protocol):
    """Cuts the bytes of one answer into frames."""

    def feed(self, data: bytes) -> list[Frame]: ...

    def close(self) -> list[Frame]:
        """The last frame, where the sender left out its end."""
        ...


def framer(framing: Framing, limit: int = MAX_FRAME) -> Framer:
    """The framer for that framing; `limit` is the most bytes of one frame."""
    match framing:
        case "sse":
            return SseFramer(limit)
        case "ndjson":
            return LineFramer(limit)
        case "json_list":
            return ListFramer(limit)
        case "event_stream":
            return EventStreamFramer(limit)
        case "json":
            return WholeFramer(limit)


class _Held:
    """Bytes that are not yet a whole frame. Kept in pieces, so that a large frame is joined but once."""

    __slots__ = ("_limit", "_size", "pieces")

    def __init__(self, limit: int) -> None:
        self._limit, self._size = limit, 0
        self.pieces: list[bytes] = []

    def add(self, data: bytes) -> None:
        self._size += len(data)
        self.check(self._size - 1)  # the first byte of a two-byte end may be among them
        self.pieces.append(data)

    def take(self, data: bytes = b"") -> bytes:
        """What is held and `data` after it; nothing is held any more."""
        if not self.pieces:
            return data
        joined = b"".join((*self.pieces, data))
        self.pieces.clear()
        self._size = 0
        return joined

    def ends_with(self, end: bytes) -> bool:
        return bool(self.pieces) and self.pieces[-1].endswith(end)

    def check(self, size: int) -> None:
        if size > self._limit:
            raise UpstreamBroken(f"one event of the stream is larger than {self._limit} bytes")


class SseFramer:
    """Server-sent events, by the WHATWG rules (html.spec.whatwg.org, §9.2.6) for the fields we use.

    Lines end in LF, CRLF or CR; an empty line ends an event; comments and events without data are passed
    over. Unlike a browser it does not lose an event whose empty line never came.
    """

    def __init__(self, limit: int = MAX_FRAME) -> None:
        self._limit = limit
        self._held = _Held(limit)
        self._is_first = True
        self._after_cr = False

    def feed(self, data: bytes) -> list[Frame]:
        if self._after_cr or b"\r" in data:
            data = self._with_plain_ends(data)
        if not self._held.pieces and data.endswith(b"\n\n"):
            return self._frames(data)
        end = data.rfind(b"\n\n") + 2
        if end == 1 and not (data.startswith(b"\n") and self._held.ends_with(b"\n")):
            end = 0
        block = self._held.take(data[:end]) if end else b""
        if end < len(data):
            self._held.add(data[end:])
        return self._frames(block) if block else []

    def _with_plain_ends(self, data: bytes) -> bytes:
        """Every line end as LF. A CR ends its line at once; an LF right after it belongs to it."""
        if self._after_cr and data:
            self._after_cr = False
            data = data.removeprefix(b"\n")
        self._after_cr = self._after_cr or data.endswith(b"\r")
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _frames(self, block: bytes) -> list[Frame]:
        """The frames of whole events, the last one's empty line included."""
        if self._is_first:
            self._is_first = False
            block = block.removeprefix(_BOM)
        if len(block) > self._limit:
            for event in block.split(b"\n\n"):
                self._held.check(len(event))
        if block.startswith(b"data: "):
            # Nearly all streams: one line of data an event. If the line ends add up, nothing else is in there.
            values = block[6:-2].split(b"\n\ndata: ")
            if block.count(b"\n") == 2 * len(values) and b"" not in values:
                return [Frame(data=value) for value in values]
        return [frame for event in block.split(b"\n\n") if event and (frame := _frame(event))]

    def close(self) -> list[Frame]:
        rest = self._held.take()
        return self._frames(rest.removesuffix(b"\n") + b"\n\n") if rest else []


def _frame(event: bytes) -> Frame | None:
    """What these lines make; None without data."""
    if event.startswith(b"event: ") and event.count(b"\n") == 1:
        # The other common form: a name, then one line of data.
        head, _, value = event.partition(b"\ndata: ")
        if value:
            return Frame(data=value, event=head[7:].decode(errors="replace"))
    if event.startswith(b"{"):
        return Frame(data=event)  # Google puts the error of a stream that broke bare between its events
    data: list[bytes] = []
    name = b""
    for line in event.split(b"\n"):
        field, _, value = line.partition(b":")
        if field == b"data":
            data.append(value.removeprefix(b" "))
        elif field == b"event":
            name = value.removeprefix(b" ")
    joined = b"\n".join(data)
    return Frame(data=joined, event=name.decode(errors="replace")) if joined else None


class LineFramer:
    """One JSON document a line."""

    def __init__(self, limit: int = MAX_FRAME) -> None:
        self._held = _Held(limit)

    def feed(self, data: bytes) -> list[Frame]:
        end = data.rfind(b"\n") + 1
        block = self._held.take(data[:end]) if end else b""
        if end < len(data):
            self._held.add(data[end:])
        return [self._frame(line) for line in block.split(b"\n") if line.strip()]

    def _frame(self, line: bytes) -> Frame:
        self._held.check(len(line))
        return Frame(data=line)

    def close(self) -> list[Frame]:
        rest = self._held.take()
        return [self._frame(rest)] if rest.strip() else []


_STRUCTURE = re.compile(rb'"(?:[^"\\]++|\\.)*+(["\\]?)|[\[\]{}]', re.DOTALL)
"""A bracket, or a string as far as it is there: it ends in a quote, in half an escape, or goes on."""

_STRING_END = re.compile(rb'(?:[^"\\]++|\\.)*+(["\\]?)', re.DOTALL)

_OPENING, _CLOSING = (b"{", b"["), (b"}", b"]")
_BETWEEN = b" \t\r\n,"


class ListFramer:
    """The elements of one top-level JSON list, each as it becomes whole.

    An answer that is no list (an error, say) is one frame.
    """

    def __init__(self, limit: int = MAX_FRAME) -> None:
        self._held = _Held(limit)
        self._is_list: bool | None = None
        self._depth = 0
        self._quoted: bool = False
        self._escaped: bool = False

    def feed(self, data: bytes) -> list[Frame]:
        if self._is_list is None:
            data = self._begun(data)
        if not self._is_list:
            self._held.add(data)
            return []
        frames: list[Frame] = []
        start = 0
        for end, closes in self._ends(data):
            piece = self._held.take(data[start:end]).strip(_BETWEEN)
            start = end + closes
            if piece:
                self._held.check(len(piece))
                frames.append(Frame(data=piece))
        if start < len(data):
            self._held.add(data[start:])
        return frames

    def _begun(self, data: bytes) -> bytes:
        """Find out whether it is a list; what is returned begins inside it."""
        body = self._held.take(data).removeprefix(_BOM).lstrip()
        if not body or _BOM.startswith(body):
            return body
        self._is_list = body.startswith(b"[")
        return body[1:] if self._is_list else body

    def _ends(self, data: bytes) -> list[tuple[int, int]]:
        """Where elements end, and how many bytes of the list's own (its closing bracket) follow there."""
        ends: list[tuple[int, int]] = []
        depth = self._depth
        start = self._end_of_string(data) if self._quoted else 0
        for found in _STRUCTURE.finditer(data, start):
            token = found[0]
            if token in _OPENING:
                depth += 1
            elif token in _CLOSING:
                depth -= 1
                if depth == 0:
                    ends.append((found.end(), 0))
                elif depth == -1:
                    ends.append((found.start(), 1))
            else:
                self._quoted, self._escaped = found[1] != b'"', found[1] == b"\\"
        self._depth = depth
        return ends

    def _end_of_string(self, data: bytes) -> int:
        """Go on with a string that an earlier piece began."""
        found = _STRING_END.match(data, 1 if self._escaped else 0)
        if found is None or not data:
            return 0
        self._quoted, self._escaped = found[1] != b'"', found[1] == b"\\"
        return found.end()

    def close(self) -> list[Frame]:
        rest = self._held.take().strip(_BETWEEN)
        self._held.check(len(rest))
        return [Frame(data=rest)] if rest else []


class WholeFramer:
    """One document: nothing is whole before the end."""

    def __init__(self, limit: int = MAX_FRAME) -> None:
        self._held = _Held(limit)

    def feed(self, data: bytes) -> list[Frame]:
        self._held.add(data)
        return []

    def close(self) -> list[Frame]:
        body = self._held.take()
        self._held.check(len(body))
        return [Frame(data=body)] if body.strip() else []


def write_sse(data: bytes, event: str = "") -> bytes:
    """One server-sent event. `data` is one line (JSON without line ends)."""
    if event:
        return b"event: " + event.encode() + b"\ndata: " + data + b"\n\n"
    return b"data: " + data + b"\n\n"
