"""What tools gave back, and the passages that a search found: blocks that hold blocks of a smaller kind."""

from __future__ import annotations

import msgspec

from quorate.types.parts import Media, Part, SearchResult, Text, ToolResult
from quorate.wire.json_fields import Json, a_text, an_object, objects

from .fields import NAME, left, own, vendor
from .media import BLOCKS, read_media, write_media

BESIDE = "beside"
"""Of leftovers: fields that stood beside the one that a block is made of."""


def read_result(fields: Json, at: str) -> ToolResult:
    content: list[Text | Media | SearchResult] = []
    for number, block in enumerate(objects(fields.get("content"))):
        content.append(read_inner(block, f"{at}.content.{number}"))
    rest = left(fields, ("toolUseId", "content", "status"))
    # The caller runs its tools itself: a result with a type is of one that the provider ran.
    hosted = "type" in fields
    if fields.get("status") == "success":
        rest["status"] = "success"
    return ToolResult(
        call_id=a_text(fields.get("toolUseId")),
        content=tuple(content),
        failed=fields.get("status") == "error",
        hosted=hosted,
        vendor=vendor(rest),
    )


def read_inner(block: Json, at: str) -> Text | Media | SearchResult:
    match block:
        case {"text": str(text), **rest} if not rest:
            return Text(text=text)
        case {"json": document, **rest} if not rest:
            return Text(text=msgspec.json.encode(document).decode(), vendor={NAME: {"json": document}})
        case {"searchResult": found}:
            return read_passage(an_object(found))
        case _:
            for kind in BLOCKS:
                if kind in block:
                    return read_media(kind, block[kind], f"{at}.{kind}")
    return Text(text=msgspec.json.encode(block).decode(), vendor={NAME: {"block": block}})


def read_passage(fields: Json) -> SearchResult:
    texts = [a_text(each.get("text")) for each in objects(fields.get("content"))]
    rest = left(fields, ("source", "title"))
    if len(texts) == 1 and rest["content"] == [{"text": texts[0]}]:
        del rest["content"]
    return SearchResult(
        url=a_text(fields.get("source")),
        title=a_text(fields.get("title")),
        text="\n".join(texts),
        vendor=vendor(rest),
    )


def write_result(result: ToolResult) -> Json:
    said: Json = {"toolUseId": result.call_id, "content": [_write_inner(each) for each in result.content]}
    if result.failed:
        said["status"] = "error"
    return {"toolResult": said | inside(result)}


def _write_inner(part: Text | Media | SearchResult) -> Json:
    kept = own(part.vendor)
    match part:
        case Text(text=text):
            if "json" in kept:
                return {"json": kept["json"]}
            return kept.get("block", {"text": text})
        case Media():
            return write_media(part)
        case SearchResult():
            return write_passage(part)


def write_passage(found: SearchResult) -> Json:
    said: Json = {"source": found.url, "title": found.title, "content": [{"text": found.text}]}
    return {"searchResult": said | inside(found)}


def inside(part: Part) -> Json:
    """Leftovers of the one field that the block is made of."""
    return left(own(part.vendor), (BESIDE,))
