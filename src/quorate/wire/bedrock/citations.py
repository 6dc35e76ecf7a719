"""Citations: what a block says of the sources of its text, and ours.

The protocol counts characters, pages and chunks of the cited document, never of the reply, so these numbers stay
leftovers.
"""

from __future__ import annotations

from quorate.types.parts import Citation
from quorate.wire.json_fields import Json, a_text, an_object, objects

from .fields import NAME, own


def read_citation(fields: Json) -> Citation:
    """Of a whole answer or of a stream: both have the same form."""
    rest = dict(fields)
    title = a_text(rest.pop("title", None))
    quotes = [a_text(each.get("text")) for each in objects(rest.get("sourceContent"))]
    web = an_object(an_object(rest.get("location")).get("web"))
    url = a_text(web.get("url"))
    # The pieces of the quote stay as they are beside their sum.
    if len(quotes) == 1 and rest["sourceContent"] == [{"text": quotes[0]}]:
        del rest["sourceContent"]
    if rest.get("location") == {"web": {"url": url}}:
        del rest["location"]
    return Citation(url=url, title=title, quote="".join(quotes), vendor={NAME: rest})


def write_citation(citation: Citation) -> Json:
    said: Json = {}
    if citation.title:
        said["title"] = citation.title
    if citation.quote:
        said["sourceContent"] = [{"text": citation.quote}]
    if citation.url:
        said["location"] = {"web": {"url": citation.url}}
    return said | own(citation.vendor)


def is_own(citation: Citation) -> bool:
    """Whether this protocol's provider made it: it takes back no other."""
    return NAME in citation.vendor
