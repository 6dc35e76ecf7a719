"""Where an answer's words come from: annotations of a message, lists of sources beside the choices."""

from __future__ import annotations

from collections.abc import Iterable

from quorate.types.parts import Citation, Opaque, Part, SearchResult
from quorate.wire.json_fields import Json, a_list, a_text, an_object, objects

from .fields import own, vendor
from .messages import ANNOTATION

_BESIDE = "citations"
"""Mark of a citation that stood in the list of URLs beside the choices."""


def read_annotation(item: Json) -> Citation | Opaque:
    """One annotation of a message."""
    source = dict(an_object(item.get("url_citation")))
    if item.get("type") != "url_citation" or not source:
        return Opaque(kind=ANNOTATION + a_text(item.get("type")), vendor=vendor(item))
    url, title, quote = (a_text(source.pop(name, None)) for name in ("url", "title", "content"))
    start, end = (source.pop(name, None) for name in ("start_index", "end_index"))
    rest = {key: value for key, value in item.items() if key not in ("type", "url_citation")}
    return Citation(
        url=url,
        title=title,
        quote=quote,
        start=start if isinstance(start, int) else None,
        end=end if isinstance(end, int) else None,
        vendor=vendor({**rest, "url_citation": source} if source else rest),
    )


def write_annotation(part: Citation | Opaque) -> Json:
    """One annotation, as it came or as the protocol has it."""
    if isinstance(part, Opaque):
        return own(part.vendor)
    rest = dict(own(part.vendor))
    inner: Json = {"url": part.url, "title": part.title, "start_index": part.start, "end_index": part.end}
    if part.quote:
        inner["content"] = part.quote
    return {"type": "url_citation", "url_citation": inner | an_object(rest.pop("url_citation", None)), **rest}


def read_beside(body: Json) -> list[Part]:
    """Takes the sources that stand beside the choices out of a reply's leftovers."""
    found: list[Part] = []
    urls = a_list(body.get("citations"))
    if urls and all(isinstance(url, str) for url in urls):
        del body["citations"]
        found += [Citation(url=url, vendor=vendor({_BESIDE: True})) for url in urls]
    results = a_list(body.get("search_results"))
    if results and len(objects(results)) == len(results):
        del body["search_results"]
        found += [_read_result(item) for item in results]
    return found


def _read_result(item: Json) -> SearchResult:
    rest = dict(item)
    url, title, text, published = (_taken(rest, name) for name in ("url", "title", "snippet", "date"))
    return SearchResult(url=url, title=title, text=text, published=published, vendor=vendor(rest))


def _taken(rest: Json, name: str) -> str:
    """A field's text, out of the rest; a value of another type stays."""
    return rest.pop(name) if isinstance(rest.get(name), str) else ""


def write_beside(parts: Iterable[Part]) -> Json:
    """The lists of sources that stand beside the choices."""
    urls = [part.url for part in parts if isinstance(part, Citation) and is_beside(part)]
    results = [_write_result(part) for part in parts if isinstance(part, SearchResult)]
    return ({"citations": urls} if urls else {}) | ({"search_results": results} if results else {})


def is_beside(part: Citation) -> bool:
    return bool(own(part.vendor).get(_BESIDE))


def _write_result(part: SearchResult) -> Json:
    told = {"title": part.title, "url": part.url, "date": part.published, "snippet": part.text}
    return {key: value for key, value in told.items() if value} | own(part.vendor)
