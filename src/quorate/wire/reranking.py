"""Documents in order of how well they answer a query: the shape that Cohere began and that many servers took over.

A protocol's own fields stay with it: what is here are the pieces that several of them share.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from quorate.types.parts import Vendor
from quorate.types.work import Ranked, RerankRequest
from quorate.wire.json_fields import Json, an_object, is_list, is_object

_SCORES = ("relevance_score", "score")
_KNOWN = ("index", "document", *_SCORES)


def write_question(request: RerankRequest, model: str) -> Json:
    """What is asked, but for what servers call by different names."""
    body: Json = {"model": model, "query": request.query, "documents": list(request.documents)}
    if request.top_n is not None:
        body["top_n"] = request.top_n
    return body


def read_ranks(raw: object, vendor: Callable[[Json], Vendor]) -> tuple[Ranked, ...] | None:
    """The places, best first whatever order they came in; None where there are none to read.

    `vendor` makes the leftovers of a place. Documents that come back are passed over: whoever asks has them.
    """
    if not is_list(raw):
        return None
    ranks = [_read_rank(each, vendor) for each in raw]
    read = [each for each in ranks if each is not None]
    if len(read) < len(ranks):
        return None
    return tuple(sorted(read, key=lambda each: -each.score))


def _read_rank(item: object, vendor: Callable[[Json], Vendor]) -> Ranked | None:
    if not is_object(item):
        return None
    index, score = item.get("index"), next((item[name] for name in _SCORES if name in item), None)
    if not isinstance(index, int) or isinstance(index, bool) or index < 0:
        return None
    if not isinstance(score, int | float) or isinstance(score, bool) or not math.isfinite(score):
        return None
    rest = {name: value for name, value in item.items() if name not in _KNOWN}
    return Ranked(index=index, score=float(score), vendor=vendor(rest))


def search_units(body: Json) -> int:
    """The units a provider bills: a query with up to a hundred documents is one. 0 where it bills by others."""
    for told in (an_object(an_object(body.get("meta")).get("billed_units")), an_object(body.get("usage"))):
        units = told.get("search_units")
        if isinstance(units, int | float) and units > 0:
            return math.ceil(units)
    return 0
