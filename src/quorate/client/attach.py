"""A file, or a link, as a part of a message."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from quorate.errors import InvalidRequest
from quorate.types.parts import Media, MediaKind

LARGEST_FILE = 50 * 1024 * 1024
"""Bytes of one attached file; more than any provider takes inline."""

_KINDS: Mapping[str, MediaKind] = {"image": "image", "audio": "audio", "video": "video"}
_MORE: Mapping[str, str] = {
    ".flac": "audio/flac",
    ".heic": "image/heic",
    ".m4a": "audio/mp4",
    ".md": "text/markdown",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".webp": "image/webp",
}
"""What Python's own table does not know in every version; the machine's tables are not asked."""
_TEXTUAL = frozenset(
    (
        "application/json",
        "application/xml",
        "text/csv",
        "text/html",
        "text/markdown",
        "text/plain",
        "text/xml",
    )
)
"""Text that is told by its own name; all other text is plain."""


def attach(source: str | Path, *, name: str = "") -> Media:
    """A file, or a link, as a part of a message.

    A URL stays a link. A file is read whole, at most `LARGEST_FILE` bytes. Its name tells what it is; one that
    is readable as text is text, whatever its name.
    """
    text = str(source)
    if text.startswith(("http://", "https://")):
        media_type = _guessed(text.split("?")[0])
        return Media(kind=_kind(media_type or "image"), media_type=media_type, url=text, name=name)
    path = Path(source)
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise InvalidRequest(
                f"'{path.name}' is larger than {LARGEST_FILE // 2**20} MiB", where="attachment"
            )
        data = path.read_bytes()
    except OSError as error:
        raise InvalidRequest(f"'{path}' cannot be read: {error.strerror}", where="attachment") from error
    media_type = _media_type(path.name, data)
    return Media(kind=_kind(media_type), media_type=media_type, data=data, name=name or path.name)


def _media_type(name: str, data: bytes) -> str:
    guessed = _guessed(name)
    if guessed in _TEXTUAL:
        return guessed
    # '.ts' is a film to the table of media types, '.toml' is nothing: the bytes know better.
    return "text/plain" if _is_text(data) else guessed or "application/octet-stream"


def _guessed(name: str) -> str:
    return _MORE.get(Path(name).suffix.lower()) or _table().guess_type(name, strict=False)[0] or ""


@cache
def _table() -> mimetypes.MimeTypes:
    return mimetypes.MimeTypes()


def _is_text(data: bytes) -> bool:
    if b"\0" in data or data.startswith(b"%PDF"):
        return False
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _kind(media_type: str) -> MediaKind:
    return _KINDS.get(media_type.split("/")[0], "file")
