"""Writes a conversation as `instructions` and the items of `input`, for a target with its quirks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from quorate.types.chat import Departure, Message
from quorate.types.parts import (
    Citation,
    Media,
    Opaque,
    Part,
    Reasoning,
    SearchResult,
    Text,
    ToolCall,
    ToolResult,
)
from quorate.types.target import Quirks
from quorate.wire.json_fields import How, Json, a_text, an_object

from .fields import NAME, own
from .hosted import ERRANDS, ITEM, TOLD, write_answer
from .items import CUSTOM_CALL, FUNCTION, MESSAGE, call_item, grouped, is_custom, item_of
from .media import write_media

_TEXTUAL = ("text/", "application/json", "application/xml", "application/yaml")

Placed = tuple[Part, str]
"""A part, and the path of it in the request."""


def write_conversation(
    messages: Sequence[Message], quirks: Quirks
) -> tuple[str | None, list[Json], list[Departure]]:
    """`instructions` (None where there are none), the items of `input`, and what could not be written as it was.

    Instructions are a conversation's first message where that is a plain text of the system's.
    """
    turns = _Turns(quirks)
    words = _instructions(messages)
    for number, message in enumerate(messages):
        if number or words is None:
            turns.add(message, f"messages.{number}")
    if words is not None and messages[0].name:
        turns.depart("messages.0.name", "dropped", "this protocol has no names")
    turns.hand_over()
    return words, turns.out, turns.lost


def _instructions(messages: Sequence[Message]) -> str | None:
    match messages:
        case [Message(role="system", parts=(Text(text=words, cache=None) as text,)) as first, *_]:
            return None if own(first.vendor) or own(text.vendor) else words
        case _:
            return None


class _Turns:
    """The items so far. Media that must follow a run of tool results wait for its end."""

    def __init__(self, quirks: Quirks) -> None:
        self._quirks = quirks
        self.out: list[Json] = []
        self.lost: list[Departure] = []
        self._waiting: list[Json] = []
        self._calls: dict[str, str] = {}

    def add(self, message: Message, place: str) -> None:
        if message.name:
            self.depart(f"{place}.name", "dropped", "this protocol has no names")
        placed = [(part, f"{place}.parts.{number}") for number, part in enumerate(message.parts)]
        if message.role == "assistant":
            self.hand_over()
            self._add_answer(placed)
            return
        if not placed:
            self._add_message(message, [], place)
        content: list[Placed] = []
        for part, where in placed:
            item = an_object(own(part.vendor).get(ITEM))
            if isinstance(part, ToolResult):
                self._add_content(message, content)
                self._add_result(part, where)
            elif item:
                self._add_content(message, content)
                self.hand_over()
                self.out.append(item)
            else:
                content.append((part, where))
        self._add_content(message, content)

    def hand_over(self) -> None:
        """Let the media that tools gave back follow in a user message."""
        if self._waiting:
            self.out.append({"role": "user", "content": self._waiting})
            self._waiting = []

    def depart(self, where: str, kind: How, detail: str) -> None:
        self.lost.append(Departure(setting=where, kind=kind, detail=detail))

    def _add_content(self, message: Message, placed: list[Placed]) -> None:
        if placed:
            self._add_message(message, self._content(placed), placed[0][1].rpartition(".parts")[0])
            placed.clear()

    def _add_message(self, message: Message, content: list[Json], place: str) -> None:
        self.hand_over()
        rest = dict(own(message.vendor))
        word = a_text(rest.pop("role", None))
        role = "user" if message.role == "tool" else message.role
        if role == "system":
            # whoever speaks this protocol takes 'system', also for models that call it 'developer' elsewhere
            role = "user" if self._quirks.system_role == "user" else "system"
            if word == "developer" and self._quirks.developer_role:
                role = word
            elif role == "user":
                self.depart(place, "emulated", "the system message is sent as a user message")
        self.out.append({"role": role, "content": _collapsed(content), **rest})

    def _add_answer(self, placed: Sequence[Placed]) -> None:
        where = {id(part): path for part, path in placed}
        sendable = [part for part, path in placed if self._can_send(part, path)]
        for kind, parts in grouped(sendable):
            for part in parts:
                if getattr(part, "cache", None):
                    self.depart(f"{where[id(part)]}.cache", "dropped", "this target takes no cache marks")
            self._add_item(kind, parts, where[id(parts[0])])

    def _add_item(self, kind: str, parts: list[Part], where: str) -> None:
        first = parts[0]
        if kind in (FUNCTION, CUSTOM_CALL) and isinstance(first, ToolCall):
            custom = is_custom(first) and self._quirks.custom_tools
            self._calls[first.id] = CUSTOM_CALL if custom else FUNCTION
            self.out.append(call_item(first, "", custom=custom))
            return
        item = item_of(kind, parts, "")
        if isinstance(first, ToolCall) and a_text(item.get("type")) in ERRANDS:
            self._calls[first.id] = a_text(item.get("type"))
        if kind == MESSAGE and (words := _only_words(item)) is not None:
            item = {"role": "assistant", "content": words}
        if item:
            self.out.append(item)

    def _can_send(self, part: Part, where: str) -> bool:
        """Whether a part of an earlier answer goes back in its item; what does not is told."""
        kept = own(part.vendor)
        match part:
            case Reasoning():
                return self._can_think(part, where)
            case ToolCall(hosted=True) if ITEM not in kept:
                self.depart(where, "dropped", "a call that a provider ran itself is not told again")
            case ToolResult() if ITEM not in kept:
                if TOLD not in kept:
                    self.depart(where, "dropped", "a result of a provider's own tool is not told again")
            case Citation(url="") if not kept:
                self.depart(where, "dropped", "a source without an address is not told again")
            case SearchResult():
                self.depart(where, "dropped", "sources of an earlier answer are not told again")
            case Media() if ITEM not in kept and not (part.kind == "audio" and part.transcript):
                self._follow(part, where, "the answer's own media follow in a user message")
            case Media(kind="audio"):
                self.depart(where, "emulated", "the sound is told in words")
                return True
            case Opaque() if not kept:
                self.depart(where, "dropped", "this protocol has no such part")
            case _:
                return True
        return False

    def _can_think(self, thought: Reasoning, where: str) -> bool:
        """Only its own thoughts mean something to a provider."""
        if NAME in thought.vendor:
            return True
        sealed = "sealed thoughts" if thought.signature else "earlier thoughts without a seal"
        self.depart(where, "dropped", f"{sealed} of another protocol" if thought.signature else sealed)
        return False

    def _add_result(self, result: ToolResult, where: str) -> None:
        if item := an_object(own(result.vendor).get(ITEM)):
            self.out.append(item)
            return
        if result.hosted:
            self.depart(where, "dropped", "a result of a provider's own tool is not told again")
            return
        if result.cache:
            self.depart(f"{where}.cache", "dropped", "this target takes no cache marks")
        kind = self._calls.get(result.call_id, FUNCTION)
        if kind in ERRANDS and (answer := write_answer(result, ERRANDS[kind])):
            self.out.append(answer)
            return
        content: list[Json] = []
        for number, part in enumerate(result.content):
            place = f"{where}.content.{number}"
            if isinstance(part, Media) and not self._quirks.tool_media:
                self._follow(part, place, "it follows the tool results in a user message")
            elif (written := self._part(part, place)) is not None:
                content.append(written)
        if result.failed:
            self.depart(where, "emulated", "the failure is told in words")
            content.insert(0, {"type": "input_text", "text": "The tool failed:"})
        name = "custom_tool_call_output" if kind == CUSTOM_CALL else "function_call_output"
        told: Json = {"type": name, "call_id": result.call_id, "output": _collapsed(content)}
        self.out.append(told | own(result.vendor))

    def _follow(self, media: Media, where: str, detail: str) -> None:
        written = self._media(media, where)
        if written is None:
            return
        self.depart(where, "emulated", detail)
        if not self._waiting:
            self._waiting.append({"type": "input_text", "text": "Files that belong to the turns above:"})
        self._waiting.append(written)

    def _content(self, placed: Iterable[Placed]) -> list[Json]:
        written = (self._part(part, where) for part, where in placed)
        return [part for part in written if part is not None]

    def _part(self, part: Part, where: str) -> Json | None:
        """A piece of a message's content, or of a tool's result."""
        if getattr(part, "cache", None):
            self.depart(f"{where}.cache", "dropped", "this target takes no cache marks")
        match part:
            case Text():
                return {"type": "input_text", "text": part.text} | own(part.vendor)
            case Media():
                return self._media(part, where)
            case SearchResult():
                self.depart(where, "emulated", "the search result is told in words")
                lines = (part.title, part.url, part.text)
                return {"type": "input_text", "text": "\n".join(line for line in lines if line)}
            case Opaque() if own(part.vendor):
                return own(part.vendor)
            case _:
                self.depart(where, "dropped", "this protocol has no such part here")
        return None

    def _media(self, media: Media, where: str) -> Json | None:
        written = write_media(media, self._quirks.media.get(media.kind, ""))
        if written is not None:
            return written
        textual = media.media_type.startswith(_TEXTUAL) and media.data
        words = media.transcript or (media.data.decode(errors="replace") if textual else "")
        if words:
            self.depart(where, "emulated", f"the {media.kind} is told in words")
            head = f"{media.name}:\n" if media.name else ""
            return {"type": "input_text", "text": head + words}
        by_url = bool(media.url) and not media.data
        what = f"this target takes no URLs of this kind ({media.kind})" if by_url else f"no {media.kind} here"
        self.depart(where, "dropped", what)
        return None


def _collapsed(content: list[Json]) -> str | list[Json]:
    """A lone plain text stands as a string."""
    if not content:
        return ""
    only = content[0]
    plain = len(content) == 1 and set(only) == {"type", "text"} and only["type"] == "input_text"
    return only["text"] if plain else content


def _only_words(item: Json) -> str | None:
    """The words of an answer's message that says nothing else."""
    if set(item) != {"type", "role", "content"} or len(item["content"]) != 1:
        return None
    only = item["content"][0]
    return only["text"] if set(only) == {"type", "text"} and only["type"] == "output_text" else None
