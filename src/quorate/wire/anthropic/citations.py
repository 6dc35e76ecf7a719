"""Citations: what a text block's `citations` say, and ours.

The protocol counts characters, pages and blocks of the cited document, never of the reply, so these
numbers stay leftovers.
"""

from __future__ import annotations

from msgspec import Raw

from quorate.types.parts import Citation

from .fields import NAME, Fields, Json, own

_WEB = "web_search_result_location"
_PASSAGE = "search_result_location"
_PLACES = ("char_location", "page_location", "content_block_location")

_PLAIN: tuple[Json, ...] = ({"type": _WEB}, {"type": _WEB, "encrypted_index": ""})
"""What is left of a citation that our front wrote for another protocol's."""


def read_citation(raw: Raw, at: str) -> Citation:
    fields = Fields(raw, at)
    kind = fields.text("type")
    url = title = ""
    if kind == _WEB:
        url, title = fields.text("url"), fields.text("title")
    elif kind == _PASSAGE:
        url, title = fields.text("source"), fields.text("title")
    elif kind in _PLACES:
        title = fields.text("document_title")
    quote = fields.text("cited_text")
    rest: Json = {"type": kind} | fields.left()
    return Citation(url=url, title=title, quote=quote, vendor={} if rest in _PLAIN else {NAME: rest})


def write_citation(citation: Citation) -> Json:
    """A citation of another protocol is written as a web search's, the only one that has a URL."""
    kept = own(citation.vendor)
    title = citation.title or None
    said: Json = {"type": _WEB, "cited_text": citation.quote}
    match kept.get("type", _WEB):
        case "web_search_result_location":
            said |= {"url": citation.url, "title": title, "encrypted_index": ""}
        case "search_result_location":
            said |= {"source": citation.url, "title": title}
        case "char_location" | "page_location" | "content_block_location":
            said |= {"document_title": title}
        case _:
            pass
    return said | kept


def is_own(citation: Citation) -> bool:
    """Whether this protocol's provider made it: it takes back no other."""
    return NAME in citation.vendor
