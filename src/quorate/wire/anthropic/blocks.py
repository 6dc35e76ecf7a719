"""Content blocks and our parts: what `read_block` reads, `write_blocks` writes back equal.

Requests and replies are made of the same blocks, so codec and front share this. A text block with
citations is several parts: the text, then each citation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from msgspec import Raw

from quorate.types.parts import (
    Citation,
    Media,
    Opaque,
    Part,
    Reasoning,
    Refusal,
    SearchResult,
    Text,
    ToolCall,
    ToolResult,
)

from .calls import CALLS, is_hosted_result, read_call, read_hosted_result, write_call, write_hosted_result
from .citations import read_citation, write_citation
from .fields import NAME, Fields, Json, own, vendor
from .marks import read_mark, write_mark
from .media import read_media, write_media

_INNER = (Text, Media, SearchResult)


def read_block(raw: Raw, at: str) -> list[Part]:
    fields = Fields(raw, at)
    kind = fields.needed_text("type")
    if reader := _READERS.get(kind):
        return reader(fields, kind)
    if is_hosted_result(kind):
        return [read_hosted_result(fields, kind)]
    return [Opaque(kind=kind, vendor={NAME: {"type": kind} | fields.left()})]


def read_blocks(content: str | list[Raw] | None, at: str) -> list[Part]:
    """The parts of a content that may be a plain string."""
    if content is None:
        return []
    if isinstance(content, str):
        return [Text(text=content)]
    return [part for number, raw in enumerate(content) for part in read_block(raw, f"{at}.{number}")]


def _read_text(fields: Fields, _: str) -> list[Part]:
    text, cache = fields.text("text"), read_mark(fields)
    at = fields.place("citations")
    citations = [read_citation(raw, f"{at}.{number}") for number, raw in enumerate(fields.items("citations"))]
    return [Text(text=text, cache=cache, vendor=vendor(fields.left())), *citations]


def _read_thinking(fields: Fields, _: str) -> list[Part]:
    text, signature = fields.text("thinking"), fields.text("signature")
    # The mark tells this protocol's signature from another's, also where nothing else is left.
    return [Reasoning(text=text, signature=signature, vendor={NAME: fields.left()})]


def _read_redacted(fields: Fields, _: str) -> list[Part]:
    return [Reasoning(signature=fields.text("data"), redacted=True, vendor={NAME: fields.left()})]


def _read_call(fields: Fields, kind: str) -> list[Part]:
    return [read_call(fields, kind)]


def _read_media(fields: Fields, kind: str) -> list[Part]:
    return [read_media(fields, kind)]


def _read_result(fields: Fields, _: str) -> list[Part]:
    call_id, failed, cache = fields.text("tool_use_id"), fields.flag("is_error") or False, read_mark(fields)
    raw = fields.rest.get("content")
    parts = read_blocks(fields.text_or_items("content"), fields.place("content"))
    content = tuple(part for part in parts if isinstance(part, _INNER))
    if len(content) < len(parts) and raw is not None:
        # References to tools, cited texts: our value has no room for them, so the list stays as it came.
        fields.rest["content"] = raw
    return [
        ToolResult(call_id=call_id, content=content, failed=failed, cache=cache, vendor=vendor(fields.left()))
    ]


def _read_passage(fields: Fields, _: str) -> list[Part]:
    url, title, cache = fields.text("source"), fields.text("title"), read_mark(fields)
    raw = fields.rest.get("content")
    parts = read_blocks(fields.text_or_items("content"), fields.place("content"))
    text = "\n".join(part.text for part in parts if isinstance(part, Text))
    if raw is not None and parts != [Text(text=text)]:
        fields.rest["content"] = raw
    return [SearchResult(url=url, title=title, text=text, cache=cache, vendor=vendor(fields.left()))]


_READERS: Mapping[str, Callable[[Fields, str], list[Part]]] = {
    "text": _read_text,
    "thinking": _read_thinking,
    "redacted_thinking": _read_redacted,
    "tool_result": _read_result,
    "search_result": _read_passage,
    "image": _read_media,
    "document": _read_media,
} | dict.fromkeys(CALLS, _read_call)


def write_blocks(parts: Iterable[Part]) -> list[Json]:
    """The blocks of these parts; a part that the protocol has no block for is left out."""
    blocks: list[Json] = []
    for part in parts:
        if not isinstance(part, Citation):
            if block := write_block(part):
                blocks.append(block)
            continue
        if not blocks or blocks[-1]["type"] != "text":
            blocks.append({"type": "text", "text": ""})
        blocks[-1].setdefault("citations", []).append(write_citation(part))
    return blocks


def write_block(part: Part) -> Json | None:
    """One part alone; None where the protocol has no block for it."""
    kept = own(part.vendor)
    match part:
        case Text(text=text):
            return {"type": "text", "text": text} | kept | write_mark(part.cache)
        case Refusal(text=text):
            return {"type": "text", "text": text}
        case Reasoning(redacted=True):
            return {"type": "redacted_thinking", "data": part.signature} | kept
        case Reasoning():
            return {"type": "thinking", "thinking": part.text, "signature": part.signature} | kept
        case ToolCall():
            return write_call(part)
        case ToolResult(hosted=True):
            return write_hosted_result(part)
        case ToolResult():
            return _write_result(part)
        case Media():
            return write_media(part)
        case SearchResult():
            return _write_passage(part)
        case Opaque():
            return dict(kept) or None
        case _:
            return None


def _write_result(result: ToolResult) -> Json:
    block: Json = {"type": "tool_result", "tool_use_id": result.call_id}
    match result.content:
        case ():
            pass
        case (Text(text=text, cache=None, vendor=left),) if not left:
            block["content"] = text
        case _:
            block["content"] = write_blocks(result.content)
    if result.failed:
        block["is_error"] = True
    return block | own(result.vendor) | write_mark(result.cache)


def _write_passage(found: SearchResult) -> Json:
    said: Json = {
        "type": "search_result",
        "source": found.url,
        "title": found.title,
        "content": [{"type": "text", "text": found.text}],
    }
    return said | own(found.vendor) | write_mark(found.cache)
