"""Media in a part: bytes in base64, or a file by its URI."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping

from quorate.types.parts import Media, MediaKind

from .fields import Fields, Json, Misshapen, inside, leftovers, own, vendor


def read_inline(inner: Fields, outer: Fields, _: Callable[[], str]) -> Media:
    media_type, data = inner.text("mimeType"), inner.text("data")
    name = inner.maybe_text("displayName")
    if name is not None:
        inner.put_back("displayName", name)
    return Media(
        kind=kind_of(media_type),
        media_type=media_type,
        data=_bytes(data, inner.place("data")),
        name=name or "",
        vendor=vendor(leftovers(inner, outer, "inlineData")),
    )


def _bytes(text: str, where: str) -> bytes:
    """Google's own clients write base64 of either alphabet, with or without the padding."""
    plain = text.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Misshapen(f"'{where}' must be base64", where) from error


def read_file(inner: Fields, outer: Fields, _: Callable[[], str]) -> Media:
    uri, media_type = inner.text("fileUri"), inner.text("mimeType")
    name = inner.maybe_text("displayName")
    if name is not None:
        inner.put_back("displayName", name)
    remote = "://" in uri
    return Media(
        kind=kind_of(media_type or type_of(uri)),
        media_type=media_type,
        url=uri if remote else "",
        file_id="" if remote else uri,
        name=name or "",
        vendor=vendor(leftovers(inner, outer, "fileData")),
    )


def write_media(media: Media) -> Json:
    kept = own(media.vendor)
    if media.data:
        inner: Json = {"mimeType": type_for(media), "data": base64.b64encode(media.data).decode()}
        return inside(kept, "inlineData", inner)
    uri = media.url or media.file_id
    inner = {"fileUri": uri}
    if media_type := type_for(media):
        inner["mimeType"] = media_type
    return inside(kept, "fileData", inner)


def type_for(media: Media) -> str:
    """The MIME type to state: Vertex insists on one, also of a URL."""
    if media.media_type or media.file_id:
        return media.media_type
    return type_of(media.url) or _USUAL[media.kind]


_USUAL: Mapping[MediaKind, str] = {
    "image": "image/jpeg",
    "audio": "audio/mpeg",
    "video": "video/mp4",
    "file": "application/pdf",
}

_BY_ENDING = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "heic": "image/heic",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "ogg": "audio/ogg",
    "flac": "audio/flac",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
    "pdf": "application/pdf",
    "txt": "text/plain",
    "csv": "text/csv",
    "html": "text/html",
}


def type_of(uri: str) -> str:
    """MIME type by the ending of a URL's path; '' where that says nothing."""
    path = uri.partition("?")[0].partition("#")[0]
    return _BY_ENDING.get(path.rpartition(".")[2].lower(), "")


def kind_of(media_type: str) -> MediaKind:
    match media_type.partition("/")[0].lower():
        case "image":
            return "image"
        case "audio":
            return "audio"
        case "video":
            return "video"
        case _:
            return "file"
