"""Writes a streamed answer as messages of Amazon's event stream, checksums and all.

A block is told to be over when the next one begins, so that the citations of a text still find it open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from quorate.errors import QuorateError
from quorate.types.events import Event, PartDelta, PartEnd, PartStart, ReplyEnd, ReplyStart
from quorate.types.parts import Citation, Media, Part, Reasoning, Refusal, Text, ToolCall, ToolResult
from quorate.wire.bedrock.blocks import write_content
from quorate.wire.bedrock.citations import write_citation
from quorate.wire.bedrock.fields import own, write_blob
from quorate.wire.bedrock.finish import write_finish
from quorate.wire.bedrock.media import format_of
from quorate.wire.bedrock.reply import counted
from quorate.wire.eventstream import write_message
from quorate.wire.json_fields import Json

_END = ("additionalModelResponseFields",)
"""Leftovers of a reply that come with its end; the others come with its counts."""


class MessageWriter:
    """Writes the messages of one answer."""

    content_type = "application/vnd.amazon.eventstream"

    def __init__(self, type_of: Callable[[QuorateError], str]) -> None:
        """`type_of` is the protocol's name for an error."""
        self._type_of = type_of
        self._blocks = -1
        self._is_open = False
        self._has_grown = False

    def write(self, event: Event) -> bytes:
        return b"".join(self._messages(event))

    def _messages(self, event: Event) -> Iterator[bytes]:
        match event:
            case ReplyStart():
                yield _message("messageStart", {"role": "assistant"})
            case PartStart(part=Citation()):
                pass
            case PartStart(part=part):
                yield from self._open(part)
            case PartDelta(text=text, data=data):
                self._has_grown = True
                self._text = text
                yield self._delta(_piece(self._part, text, data))
            case PartEnd(part=part):
                yield from self._end(part)
            case ReplyEnd():
                yield from self._close()
                yield from _ending(event)

    def _open(self, part: Part) -> Iterator[bytes]:
        yield from self._close()
        self._blocks += 1
        self._part, self._is_open, self._has_grown = part, True, False
        if start := _start(part):
            yield _message("contentBlockStart", {"contentBlockIndex": self._blocks, "start": start})

    def _end(self, part: Part) -> Iterator[bytes]:
        """What is known of a part only at its end; of one that came whole, all of it."""
        match part:
            case Citation():
                yield self._delta({"citation": write_citation(part)})
            case Reasoning(redacted=True):
                yield self._delta({"reasoningContent": {"redactedContent": part.signature}})
            case Reasoning():
                if not self._has_grown:
                    yield self._delta({"reasoningContent": {"text": part.text}})
                if part.signature:
                    yield self._delta({"reasoningContent": {"signature": part.signature}})
            case Text(text=text) | Refusal(text=text) if not self._has_grown:
                yield self._delta({"text": text})
            case ToolCall(arguments=text) if not self._has_grown and text:
                yield self._delta({"toolUse": {"input": text}})
            case ToolResult():
                content: Any = write_content([part])[0]["toolResult"]["content"]
                yield self._delta({"toolResult": content})
            case Media(data=data) if not self._has_grown:
                yield self._delta({"image": {"source": {"bytes": write_blob(data)}}})
            case _:
                pass

    def _delta(self, delta: Json) -> bytes:
        return _message("contentBlockDelta", {"contentBlockIndex": max(self._blocks, 0), "delta": delta})

    def _close(self) -> Iterator[bytes]:
        if self._is_open:
            self._is_open = False
            yield _message("contentBlockStop", {"contentBlockIndex": self._blocks})

    def fail(self, error: QuorateError) -> bytes:
        kind = self._type_of(error)
        headers = {":exception-type": kind[:1].lower() + kind[1:], ":content-type": "application/json"}
        headers[":message-type"] = "exception"
        return write_message(msgspec.json.encode({"message": str(error)}), headers)

    def close(self) -> bytes:
        return b""


def _message(kind: str, fields: Json) -> bytes:
    headers = {":event-type": kind, ":content-type": "application/json", ":message-type": "event"}
    return write_message(msgspec.json.encode(fields), headers)


def _start(part: Part) -> Json | None:
    """What a block says before its first piece; a text says nothing."""
    match part:
        case ToolCall(id=identity, name=name):
            return {"toolUse": {"toolUseId": identity, "name": name} | own(part.vendor)}
        case ToolResult(call_id=identity, failed=failed):
            status = {"status": "error"} if failed else {}
            return {"toolResult": {"toolUseId": identity} | status | own(part.vendor)}
        case Media():
            return {"image": {"format": format_of(part)}}
        case _:
            return None


def _piece(part: Part, text: str, data: bytes) -> Json:
    match part:
        case Reasoning():
            return {"reasoningContent": {"text": text}}
        case ToolCall():
            return {"toolUse": {"input": text}}
        case Media():
            return {"image": {"source": {"bytes": write_blob(data)}}}
        case _:
            return {"text": text}


def _ending(event: ReplyEnd) -> Iterator[bytes]:
    kept = own(event.vendor)
    last = {name: kept[name] for name in _END if name in kept}
    yield _message("messageStop", {"stopReason": write_finish(event.finish)} | last)
    rest = {name: value for name, value in kept.items() if name not in _END}
    yield _message("metadata", counted(event.usage, own=bool(kept)) | rest)
