"""What a tool gave back, as a message of its own."""

from __future__ import annotations

from quorate.types.parts import SearchResult, Text, ToolResult
from quorate.wire.json_fields import Json
from quorate.wire.notes import Notes

from .documents import text_document, write_document
from .fields import own


def write_result(result: ToolResult, place: str, notes: Notes) -> Json:
    """One text alone goes as a string; passages go as documents, so that the model can cite them one by one."""
    blocks: list[Json] = []
    for index, part in enumerate(result.content):
        inner = f"{place}.content.{index}"
        match part:
            case Text(text=text):
                blocks.append({"type": "text", "text": text} | own(part.vendor))
            case SearchResult():
                blocks.append({"type": "document", "document": write_document(part)})
            case _ if (found := text_document(part)) is not None:
                blocks.append({"type": "document", "document": write_document(found)})
                notes.emulated(inner, "the file's words stand in a document")
            case _:
                notes.dropped(inner, f"a tool's result has no place for the kind '{part.kind}'")
        if part.cache:
            notes.dropped(f"{inner}.cache", "this protocol caches prompts by itself")
    if result.failed:
        notes.dropped(f"{place}.failed", "only the words tell that a tool failed")
    if result.cache:
        notes.dropped(f"{place}.cache", "this protocol caches prompts by itself")
    alone = blocks[0] if len(blocks) == 1 else {}
    content = alone["text"] if alone.keys() == {"type", "text"} else blocks or ""
    return {"role": "tool", "tool_call_id": result.call_id, "content": content} | own(result.vendor)
