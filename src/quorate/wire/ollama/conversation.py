"""Writes the turns of a conversation: a message's text in one piece, its pictures and calls beside it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from quorate.types.chat import Message
from quorate.types.parts import (
    Media,
    Part,
    Reasoning,
    Refusal,
    SearchResult,
    Text,
    ToolCall,
    ToolResult,
)
from quorate.wire.notes import Notes

from .shapes import kept

_TEXT_FILES = ("text/", "application/json", "application/xml", "application/yaml")

UNNAMED = "quorate.unnamed"
"""Mark of a call, or a result, whose id we made up: the provider never hears of it."""


def write_messages(messages: Sequence[Message], notes: Notes, *, first: int = 0) -> list[dict[str, Any]]:
    """Results of tools are messages of their own; `first` is the number of the first message, for notes."""
    names = {
        part.id: part.name for message in messages for part in message.parts if isinstance(part, ToolCall)
    }
    written: list[dict[str, Any]] = []
    for number, message in enumerate(messages, first):
        place = f"messages.{number}"
        if message.name:
            notes.dropped(f"{place}.name", "this protocol does not tell speakers apart")
        rest: list[tuple[int, Part]] = []
        for index, part in enumerate(message.parts):
            if isinstance(part, ToolResult) and not part.hosted:
                written.append(_result(part, names, f"{place}.parts.{index}", notes))
            else:
                rest.append((index, part))
        if rest or not message.parts:
            written.append(_Turn(message, place, notes).write(rest))
    return written


class _Turn:
    """One message while it is written."""

    def __init__(self, message: Message, place: str, notes: Notes) -> None:
        self._message, self._place, self._notes = message, place, notes
        self._texts: list[str] = []
        self._thoughts: list[str] = []
        self._images: list[str] = []
        self._calls: list[dict[str, Any]] = []

    def write(self, parts: Iterable[tuple[int, Part]]) -> dict[str, Any]:
        for index, part in parts:
            self._take(part, f"{self._place}.parts.{index}")
        role = self._message.role
        # A model's text parts are pieces of one text; everybody else's are blocks.
        gap = "" if role == "assistant" else "\n\n"
        written: dict[str, Any] = {
            "role": "user" if role == "tool" else role,
            "content": gap.join(self._texts),
        }
        if self._thoughts:
            written["thinking"] = "\n\n".join(self._thoughts)
        if self._images:
            written["images"] = self._images
        if self._calls:
            written["tool_calls"] = self._calls
        return written | kept(self._message.vendor)

    def _take(self, part: Part, place: str) -> None:
        if getattr(part, "cache", None):
            self._notes.dropped(f"{place}.cache", "this protocol caches prompts by itself")
        match part:
            case Text(text=text) | Refusal(text=text):
                if self._images and self._texts:
                    self._notes.changed(self._place, "pictures go beside the text, not into it")
                self._texts.append(text)
            case Reasoning(text=text) if text and not part.redacted:
                self._thoughts.append(text)
            case ToolCall(hosted=False):
                self._calls.append(_call(part, place, self._notes))
            case Media():
                self._take_media(part, place)
            case SearchResult():
                self._texts.append(passage(part))
                self._notes.emulated(place, "the passage stands in the text, with its source")
            case _:
                self._notes.dropped(place, f"this protocol has no place for {_kind(part)}")

    def _take_media(self, media: Media, place: str) -> None:
        if (text := text_of(media)) is not None:
            self._texts.append(text)
            self._notes.emulated(place, "the file's words stand in the text")
        elif (image := picture(media, place, self._notes)) is not None:
            self._images.append(image)


def picture(media: Media, place: str, notes: Notes) -> str | None:
    """The image as the protocol takes it; None where it takes it in no form."""
    if media.kind != "image":
        notes.dropped(place, f"this protocol takes no {media.kind} input")
    elif not media.data:
        notes.dropped(place, "this target takes no URLs" if media.url else "this target takes no file ids")
    else:
        if media.detail:
            notes.dropped(f"{place}.detail", "this protocol has no such choice")
        return b64encode(media.data).decode()
    return None


def text_of(media: Media) -> str | None:
    """The words of an inline text file under its name; None where it is none."""
    if media.kind != "file" or not media.data or not media.media_type.startswith(_TEXT_FILES):
        return None
    try:
        words = media.data.decode()
    except UnicodeDecodeError:
        return None
    return f"{media.name}:\n{words}" if media.name else words


def passage(found: SearchResult) -> str:
    """A search result as text a model can cite."""
    return "\n".join(line for line in (found.title, found.url, found.published, found.text) if line)


def _call(call: ToolCall, place: str, notes: Notes) -> dict[str, Any]:
    if arguments_object(call.arguments) is None:
        notes.changed(f"{place}.arguments", "what is no JSON object stands in one")
    return write_call(call)


def write_call(call: ToolCall) -> dict[str, Any]:
    """A call with its arguments as an object; what is none stands under the key 'arguments' of one."""
    left = dict(kept(call.vendor))
    function: dict[str, Any] = left.pop("function", {})
    named: dict[str, Any] = {"id": call.id} if call.id and not left.pop(UNNAMED, False) else {}
    arguments = arguments_object(call.arguments)
    if arguments is None:
        arguments = msgspec.Raw(msgspec.json.encode({"arguments": call.arguments}))
    return named | {"function": {"name": call.name, "arguments": arguments} | function} | left


def arguments_object(text: str) -> msgspec.Raw | None:
    """The text of a JSON object, to be written as it is; None where it is something else."""
    if not text.strip():
        return msgspec.Raw(b"{}")
    try:
        msgspec.json.decode(text, type=dict)
    except msgspec.DecodeError:
        return None
    return msgspec.Raw(text.encode())


def _result(result: ToolResult, names: dict[str, str], place: str, notes: Notes) -> dict[str, Any]:
    texts: list[str] = []
    images: list[str] = []
    for index, part in enumerate(result.content):
        inner = f"{place}.content.{index}"
        match part:
            case Text(text=text):
                texts.append(text)
            case SearchResult():
                texts.append(passage(part))
                notes.emulated(inner, "the passage stands in the text, with its source")
            case Media():
                if (words := text_of(part)) is not None:
                    texts.append(words)
                    notes.emulated(inner, "the file's words stand in the text")
                elif (image := picture(part, inner, notes)) is not None:
                    images.append(image)
    if result.failed:
        notes.dropped(f"{place}.failed", "only the words tell that a tool failed")
    if result.cache:
        notes.dropped(f"{place}.cache", "this protocol caches prompts by itself")
    written: dict[str, Any] = {"role": "tool", "content": "\n\n".join(texts)}
    if images:
        written["images"] = images
    if name := result.name or names.get(result.call_id, ""):
        written["tool_name"] = name
    left = dict(kept(result.vendor))
    if result.call_id and not left.pop(UNNAMED, False):
        written["tool_call_id"] = result.call_id
    return written | left


def _kind(part: Part) -> str:
    return {"ToolCall": "hosted tool calls", "ToolResult": "hosted tools' results"}.get(
        type(part).__name__, f"parts of the kind '{type(part).__name__}'"
    )
