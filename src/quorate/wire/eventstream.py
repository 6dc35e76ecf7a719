"""Amazon's event stream (`application/vnd.amazon.eventstream`): binary messages with headers and checksums.

A message is its whole length and its headers' length (4 bytes each), the CRC of these eight, the headers, the
payload, and the CRC of all before it; docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html tells it.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any
from zlib import crc32

from quorate.errors import UpstreamBroken

from .seam import Frame

_PRELUDE = struct.Struct(">III")
_CRC = struct.Struct(">I")
_LEAST = _PRELUDE.size + _CRC.size
"""Bytes of a message without headers and payload."""

_STRING = 7
_FIXED: Mapping[int, int] = {0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16}
"""Type of a header's value → its bytes: true, false, byte, short, integer, long, timestamp, UUID."""

_SIZED = frozenset({6, _STRING})
"""Types whose value says its own length: bytes and text."""

_MOST_REMEMBERED = 256


class EventStreamFramer:
    """A frame for each message; its event is the event's, exception's or error's type."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._pieces: list[bytes] = []
        self._size = 0
        self._wanted = _PRELUDE.size
        """Bytes that must be there before anything can be read."""
        self._heads: dict[bytes, tuple[str, str, bool]] = {}

    def feed(self, data: bytes) -> list[Frame]:
        self._pieces.append(data)
        self._size += len(data)
        if self._size < self._wanted:
            return []
        data = b"".join(self._pieces) if len(self._pieces) > 1 else data
        frames: list[Frame] = []
        place, end = 0, len(data)
        self._wanted = _PRELUDE.size
        while end - place >= _PRELUDE.size:
            length, head, checksum = _PRELUDE.unpack_from(data, place)
            self._check(data, place, length, head, checksum)
            if end - place < length:
                self._wanted = length
                break
            frames.append(self._frame(data, place, place + length, head))
            place += length
        rest = data[place:] if place else data
        self._pieces = [rest] if rest else []
        self._size = len(rest)
        return frames

    def close(self) -> list[Frame]:
        if self._size:
            raise UpstreamBroken("the stream stopped in the midst of a message")
        return []

    def _check(self, data: bytes, place: int, length: int, head: int, checksum: int) -> None:
        if crc32(memoryview(data)[place : place + 8]) != checksum:
            raise UpstreamBroken("a message of the stream is damaged: the checksum of its lengths is wrong")
        if length - _LEAST < head:
            raise UpstreamBroken("a message of the stream is shorter than its headers")
        if length > self._limit:
            raise UpstreamBroken(f"one event of the stream is larger than {self._limit} bytes")

    def _frame(self, data: bytes, start: int, end: int, head: int) -> Frame:
        if crc32(memoryview(data)[start : end - 4]) != _CRC.unpack_from(data, end - 4)[0]:
            raise UpstreamBroken("a message of the stream is damaged: its checksum is wrong")
        body = start + _PRELUDE.size + head
        written = data[start + _PRELUDE.size : body]
        payload = data[body : end - 4]
        told = self._heads.get(written)
        if told is None:
            headers = read_headers(written)
            kind = _text(headers, ":message-type")
            told = (_event(headers, kind), _text(headers, ":content-type"), kind not in ("", "event"))
            if kind == "error":
                # It says all it has to say in its headers.
                return Frame(
                    data=payload or _text(headers, ":error-message").encode(), event=told[0], failed=True
                )
            if len(self._heads) < _MOST_REMEMBERED:
                self._heads[written] = told
        event, content_type, failed = told
        return Frame(data=payload, event=event, content_type=content_type, failed=failed)


def _event(headers: Mapping[str, Any], kind: str) -> str:
    names = {"exception": ":exception-type", "error": ":error-code"}
    return _text(headers, names.get(kind, ":event-type"))


def _text(headers: Mapping[str, Any], name: str) -> str:
    value = headers.get(name, "")
    return value if isinstance(value, str) else ""


def read_headers(data: bytes) -> dict[str, Any]:
    """Names and values: true and false, numbers, bytes, text; a UUID is its bytes, a moment its milliseconds."""
    headers: dict[str, Any] = {}
    place = 0
    try:
        while place < len(data):
            length = data[place]
            name = data[place + 1 : place + 1 + length].decode()
            place += 1 + length
            kind = data[place]
            place += 1
            if kind in _SIZED:
                (size,) = struct.unpack_from(">H", data, place)
                place += 2
            else:
                size = _FIXED[kind]
            value = data[place : place + size]
            if len(value) < size:
                raise UpstreamBroken("a header of the stream is cut off")
            place += size
            headers[name] = _value(kind, value)
    except (KeyError, IndexError, struct.error, UnicodeDecodeError) as error:
        raise UpstreamBroken("the headers of a message make no sense") from error
    return headers


def _value(kind: int, value: bytes) -> bool | int | bytes | str:
    match kind:
        case 0 | 1:
            return kind == 0
        case 2 | 3 | 4 | 5 | 8:
            return int.from_bytes(value, "big", signed=True)
        case 7:
            return value.decode()
        case _:
            return value


def write_message(data: bytes, headers: Mapping[str, str]) -> bytes:
    """One message whose headers are all text."""
    head = b"".join(_header(name.encode(), value.encode()) for name, value in headers.items())
    lengths = struct.pack(">II", _LEAST + len(head) + len(data), len(head))
    whole = b"".join((lengths, _CRC.pack(crc32(lengths)), head, data))
    return whole + _CRC.pack(crc32(whole))


def _header(name: bytes, value: bytes) -> bytes:
    return bytes((len(name),)) + name + bytes((_STRING,)) + struct.pack(">H", len(value)) + value
