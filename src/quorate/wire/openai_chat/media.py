"""Images, sounds, films and files as content parts, in the protocol's own form and the forms of its dialects."""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Mapping

from quorate.types.parts import Media, MediaKind
from quorate.types.value import replace
from quorate.wire.json_fields import Json, a_text, an_object

from .fields import own, vendor

AUDIO_FORMATS: Mapping[str, str] = {
    "audio/wav": "wav",
    "audio/mpeg": "mp3",
    "audio/flac": "flac",
    "audio/ogg": "ogg",
    "audio/opus": "opus",
    "audio/aac": "aac",
    "audio/mp4": "m4a",
    "audio/aiff": "aiff",
    "audio/webm": "webm",
    "audio/l16": "pcm16",
}
"""MIME type → `input_audio.format`."""

_AUDIO_TYPES: Mapping[str, str] = {word: mime for mime, word in AUDIO_FORMATS.items()}
_SAME_SOUND: Mapping[str, str] = {
    "audio/x-wav": "wav",
    "audio/wave": "wav",
    "audio/mp3": "mp3",
    "audio/x-m4a": "m4a",
}
_LINKED: Mapping[str, MediaKind] = {
    "image_url": "image",
    "audio_url": "audio",
    "video_url": "video",
    "file_url": "file",
    "document_url": "file",
}
"""Part type → kind, of the parts that hold a URL, plain or in an object."""

KINDS = frozenset((*_LINKED, "input_audio", "file"))
"""The part types that are media."""


def read_media(part: Json) -> Media | None:
    """The media that a content part holds; None where it makes no sense."""
    rest = dict(part)
    form = a_text(rest.pop("type", ""))
    if form in _LINKED:
        return _read_linked(form, _LINKED[form], rest)
    return _read_audio(rest) if form == "input_audio" else _read_file(rest)


def write_media(media: Media, form: str) -> Json | None:
    """The content part for `form` ('' = the protocol's own); None where that form cannot hold it."""
    if media.kind == "file":
        return _write_file(media, form)
    if media.kind == "audio" and form in ("", "flat"):
        return _write_audio(media, form)
    if form == "none" or not (media.data or media.url):
        return None
    return _write_linked(media, form or f"{media.kind}_url")


def data_url(media: Media) -> str:
    """The address of the media, inline bytes as a data URL."""
    if media.url:
        return media.url
    return f"data:{media.media_type or 'application/octet-stream'};base64,{b64encode(media.data).decode()}"


def split_data_url(url: str) -> tuple[str, bytes] | None:
    """MIME type and bytes of a base64 data URL; None for anything else."""
    head, comma, body = url.partition(",")
    if not comma or not head.startswith("data:") or not head.endswith(";base64"):
        return None
    return decoded(head[5:-7], body)


def _located(url: str, kind: MediaKind) -> Media:
    inline = split_data_url(url)
    if inline is None and "://" not in url:
        inline = decoded("", url)
    if inline is not None:
        return Media(kind=kind, media_type=inline[0], data=inline[1])
    return Media(kind=kind, url=url)


def decoded(mime: str, text: str) -> tuple[str, bytes] | None:
    """Bare base64 with its MIME type; None where it is something else."""
    try:
        return mime, b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _read_linked(form: str, kind: MediaKind, rest: Json) -> Media | None:
    holder = rest.pop(form, None)
    inner: Json = {"url": holder} if isinstance(holder, str) else dict(an_object(holder))
    url, detail = a_text(inner.pop("url", "")), a_text(inner.pop("detail", ""))
    if not url:
        return None
    name = a_text(rest.pop("document_name", ""))
    if inner:
        rest[form] = inner
    return replace(_located(url, kind), name=name, detail=detail, vendor=vendor(rest))


def _write_linked(media: Media, form: str) -> Json:
    marks = dict(own(media.vendor))
    if form == "document_url":
        name = {"document_name": media.name} if media.name else {}
        return {"type": form, form: data_url(media), **name, **marks}
    bare = form == "file_url" and not media.url  # its target wants base64 without a data URL around it
    url = b64encode(media.data).decode() if bare else data_url(media)
    inner: Json = {"url": url, **an_object(marks.pop(form, None))}
    if media.detail:
        inner["detail"] = media.detail
    return {"type": form, form: inner, **marks}


def _read_audio(rest: Json) -> Media | None:
    holder = rest.pop("input_audio", None)
    if isinstance(holder, str):  # a dialect has the bare base64, or an address, in place of the object
        return replace(_located(holder, "audio"), vendor=vendor(rest)) if holder else None
    inner: Json = dict(an_object(holder))
    form, data = a_text(inner.pop("format", "")), decoded("", a_text(inner.pop("data", "")))
    if data is None:
        return None
    if inner:
        rest["input_audio"] = inner
    mime = _AUDIO_TYPES.get(form, f"audio/{form}" if form else "")
    return Media(kind="audio", media_type=mime, data=data[1], vendor=vendor(rest))


def _write_audio(media: Media, form: str) -> Json | None:
    marks = dict(own(media.vendor))
    if form == "flat" and (media.data or media.url):
        return {"type": "input_audio", "input_audio": media.url or b64encode(media.data).decode(), **marks}
    if not media.data:
        return None
    inner: Json = {"data": b64encode(media.data).decode(), "format": audio_format(media.media_type)}
    return {"type": "input_audio", **marks, "input_audio": inner | an_object(marks.get("input_audio"))}


def audio_format(mime: str) -> str:
    """The protocol's word for a kind of sound."""
    known = AUDIO_FORMATS.get(mime) or _SAME_SOUND.get(mime)
    return known or mime.partition("/")[2] or "wav"


def _read_file(rest: Json) -> Media | None:
    inner: Json = dict(an_object(rest.pop("file", None)))
    if file_id := rest.pop("file_id", None):  # a dialect has it beside the type
        inner["file_id"] = file_id
    url, file_id, name = (a_text(inner.pop(key, "")) for key in ("file_data", "file_id", "filename"))
    if not url and not file_id:
        return None
    if inner:
        rest["file"] = inner
    return replace(_located(url, "file"), file_id=file_id, name=name, vendor=vendor(rest))


def _write_file(media: Media, form: str) -> Json | None:
    marks = dict(own(media.vendor))
    if form == "none" or not (media.data or media.url or media.file_id):
        return None
    if media.file_id and form == "document_url":
        return {"type": "file", "file_id": media.file_id, **marks}
    if not media.file_id and form in _LINKED:
        return _write_linked(media, form)
    if media.url and not media.file_id and form != "file_or_url":
        return None
    inner: Json = {"file_id": media.file_id} if media.file_id else {"file_data": data_url(media)}
    if media.name:
        inner["filename"] = media.name
    return {"type": "file", **marks, "file": inner | an_object(marks.get("file"))}
