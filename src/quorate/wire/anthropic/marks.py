"""Cache marks: the `cache_control` of a block or a tool, and ours."""

from __future__ import annotations

from quorate.types.parts import CacheMark

from .fields import Fields, Json


def read_mark(fields: Fields) -> CacheMark | None:
    """The mark, taken; one of a form we do not know stays among the leftovers."""
    mark: CacheMark
    match fields.peek("cache_control"):
        case {"type": "ephemeral", "ttl": "1h", **rest} if not rest:
            mark = "1h"
        case {"type": "ephemeral", **rest} if rest in ({}, {"ttl": "5m"}, {"ttl": None}):
            mark = "5m"
        case None:
            fields.rest.pop("cache_control", None)
            return None
        case _:
            return None
    del fields.rest["cache_control"]
    return mark


def write_mark(mark: CacheMark | None) -> Json:
    """The field to add; empty where nothing is marked. Five minutes is what the protocol takes unsaid."""
    match mark:
        case None:
            return {}
        case "5m":
            return {"cache_control": {"type": "ephemeral"}}
        case _:
            return {"cache_control": {"type": "ephemeral", "ttl": mark}}
