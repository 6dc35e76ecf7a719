"""Where an answer's words come from: the annotations of a text, both ways."""

from __future__ import annotations

from collections.abc import Iterable

from quorate.types.parts import Citation
from quorate.wire.json_fields import Json, a_text, objects

from .fields import own, vendor

_URL = "url_citation"
_KNOWN = ("type", "url", "title", "start_index", "end_index")


def read_annotations(value: object, text: str) -> list[Citation]:
    """The sources of a text."""
    return [_read(item, len(text)) for item in objects(value)]


def _read(item: Json, length: int) -> Citation:
    """A range without width at the text's very end says that the range is not known: so we write that."""
    if item.get("type") != _URL:
        return Citation(title=a_text(item.get("filename")), vendor=vendor(item))
    start, end = item.get("start_index"), item.get("end_index")
    rest = {name: value for name, value in item.items() if name not in _KNOWN}
    if start == end == length:
        start = end = None
    return Citation(
        url=a_text(item.get("url")),
        title=a_text(item.get("title")),
        start=start if isinstance(start, int) else None,
        end=end if isinstance(end, int) else None,
        vendor=vendor(rest),
    )


def write_annotations(parts: Iterable[Citation], text: str) -> list[Json]:
    """The `annotations` of a text: clients that check types want a range in each."""
    return [write_annotation(part, len(text)) for part in parts]


def write_annotation(part: Citation, length: int) -> Json:
    """One source of a text of that length."""
    rest = own(part.vendor)
    if "type" in rest:
        return rest
    start = length if part.start is None else part.start
    end = max(start, length) if part.end is None else part.end
    told: Json = {"type": _URL, "url": part.url, "title": part.title, "start_index": start, "end_index": end}
    return told | rest
