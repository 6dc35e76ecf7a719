"""Images, sounds and files as content parts of an input."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Mapping

from quorate.types.parts import Media
from quorate.types.value import replace
from quorate.wire.json_fields import Json, a_text, an_object

from .fields import own, vendor

KINDS = frozenset(("input_image", "input_file", "input_audio"))
"""The part types that are media."""

_SOUNDS: Mapping[str, str] = {
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/wave": "wav",
}
"""MIME type → `input_audio.format`."""

_SOUND_TYPES: Mapping[str, str] = {"mp3": "audio/mpeg", "wav": "audio/wav"}


def read_media(part: Json) -> Media | None:
    """The media that a content part holds; None where it makes no sense."""
    rest = dict(part)
    match rest.pop("type", ""):
        case "input_image":
            return _read_image(rest)
        case "input_file":
            return _read_file(rest)
        case _:
            return _read_sound(rest)


def write_media(media: Media, form: str = "") -> Json | None:
    """The content part; None where the protocol, or a target with `form` 'none', cannot hold it."""
    if form == "none":
        return None
    match media.kind:
        case "image":
            return _write_image(media)
        case "file":
            return _write_file(media)
        case "audio":
            return _write_sound(media)
        case "video":
            return None


def data_url(media: Media) -> str:
    """Inline bytes as a data URL."""
    return f"data:{media.media_type or 'application/octet-stream'};base64,{b64encode(media.data).decode()}"


def decoded(text: str) -> bytes | None:
    """Bare base64; None where it is something else."""
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _inline(url: str) -> tuple[str, bytes] | None:
    """MIME type and bytes of a base64 data URL; None for anything else."""
    head, comma, body = url.partition(",")
    if not comma or not head.startswith("data:") or not head.endswith(";base64"):
        return None
    data = decoded(body)
    return None if data is None else (head[5:-7], data)


def _read_image(rest: Json) -> Media | None:
    url, file_id, detail = (_taken(rest, name) for name in ("image_url", "file_id", "detail"))
    if not url and not file_id:
        return None
    media = Media(kind="image", file_id=file_id, detail=detail, vendor=vendor(rest))
    inline = _inline(url)
    return replace(media, media_type=inline[0], data=inline[1]) if inline else replace(media, url=url)


def _write_image(media: Media) -> Json | None:
    out: Json = {"type": "input_image"}
    if media.file_id:
        out["file_id"] = media.file_id
    elif media.url or media.data:
        out["image_url"] = media.url or data_url(media)
    else:
        return None
    if media.detail:
        out["detail"] = media.detail
    return out | own(media.vendor)


def _read_file(rest: Json) -> Media | None:
    """`file_data` may be bare base64, without a word about its type."""
    url, inside, file_id = (_taken(rest, name) for name in ("file_url", "file_data", "file_id"))
    name, detail = _taken(rest, "filename"), _taken(rest, "detail")
    media = Media(kind="file", url=url, file_id=file_id, name=name, detail=detail, vendor=vendor(rest))
    if inline := _inline(inside):
        return replace(media, media_type=inline[0], data=inline[1])
    if inside:
        data = decoded(inside)
        return None if data is None else replace(media, data=data)
    return media if url or file_id else None


def _write_file(media: Media) -> Json | None:
    out: Json = {"type": "input_file"}
    if media.file_id:
        out["file_id"] = media.file_id
    elif media.data:
        out["file_data"] = data_url(media) if media.media_type else b64encode(media.data).decode()
    elif media.url:
        out["file_url"] = media.url
    else:
        return None
    if media.name:
        out["filename"] = media.name
    if media.detail:
        out["detail"] = media.detail
    return out | own(media.vendor)


def _read_sound(rest: Json) -> Media | None:
    inner = dict(an_object(rest.pop("input_audio", None)))
    form, data = _taken(inner, "format"), decoded(_taken(inner, "data"))
    if data is None:
        return None
    if inner:
        rest["input_audio"] = inner
    mime = _SOUND_TYPES.get(form, f"audio/{form}" if form else "")
    return Media(kind="audio", media_type=mime, data=data, vendor=vendor(rest))


def _write_sound(media: Media) -> Json | None:
    if not media.data:
        return None
    rest = dict(own(media.vendor))
    form = _SOUNDS.get(media.media_type) or media.media_type.partition("/")[2] or "wav"
    inner: Json = {"data": b64encode(media.data).decode(), "format": form}
    return {"type": "input_audio", "input_audio": inner | an_object(rest.pop("input_audio", None)), **rest}


def _taken(rest: Json, name: str) -> str:
    """A field's text, out of the rest; a value of another type stays."""
    return a_text(rest.pop(name)) if isinstance(rest.get(name), str) else ""
