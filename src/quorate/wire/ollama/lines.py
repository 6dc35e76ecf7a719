"""Writes a streamed answer for a client, a line of JSON for each thing that happens."""

from __future__ import annotations

from typing import Any

from quorate.errors import QuorateError
from quorate.types.events import Event, PartDelta, PartEnd, PartStart, ReplyEnd, ReplyStart
from quorate.types.parts import Media, Part, Reasoning, Refusal, Text, ToolCall
from quorate.types.value import replace
from quorate.wire.seam import StreamWriter

from .answer import fields_of, line, write_finish, write_usage
from .shapes import kept, leftovers, moment_of


class LineWriter(StreamWriter):
    """Words go out as they come; calls and pictures when they are whole. Answers after the first are left out."""

    content_type = "application/x-ndjson"

    def __init__(self, model: str, *, generate: bool) -> None:
        self._generate = generate
        self._head: dict[str, Any] = {"model": model, "created_at": moment_of(0)}
        self._open: dict[int, Text | Reasoning | Refusal] = {}

    def write(self, event: Event) -> bytes:
        match event:
            case PartDelta(index=index, text=text) if text and index in self._open:
                return self._say(replace(self._open[index], text=text))
            case PartStart(choice=0):
                return self._begin(event)
            case PartEnd(choice=0):
                self._open.pop(event.index, None)
                return self._whole(event.part)
            case ReplyStart():
                self._head["model"] = event.model or self._head["model"]
                self._head["created_at"] = moment_of(event.created)
                self._head |= {
                    key: kept(event.vendor)[key] for key in ("created_at",) if key in kept(event.vendor)
                }
                return b""
            case ReplyEnd():
                return self._end(event)
            case _:
                return b""

    def _begin(self, event: PartStart) -> bytes:
        match event.part:
            case Text(text=text):  # its logprobs follow when they are all there
                self._open[event.index] = Text(text=text)
            case Reasoning(text=text) | Refusal(text=text):
                self._open[event.index] = event.part
            case _:
                return b""
        return self._say(self._open[event.index]) if text else b""

    def _say(self, *parts: Part) -> bytes:
        return line(self._head | fields_of(parts, generate=self._generate) | {"done": False})

    def _whole(self, part: Part) -> bytes:
        match part:
            case ToolCall() | Media():
                return self._say(part)
            case Text(logprobs=logprobs) if logprobs:
                return self._say(replace(part, text=""))
            case _:
                return b""

    def _end(self, event: ReplyEnd) -> bytes:
        fields = self._head | fields_of((), generate=self._generate)
        fields |= {"done": True, "done_reason": write_finish(event.finish)}
        return line(fields | write_usage(event.usage) | leftovers(kept(event.vendor), ("created_at",)))

    def fail(self, error: QuorateError) -> bytes:
        return line({"error": str(error)})

    def close(self) -> bytes:
        return b""
