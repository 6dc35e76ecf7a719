"""A picture as this protocol writes it, and what drawing it used."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping

from quorate.errors import InvalidRequest
from quorate.types.parts import Media
from quorate.types.pictures import Picture
from quorate.types.usage import Usage
from quorate.wire.json_fields import Json, a_count, a_text, an_object, is_object
from quorate.wire.openai_faults import broken
from quorate.wire.seam import WireAnswer

from .fields import NAME, own, vendor
from .usage import read_usage

_KINDS: Mapping[bytes, str] = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}


def kind_of(data: bytes) -> str:
    """What a picture's first bytes say it is."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for mark, kind in _KINDS.items() if data.startswith(mark)), "image/png")


def link_of(media: Media) -> str:
    if not media.data:
        return media.url
    return f"data:{media.media_type or kind_of(media.data)};base64,{b64encode(media.data).decode()}"


def from_link(value: object, at: str) -> Media:
    """A client's `image_url`, an address or the picture itself; or its file's id. Raises `InvalidRequest`."""
    told = an_object(value)
    file_id = a_text(told.get("file_id"))
    link = told.get("image_url", told.get("url"))
    url = a_text(an_object(link).get("url") if is_object(link) else link)
    if not url.startswith("data:"):
        if not url and not file_id:
            raise InvalidRequest(f"'{at}' must have an 'image_url'", where=at)
        return Media(kind="image", url=url, file_id=file_id)
    head, _, packed = url.partition(",")
    try:
        data = b64decode(packed, validate=True)
    except ValueError as error:
        raise InvalidRequest(f"'{at}' cannot be read as base64", where=at) from error
    return Media(kind="image", media_type=head[5:].partition(";")[0], data=data)


def read_picture(item: Json, format_: str, answer: WireAnswer) -> Picture:
    """With the bytes in base64, plain or as a data URL; or with an address."""
    packed, url = a_text(item.pop("b64_json", None)), a_text(item.pop("url", None))
    kind = a_text(item.pop("mime_type", None)) or (f"image/{format_}" if format_ else "")
    if url.startswith("data:"):
        head, _, packed = url.partition(",")
        kind, url = head[5:].partition(";")[0] or kind, ""
    elif packed.startswith("data:"):
        packed = packed.partition(",")[2]
    try:
        data = b64decode(packed, validate=True)
    except ValueError as error:
        raise broken("a picture cannot be read", answer) from error
    if not data and not url:
        raise broken("a picture is empty", answer)
    return Picture(
        data=data,
        media_type=kind or (kind_of(data) if data else ""),
        url=url,
        prompt=a_text(item.pop("revised_prompt", None)),
        vendor=vendor(item),
    )


def read_drawn(raw: Json, count: int) -> Usage:
    """Tokens, where the provider counts them; else how many pictures there are. What is drawn is no text."""
    told = read_usage(raw) if "prompt_tokens" in raw else _read_tokens(raw)
    if told is None or not told.total:
        stated = read_usage(raw).stated_cost if raw else None
        return Usage(images=count, quality="estimated", stated_cost=stated, vendor={NAME: raw} if raw else {})
    return told


def _read_tokens(raw: Json) -> Usage | None:
    if not raw.get("total_tokens") and not raw.get("output_tokens"):
        return None
    read, written = a_count(raw.get("input_tokens")), a_count(raw.get("output_tokens"))
    seen = a_count(an_object(raw.get("input_tokens_details")).get("image_tokens"))
    words = a_count(an_object(raw.get("output_tokens_details")).get("text_tokens"))
    total = a_count(raw.get("total_tokens")) or read + written
    adds_up = total == read + written and seen <= read and words <= written
    return Usage(
        input=max(read - seen, 0),
        input_image=seen,
        output=words,
        output_image=max(written - words, 0),
        quality="exact" if adds_up else "inconsistent",
        vendor={NAME: raw},
    )


def write_picture(picture: Picture) -> Json:
    told: Json = {"url": picture.url} if picture.url else {"b64_json": b64encode(picture.data).decode()}
    if picture.prompt:
        told["revised_prompt"] = picture.prompt
    if picture.media_type and picture.data:
        told["mime_type"] = picture.media_type
    return told | own(picture.vendor)


def write_drawn(usage: Usage) -> Json:
    """The provider's own counts where it spoke this protocol."""
    if kept := usage.vendor.get(NAME):
        return kept
    return {
        "input_tokens": usage.input_total,
        "output_tokens": usage.output_total,
        "total_tokens": usage.total,
        "input_tokens_details": {
            "text_tokens": usage.input_total - usage.input_image,
            "image_tokens": usage.input_image,
        },
        "output_tokens_details": {"text_tokens": usage.output, "image_tokens": usage.output_image},
    }
