"""Sources of an answer: Gemini's grounding, citation and URL metadata as parts of ours, and back.

A passage that supports words becomes a `Citation` of them, one that supports none in particular a
`SearchResult`. Places are counted in bytes of UTF-8, as Google counts them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

from quorate.types.parts import Citation, Part, SearchResult

from .fields import Json, an_object, vendor

METADATA = ("groundingMetadata", "citationMetadata", "urlContextMetadata")
"""Fields of a candidate that tell of sources."""


def read_sources(candidate: Json) -> list[Citation | SearchResult]:
    """The sources that a candidate's metadata tells of, in its order."""
    if candidate.keys().isdisjoint(METADATA):
        return []
    grounding = an_object(candidate.get("groundingMetadata"))
    chunks = [_source(each) for each in _objects(grounding.get("groundingChunks"))]
    supports = _objects(grounding.get("groundingSupports"))
    found: list[Citation | SearchResult] = []
    cited: set[int] = set()
    for support in supports:
        for index in _indices(support, len(chunks)):
            cited.add(index)
            found.append(_citation(chunks[index], an_object(support.get("segment"))))
    found.extend(chunk for index, chunk in enumerate(chunks) if index not in cited)
    found.extend(_recited(each) for each in citations_of(an_object(candidate.get("citationMetadata"))))
    urls = _objects(an_object(candidate.get("urlContextMetadata")).get("urlMetadata"))
    found.extend(SearchResult(url=_text(each, "retrievedUrl")) for each in urls if "retrievedUrl" in each)
    return found


def searches_of(candidate: Json) -> int:
    """How many searches Google ran for it."""
    queries = an_object(candidate.get("groundingMetadata")).get("webSearchQueries")
    return len(cast("list[object]", queries)) if isinstance(queries, list) else 0


def citations_of(metadata: Json) -> list[Json]:
    """The entries of a citation metadata: AI Studio and Vertex AI name the list differently."""
    return _objects(metadata.get("citationSources")) or _objects(metadata.get("citations"))


def _objects(value: object) -> list[Json]:
    if not isinstance(value, list):
        return []
    return [cast("Json", item) for item in cast("list[object]", value) if isinstance(item, dict)]


def _indices(support: Json, size: int) -> list[int]:
    indices: Any = support.get("groundingChunkIndices")
    if not isinstance(indices, list):
        return []
    return [each for each in cast("list[object]", indices) if isinstance(each, int) and 0 <= each < size]


def _text(fields: Json, name: str) -> str:
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def _source(chunk: Json) -> SearchResult:
    """Whatever kind of source it is: a web page, a document, a place, an image."""
    inner = next((fields for value in chunk.values() if (fields := an_object(value))), Json())
    url = _text(inner, "uri") or _text(inner, "sourceUri") or _text(inner, "imageUri")
    return SearchResult(url=url, title=_text(inner, "title"), text=_text(inner, "text"))


def _citation(source: SearchResult, segment: Json) -> Citation:
    start, end = segment.get("startIndex"), segment.get("endIndex")
    if isinstance(end, int) and start is None:
        start = 0  # Google leaves out what is zero
    return Citation(
        url=source.url,
        title=source.title,
        quote=source.text,
        start=start if isinstance(start, int) else None,
        end=end if isinstance(end, int) else None,
    )


def _recited(entry: Json) -> Citation:
    source = SearchResult(url=_text(entry, "uri"), title=_text(entry, "title"))
    kept = {name: entry[name] for name in ("license", "publicationDate") if name in entry}
    cited = _citation(source, entry)
    return Citation(url=cited.url, title=cited.title, start=cited.start, end=cited.end, vendor=vendor(kept))


def write_sources(parts: Iterable[Part]) -> Json:
    """The metadata of a candidate that tells of these sources; {} where there are none."""
    chunks: list[Json] = []
    supports: list[Json] = []
    parts = tuple(parts)
    for part in parts:
        if isinstance(part, Citation):
            index = _index_of(_chunk(part.url, part.title, part.quote), chunks)
            supports.append({"segment": _segment(part), "groundingChunkIndices": [index]})
    for part in parts:
        if isinstance(part, SearchResult):
            _index_of(_chunk(part.url, part.title, part.text), chunks)
    if not chunks:
        return {}
    grounding: Json = {"groundingChunks": chunks}
    if supports:
        grounding["groundingSupports"] = supports
    return {"groundingMetadata": grounding}


def _index_of(chunk: Json, chunks: list[Json]) -> int:
    if chunk not in chunks:
        chunks.append(chunk)
    return chunks.index(chunk)


def _chunk(url: str, title: str, text: str) -> Json:
    fields = {name: value for name, value in (("uri", url), ("title", title), ("text", text)) if value}
    return {"retrievedContext" if text else "web": fields}


def _segment(citation: Citation) -> Json:
    places = {"startIndex": citation.start, "endIndex": citation.end}
    return {name: place for name, place in places.items() if place is not None}


def merged(earlier: Json, later: Json) -> Json:
    """A candidate's fields of one more piece of a stream over those so far: lists of citations grow."""
    out = earlier | later
    before, after = an_object(earlier.get("citationMetadata")), an_object(later.get("citationMetadata"))
    if before and after:
        name = "citationSources" if "citationSources" in after else "citations"
        known: Sequence[Json] = citations_of(before)
        out["citationMetadata"] = {
            name: [*known, *(each for each in citations_of(after) if each not in known)]
        }
    return out
