"""Reasoning as the dialects write it: string fields, a list of details, thinking chunks inside the content.

How a thought came is kept in its `vendor`: `fields` (the string fields it stood in, where that is not
`reasoning_content` alone), `reasoning_details` (the list), `chunk` (what else a thinking chunk held).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from quorate.types.parts import Reasoning, Vendor
from quorate.wire.json_fields import Json, a_list, a_text, an_object, objects

from .fields import own, vendor

PLAIN = "reasoning_content"
FIELDS = (PLAIN, "reasoning", "reasoning_text")
"""The string fields in which providers tell thoughts, the commonest first."""

DETAILS = "reasoning_details"
CHUNK = "thinking"
_GROWING = ("text", "summary", "data")


def thought_text(message: Json) -> tuple[str, list[str]]:
    """The thought in a message's string fields, and the fields it stood in."""
    told = [name for name in FIELDS if isinstance(message.get(name), str) and message[name]]
    return (message[told[0]] if told else "", told)


def details_text(details: Iterable[Json]) -> str:
    """The readable part of a list of details."""
    return "".join(a_text(item.get("text")) or a_text(item.get("summary")) for item in details)


def marks(fields: Sequence[str], details: Sequence[Json] = ()) -> Vendor:
    """The vendor of a thought that stood in these fields with these details."""
    rest: Json = {} if list(fields) == [PLAIN] else {"fields": list(fields)}
    if details:
        rest[DETAILS] = list(details)
    return vendor(rest)


def merged(details: Sequence[Json], more: Iterable[Json]) -> list[Json]:
    """Pieces of details put together: neighbours of one type and index are one detail."""
    out = list(details)
    for piece in more:
        last = out[-1] if out else None
        same = last is not None and all(last.get(key) == piece.get(key) for key in ("type", "index"))
        if last is None or not same or _is_another(last, piece):
            out.append(piece)
            continue
        grown = {
            key: a_text(last.get(key)) + a_text(piece[key]) for key in _GROWING if a_text(piece.get(key))
        }
        told = {key: value for key, value in piece.items() if value is not None}
        out[-1] = last | told | grown
    return out


def _is_another(last: Json, piece: Json) -> bool:
    """Two details may share an index; ids that differ tell them apart, and so does a signed end."""
    ids = (last.get("id"), piece.get("id"))
    return (None not in ids and ids[0] != ids[1]) or (bool(last.get("signature")) and bool(piece.get("text")))


def thought_of(message: Json) -> Reasoning | None:
    """Takes the thought out of a whole message's fields; None where it has none."""
    text, told = thought_text(message)
    details = objects(message.get(DETAILS))
    for name in told:
        del message[name]
    if details and len(details) == len(a_list(message.get(DETAILS))):
        del message[DETAILS]
    if not text and not details:
        return None
    words = text or details_text(details)
    return Reasoning(text=words, redacted=not words, vendor=marks(told, details))


def chunk_text(chunk: Json) -> tuple[str, Json]:
    """The words of a thinking chunk, and what else it holds."""
    rest = {key: value for key, value in chunk.items() if key not in ("type", CHUNK)}
    inner = chunk.get(CHUNK)
    if isinstance(inner, str):
        return inner, rest
    others = [item for item in a_list(inner) if not _is_words(item)]
    if others:
        rest[CHUNK] = others
    return "".join(a_text(item.get("text")) for item in objects(inner) if _is_words(item)), rest


def _is_words(item: object) -> bool:
    return set(an_object(item)) == {"type", "text"} and an_object(item)["type"] == "text"


def write_chunk(thought: Reasoning) -> Json:
    """A thinking chunk for the content list."""
    rest = dict(own(thought.vendor).get("chunk") or {})
    others = rest.pop(CHUNK, [])
    words = [{"type": "text", "text": thought.text}] if thought.text else []
    return {"type": CHUNK, CHUNK: [*words, *others], **rest}


def is_chunk(thought: Reasoning) -> bool:
    return "chunk" in own(thought.vendor)


def reply_fields(thoughts: Sequence[Reasoning]) -> Json:
    """The message fields that tell these thoughts, as they came or in the commonest way."""
    out: Json = {}
    for thought in thoughts:
        kept = own(thought.vendor)
        for name in kept.get("fields", [PLAIN]):
            out[name] = out.get(name, "") + thought.text
        if DETAILS in kept:
            out[DETAILS] = [*out.get(DETAILS, []), *kept[DETAILS]]
    return out


def replay_fields(thoughts: Sequence[Reasoning], field: str) -> Json:
    """The message fields that hand these thoughts back to a target that wants them in `field`."""
    details = [item for thought in thoughts for item in own(thought.vendor).get(DETAILS, [])]
    if field == DETAILS and details:
        return {DETAILS: details}
    text = "".join(thought.text for thought in thoughts)
    return {"reasoning" if field == DETAILS else field: text} if text else {}
