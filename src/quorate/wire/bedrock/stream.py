"""Reads a streamed answer, message by message.

Blocks are numbered and come one after another; a text begins with its first piece, without a word before. What the
message used comes last, after its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from quorate.errors import UpstreamBroken
from quorate.types.events import Event, ReplyEnd, ReplyStart
from quorate.types.parts import Citation, Media, Part, Reasoning, Text, ToolCall, ToolResult
from quorate.wire.builder import PartBuilder
from quorate.wire.json_fields import Json, a_list, a_text, an_object, objects
from quorate.wire.seam import Frame

from .blocks import HOSTED_CALL
from .citations import read_citation
from .failure import read_exception
from .fields import NAME, left, read_blob, vendor
from .finish import read_finish
from .media import media_type_of
from .reply import invoked
from .results import read_inner
from .usage import read_usage

_NOTHING: Sequence[Event] = ()


class _Call(msgspec.Struct):
    input: str = ""


class _Thought(msgspec.Struct, rename="camel"):
    text: str = ""
    signature: str = ""
    redacted_content: str | None = None


class _Delta(msgspec.Struct, frozen=True, rename="camel"):
    text: str | None = None
    tool_use: _Call | None = None
    reasoning_content: _Thought | None = None


class _Piece(msgspec.Struct, rename="camel"):
    content_block_index: int = 0
    delta: _Delta = _Delta()


_PIECE = msgspec.json.Decoder(_Piece)
_ANY = msgspec.json.Decoder(Any)
_TEXT = Text(text="")
_THOUGHT = Reasoning(vendor={NAME: {}})
_PADDING = "p"
"""Random letters that hide the length of a piece from whoever watches the line."""


class MessageReader:
    """Reads the messages of one answer."""

    def __init__(self) -> None:
        self._builder = PartBuilder()
        self._current: int | None = None
        self._began = False
        self._is_empty_call = False
        self._inner: list[Any] = []
        """Of the open result, its content so far."""
        self._citations: list[Citation] = []
        self._word = ""
        self._rest: Json = {}
        self._usage: object = None

    def read(self, frame: Frame) -> Sequence[Event]:
        if frame.failed:
            if self._word:
                return _NOTHING  # the answer is whole, whatever becomes of its counts
            raise read_exception(frame)
        try:
            if frame.event == "contentBlockDelta":
                return self._piece(frame)
            return self._other(frame.event, an_object(_ANY.decode(frame.data)))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError) as error:
            start = frame.data[:200].decode(errors="replace")
            words = f"a message of the stream makes no sense ({error}): {start}"
            raise UpstreamBroken(words, body=frame.data) from error

    def close(self) -> Sequence[Event]:
        if not self._word:
            raise UpstreamBroken("the stream stopped before the end of the answer")
        end = ReplyEnd(
            finish=read_finish(self._word, self._rest),
            usage=read_usage(self._usage),
            vendor={NAME: self._rest},
        )
        return [*self._end_block(), end]

    def _piece(self, frame: Frame) -> Sequence[Event]:
        piece = _PIECE.decode(frame.data)
        index, delta = piece.content_block_index, piece.delta
        if delta.text is not None:
            if not delta.text:
                return _NOTHING
            if index == self._current:
                return self._builder.grow(delta.text, key=index)
            return [*self._begin(index, _TEXT), *self._builder.grow(delta.text, key=index)]
        if delta.tool_use is not None:
            self._is_empty_call = self._is_empty_call and not delta.tool_use.input
            return self._builder.grow(delta.tool_use.input, key=index)
        if delta.reasoning_content is not None:
            return self._thought(index, delta.reasoning_content)
        return self._rare(index, an_object(an_object(_ANY.decode(frame.data)).get("delta")))

    def _thought(self, index: int, thought: _Thought) -> Sequence[Event]:
        events = self._begin(index, _THOUGHT) if index != self._current else []
        if thought.text:
            events += self._builder.grow(thought.text, key=index)
        if thought.signature:
            self._builder.mark(key=index, signature=thought.signature)
        if thought.redacted_content is not None:
            self._builder.mark(key=index, signature=thought.redacted_content, redacted=True)
        return events

    def _rare(self, index: int, delta: Json) -> Sequence[Event]:
        """Citations, pieces of results and images."""
        match delta:
            case {"citation": told}:
                events = self._begin(index, _TEXT) if index != self._current else []
                self._citations.append(read_citation(an_object(told)))
                return events
            case {"toolResult": pieces}:
                self._inner += a_list(pieces)
            case {"image": {"source": {"bytes": data}}}:
                return self._builder.grow(data=read_blob(data, "delta.image.source.bytes"), key=index)
            case _:
                pass  # of times to come
        return _NOTHING

    def _other(self, kind: str, fields: Json) -> Sequence[Event]:
        fields.pop(_PADDING, None)
        match kind:
            case "contentBlockStart":
                return self._open(fields)
            case "contentBlockStop":
                return self._end_block() if fields.get("contentBlockIndex") == self._current else _NOTHING
            case "messageStart":
                return self._begin_reply()
            case "messageStop":
                self._word = a_text(fields.pop("stopReason", None)) or "end_turn"
                self._rest |= fields
            case "metadata":
                self._usage = fields.pop("usage", None)
                self._rest |= fields
            case _:
                pass  # an event of times to come
        return _NOTHING

    def _begin_reply(self) -> Sequence[Event]:
        if self._began:
            return _NOTHING
        self._began = True
        return [ReplyStart(id="", model=invoked(self._rest))]

    def _open(self, fields: Json) -> Sequence[Event]:
        index, start = fields.get("contentBlockIndex"), an_object(fields.get("start"))
        if not isinstance(index, int):
            return _NOTHING
        match start:
            case {"toolUse": {"toolUseId": str(identity), "name": str(name), **rest}}:
                events = self._begin(
                    index,
                    ToolCall(
                        id=identity,
                        name=name,
                        hosted=rest.get("type") == HOSTED_CALL,
                        vendor=vendor(rest),
                    ),
                )
                self._is_empty_call = True
                return events
            case {"toolResult": {"toolUseId": str(identity), **rest}}:
                result = ToolResult(
                    call_id=identity,
                    failed=rest.get("status") == "error",
                    hosted="type" in rest,
                    vendor=vendor(left(rest, ("status",) if rest.get("status") == "error" else ())),
                )
                return self._begin(index, result)
            case {"image": {"format": str(form)}}:
                return self._begin(index, Media(kind="image", media_type=media_type_of("image", form)))
            case _:
                return _NOTHING

    def _begin(self, index: int, part: Part) -> list[Event]:
        events = list(self._begin_reply())
        events += self._end_block()
        self._current = index
        return events + self._builder.open(index, part)

    def _end_block(self) -> list[Event]:
        if self._current is None:
            return []
        events: list[Event] = []
        if self._is_empty_call:
            events += self._builder.grow("{}", key=self._current)
        if self._inner:
            content = tuple(read_inner(each, "delta.toolResult") for each in objects(self._inner))
            self._builder.mark(key=self._current, content=content)
        events += self._builder.close(self._current)
        for citation in self._citations:
            events += self._builder.add(citation)
        self._current, self._is_empty_call, self._inner, self._citations = None, False, [], []
        return events
