"""Citations: what of the answer a source supports, and which documents or results of tools are the source."""

from __future__ import annotations

from collections.abc import Iterable

from quorate.types.parts import Citation
from quorate.wire.json_fields import Json, a_text, an_object, objects

from .fields import left, own, vendor

_WHERE = ("start", "end")
_WORDS = ("text", "snippet", "content")
"""Keys under which a source's own words stand, in order: Cohere's guides, and what it makes of a tool's string."""


def read_citation(raw: Json) -> list[Citation]:
    """A citation for each of its sources."""
    sources = objects(raw.get("sources")) or [{}]
    start, end = raw.get("start"), raw.get("end")
    rest = left(raw, (*_WHERE, "sources"))
    return [
        Citation(
            url=_url(source),
            title=a_text(_document(source).get("title")),
            quote=next((words for name in _WORDS if (words := a_text(_document(source).get(name)))), ""),
            start=start if isinstance(start, int) else None,
            end=end if isinstance(end, int) else None,
            vendor=vendor(rest | ({"sources": [source]} if source else {})),
        )
        for source in sources
    ]


def _document(source: Json) -> Json:
    return an_object(source.get("document") or source.get("tool_output"))


def _url(source: Json) -> str:
    """Where a document tells no address, its id may be one."""
    told, name = a_text(_document(source).get("url")), a_text(source.get("id"))
    return told or (name if name.startswith(("https://", "http://")) else "")


def write_citations(citations: Iterable[Citation]) -> list[Json]:
    """Neighbours that differ in nothing but their source become one citation."""
    written: list[Json] = []
    for citation in citations:
        rest = dict(own(citation.vendor))
        sources: list[Json] = rest.pop("sources", None) or _made_up(citation)
        places = {"start": citation.start, "end": citation.end}
        each: Json = {name: value for name, value in places.items() if value is not None} | rest
        if written and left(written[-1], ("sources",)) == each and sources:
            written[-1]["sources"] += sources
        else:
            written.append(each | ({"sources": list(sources)} if sources else {}))
    return written


def _made_up(citation: Citation) -> list[Json]:
    """A source for a citation of another protocol."""
    told = {"url": citation.url, "title": citation.title, "text": citation.quote}
    document = {name: value for name, value in told.items() if value}
    return [{"type": "document", "document": document}] if document else []


def follows(raw: Json) -> int | str | None:
    """What a citation stands behind: the number of a block, the plan, or (None) the text, whichever it is."""
    if raw.get("type") == "PLAN":
        return "plan"
    index = raw.get("content_index")
    return index if isinstance(index, int) else None
