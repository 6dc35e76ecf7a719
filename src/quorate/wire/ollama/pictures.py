"""Tells a picture's MIME type by its first bytes: the protocol sends pictures without one."""

from __future__ import annotations

_MARKS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypmif1", "image/heif"),
    (0, b"BM", "image/bmp"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
)


def media_type_of(data: bytes) -> str:
    """'' where the bytes are of no kind known here."""
    return next((kind for place, mark, kind in _MARKS if data.startswith(mark, place)), "")
