"""Pictures made in code: plain PNG files whose colours come from the words."""

from __future__ import annotations

import struct
import zlib
from hashlib import blake2b

PICTURE_TOKENS = 1_056
"""What one counts for, whatever its size."""

_SIDE = 32
"""Pixels: whatever size is asked for, the picture is small."""


def draw(prompt: str, number: int = 0) -> bytes:
    """The same picture for the same words and number: two colours in a pattern of squares."""
    marks = blake2b(f"{number} {prompt}".encode(errors="surrogatepass"), digest_size=14).digest()
    colours, pattern = (marks[0:3], marks[3:6]), int.from_bytes(marks[6:14])
    rows: list[bytes] = []
    for y in range(_SIDE):
        pixels = (colours[pattern >> (y // 4 * 8 + x // 4) & 1] for x in range(_SIDE))
        rows.append(b"\0" + b"".join(pixels))
    size = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    chunks = [_chunk(b"IHDR", size), _chunk(b"IDAT", zlib.compress(b"".join(rows))), _chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
