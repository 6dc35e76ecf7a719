"""A line of answers that go on from one another: as items of input, as a call that holds all of them, as a page."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from quorate.types.chat import Departure
from quorate.types.value import Value
from quorate.wire.json_fields import Json, a_text, an_object

from .ids import MARK, asked_id, is_made

_loads = msgspec.json.decode
_dumps = msgspec.json.encode
_TEXT = b'"'


class Link(Value):
    """What was asked, and what was answered."""

    name: str
    """The answer's id."""
    provider: str = ""
    """Who made it."""
    input: bytes
    """JSON: a text or a list of items; '' where there is none."""
    answer: bytes
    """JSON: the whole response."""


class _Answer(msgspec.Struct):
    output: list[msgspec.Raw] = []


_read_body = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_read_items = msgspec.json.Decoder(list[msgspec.Raw]).decode
_read_answer = msgspec.json.Decoder(_Answer).decode


def joined(body: bytes, line: Sequence[Link], provider: str | None = None) -> tuple[bytes, list[Departure]]:
    """The call with all items of the line (oldest first) before its own, in place of the id of the last one.

    For a provider by name, what only another could read stays away and is told: ids of items, sealed thoughts.
    """
    fields = _read_body(body)
    fields.pop("previous_response_id", None)
    items: list[bytes] = []
    lost: list[Departure] = []
    for number, link in enumerate(line):
        answered = [bytes(item) for item in _read_answer(link.answer).output]
        if provider is not None and link.provider != provider:
            kept = [_without_home(item) for item in answered]
            if None in kept:
                detail = f"thoughts of '{link.provider}' mean nothing to '{provider}'"
                lost.append(
                    Departure(setting=f"previous_response_id.{number}", kind="dropped", detail=detail)
                )
            answered = [item for item in kept if item is not None]
        items += [*_items(link.input), *answered]
    items += _items(bytes(fields.get("input", b"")))
    if provider is not None:
        items = [_without_made_id(item) for item in items]
    fields["input"] = msgspec.Raw(b"[" + b",".join(items) + b"]")
    return _dumps(fields), lost


def _items(told: bytes) -> list[bytes]:
    """An input as items."""
    if not told or told == b"null":
        return []
    if told.startswith(_TEXT):
        return [b'{"type":"message","role":"user","content":' + told + b"}"] if told != b'""' else []
    return [bytes(item) for item in _read_items(told)]


def _without_home(item: bytes) -> bytes | None:
    """An answer's item for another provider than its own; None for what nobody else can read."""
    told = an_object(_loads(item))
    if told.get("type") == "reasoning":
        return None
    told.pop("id", None)
    return _dumps(told)


def _without_made_id(item: bytes) -> bytes:
    if MARK not in item:
        return item
    told = an_object(_loads(item))
    if is_made(told.get("id")):
        del told["id"]
    return _dumps(told)


def shown_items(line: Sequence[Link]) -> list[Json]:
    """All items that the line's last answer was made of, as clients see them: each with an id."""
    shown: list[Json] = []
    for link in line[:-1]:
        shown += _shown(link)
        shown += [an_object(_loads(item)) for item in _read_answer(link.answer).output]
    return shown + _shown(line[-1]) if line else shown


def _shown(link: Link) -> list[Json]:
    return [
        _item(an_object(_loads(item)), link.name, number) for number, item in enumerate(_items(link.input))
    ]


def _item(item: Json, name: str, number: int) -> Json:
    kind = a_text(item.get("type")) or ("message" if "role" in item else "item_reference")
    told = {"id": asked_id(kind, name, number), "type": kind} | item
    if kind == "message":
        words = "output_text" if told.get("role") == "assistant" else "input_text"
        if isinstance(told.get("content"), str):
            told["content"] = [{"type": words, "text": told["content"]}]
        told.setdefault("status", "completed")
    return told


def page(items: Sequence[Json], *, limit: int, is_ascending: bool, after: str) -> Json | None:
    """One page of a list of items; None where it is to begin after an item that is not among them."""
    ordered = list(items) if is_ascending else list(reversed(items))
    start = 0
    if after:
        start = next((place for place, item in enumerate(ordered, 1) if item.get("id") == after), -1)
    if start < 0:
        return None
    data = ordered[start : start + limit]
    return {
        "object": "list",
        "data": data,
        "first_id": data[0].get("id") if data else None,
        "last_id": data[-1].get("id") if data else None,
        "has_more": start + limit < len(ordered),
    }
