"""Counts where the provider gives none: bounds before a call, estimates after a hang-up."""

from __future__ import annotations

from collections.abc import Iterable

from quorate.types.chat import ChatRequest, Tool
from quorate.types.events import Event, PartDelta
from quorate.types.parts import (
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
from quorate.types.usage import Usage

BYTES_PER_TOKEN = 4
"""Of English text in current vocabularies, about; for estimates, never for bounds."""

MEDIA_BOUND = 3_000
"""Input tokens that are reserved for one image, and at least for any other media: above what the large
providers bill for one image."""

BYTES_PER_HEARD_TOKEN = 8
"""Of sound and film, at most so few: speech has 750 bytes a second at the least, and costs 32 tokens."""

PER_MESSAGE = 16
"""Tokens a protocol may add around a message."""

PER_TOOL = 64


def size_of(request: ChatRequest) -> int:
    """An upper bound of the input's text tokens: its UTF-8 bytes, since no token is shorter than a byte."""
    total = 0
    for message in request.messages:
        total += PER_MESSAGE + sum(_size(part) for part in message.parts)
    for tool in request.tools:
        total += PER_TOOL
        if isinstance(tool, Tool):
            total += len(str(tool.schema).encode()) + len(tool.description.encode())
    if request.output is not None:
        total += len(str(request.output.schema).encode())
    return total


def _size(part: Part) -> int:
    match part:
        case Text(text=text) | Reasoning(text=text) | Refusal(text=text) | SearchResult(text=text):
            return len(text.encode())
        case ToolCall():
            return len(part.arguments.encode()) + len(part.name)
        case ToolResult():
            return sum(_size(inner) for inner in part.content)
        case Media(kind="image"):
            return MEDIA_BOUND
        case Media(kind="file"):
            return max(MEDIA_BOUND, len(part.data))
        case Media():
            return max(MEDIA_BOUND, len(part.data) // BYTES_PER_HEARD_TOKEN)
        case Opaque():
            return len(str(part.vendor).encode())
        case _:
            return 0


def is_marked(request: ChatRequest) -> bool:
    """Does it ask for a prompt to be kept in a cache? Writing there costs more than reading."""
    marked = (part for message in request.messages for part in message.parts)
    return any(getattr(each, "cache", None) for each in (*marked, *request.tools))


def spent_so_far(size: int, events: Iterable[Event]) -> Usage:
    """What an answer that was left early used, counted by us: a quarter of its bytes, rounded up."""
    written = sum(len(event.text.encode()) for event in events if isinstance(event, PartDelta))
    return Usage(
        input=-(-size // BYTES_PER_TOKEN), output=-(-written // BYTES_PER_TOKEN), quality="estimated"
    )
