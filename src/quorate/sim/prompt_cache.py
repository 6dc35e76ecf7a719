"""Which beginnings of prompts a simulated provider has in its cache: what is marked twice is read from it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from quorate.types.chat import ChatRequest, Message, Tool
from quorate.types.parts import CacheMark, Media, ToolResult
from quorate.types.value import Value

from .chance import number_of
from .question import MEDIA_TOKENS, MESSAGE_TOKENS, tokens_of_tools, words_of
from .tokens import count

MOST = 10_000
"""Beginnings that are kept; the oldest goes first. None of them ages."""


class Cached(Value):
    """How many of a prompt's tokens came from the cache or went into it."""

    read: int = 0
    written: int = 0
    written_1h: int = 0


class PromptCache:
    """One simulated provider's cache. A mark keeps everything before it, and the part it stands on."""

    def __init__(self) -> None:
        self._kept: OrderedDict[int, None] = OrderedDict()

    def clear(self) -> None:
        self._kept.clear()

    def visit(self, request: ChatRequest) -> Cached:
        """Look up the longest known beginning, and keep the longest marked one."""
        marks = list(_marks(request))
        read = max((tokens for key, tokens, _ in marks if key in self._kept), default=0)
        for key, _, _ in marks:
            self._kept[key] = None
            self._kept.move_to_end(key)
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)
        if not marks or marks[-1][1] <= read:
            return Cached(read=read)
        _, tokens, mark = marks[-1]
        added = tokens - read
        return Cached(read=read, written_1h=added) if mark == "1h" else Cached(read=read, written=added)


def _marks(request: ChatRequest) -> Iterator[tuple[int, int, CacheMark]]:
    """Each marked beginning of the prompt: its key, its tokens, its mark. Tools stand before messages."""
    key = number_of(
        request.model, [(tool.name, tool.schema) for tool in request.tools if isinstance(tool, Tool)]
    )
    tokens = tokens_of_tools(request)
    for tool in request.tools:
        if isinstance(tool, Tool) and tool.cache and tool is request.tools[-1]:
            yield key, tokens, tool.cache
    for message in _system_first(request.messages):
        tokens += MESSAGE_TOKENS
        for part in message.parts:
            said = words_of(part)
            media = _media_in(part)
            key = number_of(key, message.role, said, *(number_of(each.data, each.url) for each in media))
            tokens += count(said) + MEDIA_TOKENS * len(media)
            mark: CacheMark | None = getattr(part, "cache", None)
            if mark:
                yield key, tokens, mark


def _system_first(messages: tuple[Message, ...]) -> list[Message]:
    return sorted(messages, key=lambda message: message.role != "system")


def _media_in(part: object) -> list[Media]:
    match part:
        case Media():
            return [part]
        case ToolResult(content=content):
            return [each for each in content if isinstance(each, Media)]
        case _:
            return []
