"""Images and documents: blocks with a `source`, and our media.

A document may be plain text, or hold blocks of text; the blocks stay among the leftovers as they came,
and their words stand in our value for protocols that know only files.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any, cast

from quorate.types.parts import Media, Opaque

from .fields import Fields, Json, an_object, own, vendor
from .marks import read_mark, write_mark

_PDF = "application/pdf"
_PLAIN = "text/plain"


def read_media(fields: Fields, kind: str) -> Media | Opaque:
    """An image or document block whose `type` was taken; from an unknown source, the block as it is."""
    whole = dict(fields.rest)
    source = fields.inner("source")
    read = _SOURCES.get(source.text("type")) if source else None
    said = read(source) if read and source else None
    if source is None or said is None:
        fields.rest = whole
        return Opaque(kind=kind, vendor=vendor({"type": kind} | fields.left()))
    inner = source.left()
    if "content" in inner:
        inner = {"type": "content"} | inner
    return Media(
        kind="image" if kind == "image" else "file",
        name=fields.text("title") if kind == "document" else "",
        cache=read_mark(fields),
        vendor=vendor(fields.left() | ({"source": inner} if inner else {})),
        **said,
    )


def _base64(source: Fields) -> Json:
    media_type, text = source.text("media_type"), source.text("data")
    # Some clients break their lines, or use the alphabet of URLs.
    plain = "".join(text.split()).replace("-", "+").replace("_", "/").rstrip("=")
    try:
        data = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        source.wrong("data", "base64")
    return {"media_type": media_type, "data": data}


def _text(source: Fields) -> Json:
    return {"media_type": source.text("media_type") or _PLAIN, "data": source.text("data").encode()}


def _content(source: Fields) -> Json | None:
    """The words of a document made of blocks; None where there is more than words in it."""
    content = source.peek("content")
    if isinstance(content, str):
        return {"media_type": _PLAIN, "data": content.encode()}
    texts: list[str] = []
    for block in cast("list[Any]", content) if isinstance(content, list) else [None]:
        text = an_object(block).get("text")
        if not isinstance(text, str):
            return None
        texts.append(text)
    return {"media_type": _PLAIN, "data": "\n".join(texts).encode()}


_SOURCES: Mapping[str, Callable[[Fields], Json | None]] = {
    "base64": _base64,
    "text": _text,
    "url": lambda source: {"url": source.text("url")},
    "file": lambda source: {"file_id": source.text("file_id")},
    "content": _content,
}


def is_carried(media: Media) -> bool:
    """Whether the protocol has a block for it: not for sounds and films, nor files neither PDF nor text."""
    if "type" in an_object(own(media.vendor).get("source")):
        return True
    if media.kind in ("audio", "video") or not media.data:
        return media.kind not in ("audio", "video") and bool(media.url or media.file_id)
    return _is_binary(media) or _text_of(media) is not None


def write_media(media: Media) -> Json | None:
    """The block; None where the protocol has none (see `is_carried`)."""
    kept = dict(own(media.vendor))
    inner = an_object(kept.pop("source", None))
    source = inner if "type" in inner else _source(media)
    if source is None:
        return None
    is_image = _is_image(media)
    title = {"title": media.name} if media.name and not is_image else {}
    kind = "image" if is_image else "document"
    return {"type": kind, "source": source | inner} | title | kept | write_mark(media.cache)


def _is_image(media: Media) -> bool:
    return media.kind == "image" or media.media_type.startswith("image/")


def _source(media: Media) -> Json | None:
    if media.kind in ("audio", "video"):
        return None
    if media.data:
        return _inline(media)
    if media.url:
        return {"type": "url", "url": media.url}
    return {"type": "file", "file_id": media.file_id} if media.file_id else None


def _inline(media: Media) -> Json | None:
    if _is_binary(media):
        media_type = media.media_type or (_sniffed(media.data) if _is_image(media) else _PDF)
        return {"type": "base64", "media_type": media_type, "data": base64.b64encode(media.data).decode()}
    text = _text_of(media)
    return None if text is None else {"type": "text", "media_type": _PLAIN, "data": text}


def _sniffed(data: bytes) -> str:
    """The type of an image that came without one, by its first bytes."""
    kinds = ((b"\xff\xd8", "image/jpeg"), (b"GIF8", "image/gif"), (b"RIFF", "image/webp"))
    return next((kind for start, kind in kinds if data.startswith(start)), "image/png")


def _is_binary(media: Media) -> bool:
    return _is_image(media) or media.media_type == _PDF or media.data.startswith(b"%PDF-")


def _text_of(media: Media) -> str | None:
    """The words of a file that is text by its own bytes; None where it is not."""
    try:
        text = media.data.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def is_retyped(media: Media) -> bool:
    """Whether a text file loses the name of its format: the protocol knows plain text alone."""
    return bool(media.data) and not _is_binary(media) and media.media_type not in ("", _PLAIN)
