"""What a simulated model makes of a request: the words, what came with them, and what is wanted."""

from __future__ import annotations

import re

import msgspec

from quorate.types.chat import ChatRequest, Message, Tool
from quorate.types.parts import Media, Part, Reasoning, SearchResult, Text, ToolCall, ToolResult
from quorate.types.value import Value

from .chance import number_of
from .tokens import count

MEDIA_TOKENS = 258
"""What an image, a sound, a film or a document costs to read, whatever its size."""

MESSAGE_TOKENS = 4
"""What a message costs besides its words."""

_WORD = re.compile(r"\w+(?:['’-]\w+)*")
_NAME = re.compile(r"[\"“]([^\"“”]{1,60})[\"”]|\b([A-Z][\w'’-]*(?: [A-Z][\w'’-]*)*)")
_OPENER = re.compile(r"(?:^|(?<=[.!?\n]))\s*[A-Z]['’\w-]*(?= [a-z])")
"""The first word of a sentence, large only for that."""

_OPENERS = frozenset(
    "A An And Are As At Be But By Can Could Describe Do Does For From Give Has Have How I If In Is It List Name "
    "Of On Or Please Say Should Show Tell That The Then There These They This To Use Was We What When Where Which "
    "Who Why Will With Would Write You".split()
)


class Question(Value):
    """A request, read."""

    text: str
    """The user's last words."""
    system: str
    turns: int
    """How many times the user has spoken."""
    media: tuple[Media, ...]
    """What came with the last words, or with results of tools after them."""
    results: tuple[ToolResult, ...]
    """What tools gave back after the user's last words."""
    answers_tools: bool
    """Is the last message a tool's, not the user's?"""
    key: int
    """The same for the same question, whatever protocol and settings it came with."""

    @property
    def words(self) -> list[str]:
        return _WORD.findall(self.text)

    @property
    def names(self) -> list[str]:
        """What looks like a name or stands in quotes: Lima, New York."""
        found = _NAME.finditer(_OPENER.sub("", self.text))
        names = [match[1] or match[2] for match in found]
        return list(dict.fromkeys(name for name in names if name not in _OPENERS))


def question_of(request: ChatRequest) -> Question:
    last = max((place for place, each in enumerate(request.messages) if _speaks(each)), default=0)
    recent = [part for message in request.messages[last:] for part in message.parts]
    results = tuple(part for part in recent if isinstance(part, ToolResult) and not part.hosted)
    tail = request.messages[-1].parts if request.messages else ()
    return Question(
        text="\n".join(message.text for message in request.messages[last : last + 1]),
        system="\n".join(message.text for message in request.messages if message.role == "system"),
        turns=sum(_speaks(message) for message in request.messages),
        media=tuple(part for part in recent if isinstance(part, Media))
        + tuple(part for result in results for part in result.content if isinstance(part, Media)),
        results=results,
        answers_tools=bool(tail) and isinstance(tail[-1], ToolResult),
        key=number_of(*(f"{message.role}:{_said(message)}" for message in request.messages)),
    )


def _speaks(message: Message) -> bool:
    """The user's own turn, not one that only hands back results."""
    return message.role == "user" and not all(isinstance(part, ToolResult) for part in message.parts)


def _said(message: Message) -> str:
    return "".join(words_of(part) for part in message.parts)


def words_of(part: Part) -> str:
    """All the words of a part."""
    match part:
        case Text(text=text) | Reasoning(text=text):
            return text
        case SearchResult():
            return f"{part.title} {part.url} {part.text}"
        case ToolCall():
            return f"{part.name} {part.arguments}"
        case ToolResult():
            return " ".join(words_of(each) for each in part.content)
        case _:
            return ""


def tokens_of(message: Message) -> int:
    """What a message costs to read."""
    media = sum(isinstance(part, Media) for part in message.parts)
    media += sum(
        isinstance(each, Media)
        for part in message.parts
        if isinstance(part, ToolResult)
        for each in part.content
    )
    return MESSAGE_TOKENS + count(_said(message)) + media * MEDIA_TOKENS


def tokens_of_tools(request: ChatRequest) -> int:
    """What the tools and the schema of the answer cost to read: the words of their JSON."""
    told = [msgspec.json.encode(tool.schema).decode() for tool in request.tools if isinstance(tool, Tool)]
    told += [f"{tool.name} {tool.description}" for tool in request.tools if isinstance(tool, Tool)]
    if request.output is not None and request.output.schema:
        told.append(msgspec.json.encode(request.output.schema).decode())
    return sum(map(count, told))
