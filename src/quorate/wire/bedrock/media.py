"""Images, documents, films and sounds: blocks with a format and a source, and our media.

Bytes travel inline; what lies in Amazon's own storage goes by its `s3://` address, and nothing else goes by one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from quorate.types.parts import Media, MediaKind
from quorate.wire.json_fields import Json, a_text, an_object, objects

from .fields import Misshapen, left, own, read_blob, vendor, write_blob

_OFFICE = "application/vnd.openxmlformats-officedocument"

FORMATS: Mapping[MediaKind, Mapping[str, str]] = {
    "image": {
        "image/png": "png",
        "image/jpeg": "jpeg",
        "image/gif": "gif",
        "image/webp": "webp",
        "image/jpg": "jpeg",
    },
    "file": {
        "application/pdf": "pdf",
        "text/plain": "txt",
        "text/csv": "csv",
        "text/html": "html",
        "text/markdown": "md",
        "application/msword": "doc",
        f"{_OFFICE}.wordprocessingml.document": "docx",
        "application/vnd.ms-excel": "xls",
        f"{_OFFICE}.spreadsheetml.sheet": "xlsx",
    },
    "video": {
        "video/mp4": "mp4",
        "video/webm": "webm",
        "video/quicktime": "mov",
        "video/x-matroska": "mkv",
        "video/mpeg": "mpeg",
        "video/x-flv": "flv",
        "video/x-ms-wmv": "wmv",
        "video/3gpp": "three_gp",
        "video/mpg": "mpg",
    },
    "audio": {
        "audio/mpeg": "mp3",
        "audio/wav": "wav",
        "audio/flac": "flac",
        "audio/aac": "aac",
        "audio/ogg": "ogg",
        "audio/opus": "opus",
        "audio/mp4": "m4a",
        "audio/webm": "webm",
        "audio/pcm": "pcm",
        "audio/mp3": "mp3",
        "audio/x-wav": "wav",
    },
}
"""MIME type → the protocol's word for it; of several types for one word the first is read back."""

BLOCKS: Mapping[str, MediaKind] = {"image": "image", "document": "file", "video": "video", "audio": "audio"}
_NAMES: Mapping[MediaKind, str] = {kind: block for block, kind in BLOCKS.items()}

_TYPES: Mapping[MediaKind, Mapping[str, str]] = {
    kind: {word: told for told, word in reversed(formats.items())} for kind, formats in FORMATS.items()
}
_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"RIFF", "image/webp"),
)
_UNNAMEABLE = re.compile(r"[^a-zA-Z0-9_\s\-()\[\]]+")
_MADE_NAME = re.compile(r"document \d+")
"""What a document without a name is called here: the protocol demands a name."""
_SPACES = re.compile(r"\s+")
_LONGEST_NAME = 200
_S3 = "s3://"


def read_media(block: str, value: object, where: str) -> Media:
    """The media of a block named so. Raises `Misshapen`."""
    fields = an_object(value)
    kind, word = BLOCKS[block], a_text(fields.get("format"))
    told, kept = _read_source(an_object(fields.get("source")), f"{where}.source")
    kept |= left(fields, ("format", "source", "name"))
    name = a_text(fields.get("name"))
    return Media(
        kind=kind,
        media_type=media_type_of(kind, word),
        name="" if _MADE_NAME.fullmatch(name) else name,
        vendor=vendor(kept),
        **told,
    )


def media_type_of(kind: MediaKind, word: str) -> str:
    """The MIME type of a form; of a document without one, that of plain text."""
    return _TYPES[kind].get(word) or (f"{kind}/{word}" if word else "text/plain")


def _read_source(source: Json, where: str) -> tuple[Json, Json]:
    """What our value says of it, and what is left for the way back."""
    match source:
        case {"bytes": data}:
            return {"data": read_blob(data, f"{where}.bytes")}, {}
        case {"s3Location": {"uri": str(address), **rest}}:
            return {"url": address}, {"s3Location": rest} if rest else {}
        case {"text": str(text)}:
            return {"data": text.encode()}, {"source": "text"}
        case {"content": blocks}:
            text = "\n".join(a_text(each.get("text")) for each in objects(blocks))
            return {"data": text.encode()}, {"source": source}
        case _ if not source:
            return {}, {}
        case _:
            raise Misshapen(f"'{where}' is none of bytes, s3Location, text and content", where)


def write_media(media: Media, name: str = "") -> Json:
    """The block of a medium that `obstacle` has nothing against; `name` is what a document is called there."""
    kept = left(own(media.vendor), ("beside",))
    place = an_object(kept.pop("s3Location", None))
    source: Any = kept.pop("source", None)
    if source == "text":
        source = {"text": media.data.decode()}
    elif not source:
        where = {"s3Location": {"uri": media.url} | place}
        source = where if media.url else {"bytes": write_blob(media.data)}
    said: Json = {"format": format_of(media), "source": source}
    if media.kind == "file":
        said["name"] = name or media.name
    return {_NAMES[media.kind]: said | kept}


def obstacle(media: Media) -> str:
    """Why it cannot be sent; '' where it can."""
    if "source" in own(media.vendor):
        return ""
    if not media.data and not media.url.startswith(_S3):
        return "this protocol takes bytes and s3:// addresses, no other address and no id"
    if not format_of(media):
        known = ", ".join(dict.fromkeys(FORMATS[media.kind].values()))
        return f"the protocol has no format for '{media.media_type or 'unknown'}'; it has {known}"
    return ""


def format_of(media: Media) -> str:
    """The protocol's word for its form: by its type, its first bytes, its words, or the end of its address."""
    formats = FORMATS[media.kind]
    if word := formats.get(media.media_type.partition(";")[0].strip().lower()):
        return word
    ending = media.url.rpartition(".")[2].lower().replace("jpg", "jpeg")
    if ending in formats.values():
        return ending
    if media.kind == "image":
        return next((formats[told] for start, told in _STARTS if media.data.startswith(start)), "")
    if media.kind == "file":
        return "pdf" if media.data.startswith(b"%PDF-") else "txt" if _is_text(media.data) else ""
    return ""


def is_retyped(media: Media) -> bool:
    """Does a file of text lose the name of its format: the protocol does not know it?"""
    given = media.media_type.partition(";")[0].strip().lower()
    return media.kind == "file" and bool(given) and given not in FORMATS["file"]


def _is_text(data: bytes) -> bool:
    try:
        return bool(data) and "\0" not in data.decode()
    except UnicodeDecodeError:
        return False


def document_name(name: str, taken: set[str], number: int) -> str:
    """A name as the protocol allows it, no two alike in one request; it is added to those taken."""
    plain = _SPACES.sub(" ", _UNNAMEABLE.sub("-", name)).strip(" -")[:_LONGEST_NAME] or f"document {number}"
    free, count = plain, 1
    while free in taken:
        count += 1
        free = f"{plain[: _LONGEST_NAME - 6]} ({count})"
    taken.add(free)
    return free
