"""From what a program says to the requests that are not chats: vectors, order, verdicts, pictures, speech."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, TypedDict, TypeVar

from quorate.errors import InvalidRequest
from quorate.types.parts import Media
from quorate.types.pictures import ImageRequest
from quorate.types.sound import SpeechRequest, Stamp, TranscribeRequest
from quorate.types.work import EmbedRequest, ModerateRequest, RerankRequest, WorkRequest

from .asking import LIMITS, converted, no_setting
from .attach import attach


class WorkWishes(TypedDict, total=False):
    """What every such call takes by name. None leaves a setting alone."""

    model: str
    """'provider/model', a bare model name, an alias or 'route/<name>'."""
    vendor: dict[str, dict[str, Any]]
    """Fields of one protocol that the others do not have, keyed by protocol."""
    strict: bool | None
    """Fail rather than ask a model that cannot honour a setting."""
    max_cost: Decimal | float | None
    """Most dollars for the call, all attempts together."""
    timeout: float | None
    """Most seconds for the call, all attempts together."""


class EmbedWishes(WorkWishes, total=False):
    """How vectors shall be."""

    dimensions: int | None
    user: str


class RerankWishes(WorkWishes, total=False):
    """How documents are put in order."""

    top_n: int | None
    """How many of the best to name; all of them where it is left out."""
    max_document_tokens: int | None
    user: str


class ImageWishes(WorkWishes, total=False):
    """How pictures shall be."""

    n: int | None
    """How many."""
    size: str
    """'1024x1536' and the like, or a provider's own word."""
    quality: str
    background: str
    """'transparent', 'opaque'."""
    format: str
    """'png', 'jpeg', 'webp'."""
    link: bool | None
    """True for URLs; the client asks for bytes."""
    user: str


class SpeechWishes(WorkWishes, total=False):
    """How a text shall be spoken."""

    voice: str
    """A provider's own name for it."""
    format: str
    """'mp3', 'opus', 'aac', 'flac', 'wav', 'pcm'."""
    speed: float | None
    """1 is the usual pace."""
    instructions: str
    """How it is to be spoken, in words."""


class TranscribeWishes(WorkWishes, total=False):
    """How speech shall be written down."""

    name: str
    """Of the file, where its bytes are given: providers go by its ending."""
    language: str
    """Of what is said, as an ISO 639-1 code."""
    prompt: str
    """Words that are likely to come, or what was said before."""
    temperature: float | None
    timestamps: Stamp | Iterable[Stamp]
    """'segment', 'word': times are wanted of these."""
    speakers: bool
    """Who says what is to be told apart."""
    translate: bool
    """The text is wanted in English, whatever is spoken."""


Asked = TypeVar("Asked", bound=WorkRequest[Any])
Limits = dict[str, Any]
Picture = str | Path | bytes | Media
"""A file, a URL, the bytes themselves, or what `attach` makes of them."""


def asked_to_embed(texts: str | Iterable[str], wishes: Mapping[str, Any]) -> tuple[EmbedRequest, Limits]:
    """The request, and the limits of the call; so do the others."""
    return _asked(EmbedRequest, {"inputs": _needed(texts, "inputs", "text to embed")}, wishes)


def asked_to_rerank(
    query: str, documents: Iterable[str], wishes: Mapping[str, Any]
) -> tuple[RerankRequest, Limits]:
    told = {"query": query, "documents": _needed(documents, "documents", "document to put in order")}
    return _asked(RerankRequest, told, wishes)


def asked_to_moderate(
    texts: str | Iterable[str], images: Picture | Iterable[Picture], wishes: Mapping[str, Any]
) -> tuple[ModerateRequest, Limits]:
    pictures = _pictures(images)
    listed = (texts,) if isinstance(texts, str) else tuple(texts)
    told = {"inputs": listed if pictures else _needed(listed, "inputs", "text to judge"), "images": pictures}
    return _asked(ModerateRequest, told, wishes)


def asked_to_draw(
    prompt: str, images: Picture | Iterable[Picture], mask: Picture | None, wishes: Mapping[str, Any]
) -> tuple[ImageRequest, Limits]:
    """Bytes are asked for, unless URLs are."""
    told = {
        "prompt": prompt,
        "images": _pictures(images),
        "mask": None if mask is None else _picture(mask, "mask"),
        "link": False,
    }
    return _asked(ImageRequest, told, wishes)


def asked_to_speak(text: str, wishes: Mapping[str, Any]) -> tuple[SpeechRequest, Limits]:
    if isinstance(text, str) and not text.strip():  # pyright: ignore[reportUnnecessaryIsInstance]  # untyped callers
        raise InvalidRequest("there is no text to speak", where="text")
    return _asked(SpeechRequest, {"text": text}, wishes)


def asked_to_transcribe(
    audio: str | Path | bytes, wishes: Mapping[str, Any]
) -> tuple[TranscribeRequest, Limits]:
    """A file is read whole."""
    settings = dict(wishes)
    if isinstance(audio, bytes):
        told: dict[str, Any] = {"audio": audio}
    else:
        media = attach(audio, name=settings.pop("name", ""))
        if media.url:
            raise InvalidRequest("a sound is sent as a file or as bytes, not as a URL", where="audio")
        told = {"audio": media.data, "name": media.name, "media_type": media.media_type}
    if not told["audio"]:
        raise InvalidRequest("there is nothing to listen to", where="audio")
    stamps: Any = settings.get("timestamps", ())
    settings["timestamps"] = (stamps,) if isinstance(stamps, str) else tuple(stamps or ())
    return _asked(TranscribeRequest, told, settings)


def _asked(kind: type[Asked], told: dict[str, Any], wishes: Mapping[str, Any]) -> tuple[Asked, Limits]:
    settings = {name: value for name, value in wishes.items() if value is not None}
    limits = {name: settings.pop(name, None) for name in LIMITS}
    known = (*kind.__struct_fields__, *LIMITS)
    if unknown := settings.keys() - set(known):
        raise no_setting(min(unknown), known)
    return converted({"model": ""} | told | settings, kind), limits


def _needed(texts: str | Iterable[str], where: str, what: str) -> tuple[str, ...]:
    listed = (texts,) if isinstance(texts, str) else tuple(texts)
    if not listed:
        raise InvalidRequest(f"there is no {what}", where=where)
    return listed


def _pictures(given: Picture | Iterable[Picture]) -> tuple[Media, ...]:
    several = (given,) if isinstance(given, str | Path | bytes | Media) else tuple(given)
    return tuple(_picture(each, f"images.{place}") for place, each in enumerate(several))


def _picture(given: Picture, where: str) -> Media:
    if isinstance(given, bytes):
        return Media(kind="image", data=given)
    media = given if isinstance(given, Media) else attach(given)
    if media.kind != "image":
        raise InvalidRequest(f"'{media.name or media.url}' is no picture", where=where)
    return media
