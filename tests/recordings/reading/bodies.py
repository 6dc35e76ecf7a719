"""Bodies and headers as recorders keep them: packed, parsed, listed, encoded."""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import zlib
from collections.abc import Iterable
from typing import Any

PLAIN_STARTS = ("{", "[", "data", "event", ":")


def body_bytes(value: Any) -> bytes:
    """What went over the line: text and bytes as they are, a document as JSON."""
    match value:
        case None:
            return b""
        case bytes():
            return value
        case str():
            return value.encode("utf-8", "surrogatepass")
        case _:
            return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def header_map(headers: Any) -> dict[str, str]:
    """Lower-case names, repeated values joined; from a mapping, a list of pairs or one flat list."""
    match headers:
        case dict():
            pairs: Iterable[tuple[Any, Any]] = headers.items()
        case [dict(), *_]:
            pairs = [(each.get("name"), each.get("value")) for each in headers]
        case list():
            pairs = zip(headers[::2], headers[1::2], strict=False)
        case _:
            pairs = ()
    return {_text(name).lower(): _text(value) for name, value in pairs}


def _text(value: Any) -> str:
    return ", ".join(str(each) for each in value) if isinstance(value, list | tuple) else str(value)


def unpacked(body: bytes, headers: dict[str, str]) -> bytes:
    """The body without its content encoding, where the recorder left it on."""
    if body.startswith(b"\x1f\x8b"):
        return gzip.decompress(body)
    if "deflate" in headers.get("content-encoding", ""):
        try:
            return zlib.decompress(body)
        except zlib.error:
            return body
    return body


def maybe_base64(text: str, headers: dict[str, str]) -> bytes:
    """A packed body that a recorder spelt in base64 without saying so; any other text as it is."""
    if headers.get("content-encoding") and not text.lstrip().startswith(PLAIN_STARTS):
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            pass
    return body_bytes(text)
