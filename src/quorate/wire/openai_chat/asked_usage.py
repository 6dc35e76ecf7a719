"""Usage at the end of a stream, asked for on our account and kept from a client that did not ask for it."""

from __future__ import annotations

import re

import msgspec

_WISH = b'"stream_options":{"include_usage":true}'
_EMPTY = b"[]"
"""The choices of a frame that tells of usage and nothing else; hardly any other frame has an empty list."""

_FRAME = re.compile(rb".*?(?:\r\n\r\n|\n\n|\r\r|\Z)", re.DOTALL)

_read_raw = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_dumps = msgspec.json.encode


class _Told(msgspec.Struct):
    usage: dict[str, msgspec.Raw]
    choices: list[msgspec.Raw]


_read_told = msgspec.json.Decoder(_Told).decode


def asking_usage(body: bytes) -> bytes:
    """The body with the wish for usage; every other field keeps its bytes."""
    if b'"stream_options"' not in body:
        start = body.index(b"{") + 1
        return b"".join((body[:start], _WISH, b",", body[start:]))
    fields = _read_raw(body)
    try:
        options = _read_raw(fields.get("stream_options", b"{}"))
    except msgspec.ValidationError:
        options = {}
    wished = _dumps(options | {"include_usage": msgspec.Raw(b"true")})
    return _dumps(fields | {"stream_options": msgspec.Raw(wished)})


def without_usage(data: bytes) -> bytes:
    """Whole frames without the one that tells of usage and nothing else."""
    if _EMPTY not in data:
        return data
    return b"".join(frame for frame in _FRAME.findall(data) if not _tells_usage_alone(frame))


def _tells_usage_alone(frame: bytes) -> bool:
    head, _, data = frame.strip().partition(b":")
    if head != b"data":
        return False
    try:
        return not _read_told(data.strip()).choices
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
