"""Writes the turns of a conversation, and gathers the documents that stand in it.

Results of tools are messages of their own; passages to cite go into the request's list of documents.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from typing import Any

from quorate.types.chat import Message
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
from quorate.types.target import Quirks
from quorate.wire.json_fields import Json
from quorate.wire.notes import Notes

from .citations import write_citations
from .documents import text_document, write_document
from .fields import NAME, own
from .plan import is_plan
from .results import write_result

_THOUGHTS = "thinking"
"""What `replay_reasoning` says of models that take their thoughts back."""


class Written:
    """The conversation as it is sent."""

    def __init__(self, quirks: Quirks, notes: Notes) -> None:
        self.quirks, self.notes = quirks, notes
        self.turns: list[Json] = []
        self.documents: list[Json] = []


def write_messages(messages: Sequence[Message], quirks: Quirks, notes: Notes) -> Written:
    written = Written(quirks, notes)
    asked_last = max((n for n, each in enumerate(messages) if each.role == "user"), default=-1)
    for number, message in enumerate(messages):
        at = f"messages.{number}"
        if message.name:
            notes.dropped(f"{at}.name", "this protocol does not tell speakers apart")
        rest: list[tuple[str, Part]] = []
        for index, part in enumerate(message.parts):
            place = f"{at}.parts.{index}"
            if isinstance(part, ToolResult) and not part.hosted:
                written.turns.append(write_result(part, place, notes))
            else:
                rest.append((place, part))
        turn = _Turn(message, at, written, is_last=number == asked_last)
        if (said := turn.write(rest)) is not None:
            written.turns.append(said)
    return written


class _Turn:
    """One message while it is written."""

    def __init__(self, message: Message, at: str, written: Written, *, is_last: bool) -> None:
        self._role = message.role if message.role in ("system", "assistant") else "user"
        if self._role == "system":
            self._role = written.quirks.system_role
        self._kept, self._is_last, self._written, self._at = own(message.vendor), is_last, written, at
        self._notes = written.notes
        self._content: list[Json] = []
        self._plan: list[str] = []
        self._calls: list[Json] = []
        self._citations: list[Citation] = []

    def write(self, parts: Iterable[tuple[str, Part]]) -> Json | None:
        """None where nothing is left to say."""
        for place, part in parts:
            self._take(part, place)
        said: Json = {}
        if self._content:
            said["content"] = _shortest(self._content)
        if self._plan:
            said["tool_plan"] = "".join(self._plan)
        if self._calls:
            said["tool_calls"] = self._calls
        if self._citations:
            said["citations"] = write_citations(self._citations)
        return {"role": self._role} | said | self._kept if said or self._kept else None

    def _take(self, part: Part, place: str) -> None:
        if getattr(part, "cache", None):
            self._notes.dropped(f"{place}.cache", "this protocol caches prompts by itself")
        match part:
            case Text(text=text) | Refusal(text=text):
                self._content.append({"type": "text", "text": text} | own(part.vendor))
            case Opaque() if NAME in part.vendor:
                self._content.append(own(part.vendor))
            case _ if self._role == "assistant":
                self._take_said(part, place)
            case Media() | SearchResult():
                self._take_shown(part, place)
            case _:
                self._drop(part, place)

    def _take_said(self, part: Part, place: str) -> None:
        """What a model said beside text."""
        match part:
            case Reasoning():
                self._take_thought(part, place)
            case ToolCall(hosted=False):
                self._calls.append(write_call(part))
            case Citation() if NAME in part.vendor:
                self._citations.append(part)
            case _:
                self._drop(part, place)

    def _take_thought(self, thought: Reasoning, place: str) -> None:
        if is_plan(thought):
            self._plan.append(thought.text)
        elif self._written.quirks.replay_reasoning != _THOUGHTS:
            self._notes.dropped(place, "this target takes no thoughts back")
        elif thought.redacted or not thought.text:
            self._notes.dropped(place, "thoughts that cannot be read make no sense to this target")
        else:
            self._content.append({"type": "thinking", "thinking": thought.text} | own(thought.vendor))

    def _take_shown(self, part: Media | SearchResult, place: str) -> None:
        """What is shown to a model beside text."""
        document = part if isinstance(part, SearchResult) else text_document(part)
        if document is not None:
            self._written.documents.append(write_document(document))
            if isinstance(part, Media):
                self._notes.emulated(place, "the file's words stand among the documents")
            elif not self._is_last:
                self._notes.changed(place, "documents stand beside the conversation, not in an earlier turn")
        elif self._role == "user" and isinstance(part, Media) and (image := _image(part, place, self._notes)):
            self._content.append(image)
        elif self._role != "user":
            self._drop(part, place)

    def _drop(self, part: Part, place: str) -> None:
        self._notes.dropped(place, f"a message of the role '{self._role}' has no place for {_kind(part)}")


def _shortest(content: list[Json]) -> Any:
    """One text alone may stand without a block around it."""
    alone = content[0] if len(content) == 1 else {}
    return alone["text"] if alone.keys() == {"type", "text"} and alone["type"] == "text" else content


def write_call(call: ToolCall) -> Json:
    kept = dict(own(call.vendor))
    function: Json = {"name": call.name, "arguments": call.arguments.strip() or "{}"}
    return {"id": call.id, "type": "function", "function": function | kept.pop("function", {})} | kept


def _image(media: Media, place: str, notes: Notes) -> Json | None:
    """The image as the protocol takes it; None, with a note, where it takes it in no form."""
    if media.kind != "image":
        kind = "files but text" if media.kind == "file" else f"{media.kind} input"
        notes.dropped(place, f"this protocol takes no {kind}")
        return None
    if not media.data and not media.url:
        notes.dropped(place, "this target takes no file ids")
        return None
    kept = dict(own(media.vendor))
    url = media.url or f"data:{media.media_type or 'image/png'};base64,{b64encode(media.data).decode()}"
    detail = {"detail": media.detail} if media.detail else {}
    return {"type": "image_url", "image_url": {"url": url} | detail | kept.pop("image_url", {})} | kept


def _kind(part: Part) -> str:
    hosted = {"ToolCall": "calls of hosted tools", "ToolResult": "results of hosted tools"}
    return hosted.get(type(part).__name__, f"parts of the kind '{type(part).__name__}'")
