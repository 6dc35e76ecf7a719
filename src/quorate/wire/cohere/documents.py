"""Documents that a model may cite: of a request, and of a tool's result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quorate.types.parts import Media, SearchResult
from quorate.types.value import replace
from quorate.wire.json_fields import Json, a_text, an_object

from .fields import left, own, vendor

_TEXT_FILES = ("text/", "application/json", "application/xml", "application/yaml")

_KEYS: Mapping[str, str] = {"title": "title", "text": "text", "url": "url", "published": "date"}
"""Our field → the key of a document's data. Models read the keys too, and want words for them."""


def write_document(found: SearchResult) -> Json:
    """`id` is given where it came with the passage; else Cohere numbers its documents."""
    kept = dict(own(found.vendor))
    told = {key: value for name, key in _KEYS.items() if (value := getattr(found, name))}
    return kept | {"data": told | an_object(kept.get("data"))}


def read_document(raw: Any) -> SearchResult:
    """A document is an object, or its text alone."""
    if isinstance(raw, str):
        return SearchResult(text=raw)
    fields = an_object(raw)
    data = dict(an_object(fields.get("data")))
    told = {name: a_text(data.pop(key, "")) for name, key in _KEYS.items()}
    rest = left(fields, ("data",)) | ({"data": data} if data else {})
    return replace(SearchResult(vendor=vendor(rest)), **told)


def text_document(media: Media) -> SearchResult | None:
    """An inline text file as a document; None where it is none."""
    if media.kind != "file" or not media.data or not media.media_type.startswith(_TEXT_FILES):
        return None
    try:
        return SearchResult(title=media.name, text=media.data.decode())
    except UnicodeDecodeError:
        return None
