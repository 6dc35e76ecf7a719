"""Bytes to frames and back: server-sent events, newline-delimited JSON, a JSON list.

Feed a framer bytes cut anywhere; it hands back the same frames. What it holds is bounded.
"""

from __future__ import annotations

from typing import Protocol

from quorate.errors import UpstreamBroken

from .seam import Frame, Framing

MAX_FRAME = 64 * 1024 * 1024
"""Bytes of one frame: an inline image or film fits, an endless line does not."""


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
        case "json":
            return WholeFramer(limit)


def _too_large(limit: int) -> UpstreamBroken:
    return UpstreamBroken(f"one event of the stream is larger than {limit} bytes")


class SseFramer:
    """Server-sent events, by the WHATWG rules (html.spec.whatwg.org, §9.2.6) for fields we use.

    Lines end in LF, CRLF or CR; an empty line ends an event; comments and events without data
    are passed over.
    """

    def __init__(self, limit: int = MAX_FRAME) -> None:
        self._limit = limit
        self._rest: bytes = b""
        self._data: list[bytes] = []
        self._event = ""
        self._size = 0
        self._first = True
        self._after_cr = False

    def feed(self, data: bytes) -> list[Frame]:
        if self._after_cr and data:
            self._after_cr = False
            if data[0] == 10:
                data = data[1:]
        block = self._rest + data if self._rest else data
        if self._first and block:
            if b"\xef\xbb\xbf".startswith(block[:3]) and len(block) < 3:
                self._rest = block
                return []
            block = block.removeprefix(b"\xef\xbb\xbf")
            self._first = False
        if b"\r" in block:
            self._after_cr = block.endswith(b"\r")
            block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        lines = block.split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) + self._size > self._limit:
            raise _too_large(self._limit)
        return self._frames(lines)

    def _frames(self, lines: list[bytes]) -> list[Frame]:
        frames: list[Frame] = []
        for line in lines:
            if not line:
                if self._data:
                    data = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
                    frames.append(Frame(data=data, event=self._event))
                self._data, self._event, self._size = [], "", 0
            elif line.startswith(b"data:"):
                value = line[6:] if line[5:6] == b" " else line[5:]
                self._size += len(value)
                if self._size > self._limit:
                    raise _too_large(self._limit)
                self._data.append(value)
            elif line.startswith(b"event:"):
                self._event = line[6:].strip().decode(errors="replace")
        return frames

    def close(self) -> list[Frame]:
        rest, self._rest = self._rest, b""
        return self._frames([rest, b""])


class LineFramer:
    """One JSON document a line."""

    def __init__(self, limit: int = MAX_FRAME) -> None:
        self._limit = limit
        self._rest: bytes = b""

    def feed(self, data: bytes) -> list[Frame]:
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > self._limit:
            raise _too_large(self._limit)
        return [Frame(data=line) for line in lines if line.strip()]

    def close(self) -> list[Frame]:
        rest, self._rest = self._rest, b""
        return [Frame(data=rest)] if rest.strip() else []


class ListFramer:
    """The elements of one top-level JSON list, each as it becomes whole."""

    def __init__(self, limit: int = MAX_FRAME) -> None:
        self._limit = limit
        self._element = bytearray()
        self._depth = 0
        self._quoted = False
        self._escaped = False

    def feed(self, data: bytes) -> list[Frame]:
        frames: list[Frame] = []
        for byte in data:
            if self._keep(byte):
                self._element.append(byte)
            if self._depth == 1 and self._element and not self._quoted and byte in b"}":
                frames.append(Frame(data=bytes(self._element)))
                self._element.clear()
        if len(self._element) > self._limit:
            raise _too_large(self._limit)
        return frames

    def _keep(self, byte: int) -> bool:
        """Follow the nesting; True where the byte belongs to an element."""
        if self._quoted:
            self._quoted = self._escaped or byte != 0x22
            self._escaped = byte == 0x5C and not self._escaped
            return True
        match byte:
            case 0x22:
                self._quoted = True
            case 0x7B | 0x5B:
                self._depth += 1
                return self._depth > 1
            case 0x7D | 0x5D:
                self._depth -= 1
                return self._depth > 0
            case _:
                pass
        return self._depth > 1

    def close(self) -> list[Frame]:
        rest, self._element = bytes(self._element), bytearray()
        return [Frame(data=rest)] if rest.strip() else []


class WholeFramer:
    """One document: nothing is whole before the end."""

    def __init__(self, limit: int = MAX_FRAME) -> None:
        self._limit = limit
        self._body = bytearray()

    def feed(self, data: bytes) -> list[Frame]:
        self._body += data
        if len(self._body) > self._limit:
            raise _too_large(self._limit)
        return []

    def close(self) -> list[Frame]:
        return [Frame(data=bytes(self._body))] if self._body.strip() else []


def write_sse(data: bytes, event: str = "") -> bytes:
    """One server-sent event. `data` is one line (JSON without line ends)."""
    if event:
        return b"event: " + event.encode() + b"\ndata: " + data + b"\n\n"
    return b"data: " + data + b"\n\n"
