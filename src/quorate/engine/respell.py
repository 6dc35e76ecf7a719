"""The bytes of a body for a target that calls some fields by other names: the names change, what they hold does not."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import msgspec

_read = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def respelt(body: bytes, rename: Mapping[str, str]) -> bytes | None:
    """None where names alone will not do: both are there, or one stands elsewhere too, and may mean another thing."""
    fields: Mapping[str, msgspec.Raw] | None = None
    for name, other in rename.items():
        mark = _quoted(name)
        place = -1 if name == other else body.find(mark)
        if place < 0:
            continue
        end = place + len(mark)
        fields = fields or _read(body)
        if name not in fields or other in fields or body.find(mark, end) >= 0:
            return None
        body = b"".join((body[:place], _quoted(other), body[end:]))
    return body


@lru_cache(maxsize=256)
def _quoted(name: str) -> bytes:
    return msgspec.json.encode(name)
