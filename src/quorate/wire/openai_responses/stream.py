"""Reads replies: the events of a stream, or a whole response. Items of both go the same way, so they agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from quorate.errors import UpstreamBroken
from quorate.types.chat import ChatReply
from quorate.types.events import Event, ReplyEnd, ReplyStart, assemble
from quorate.wire.json_fields import Json, a_count, a_text, an_object, is_list, is_object
from quorate.wire.openai_faults import broken, error_of
from quorate.wire.seam import Frame, WireAnswer

from .answer import Answer, read_items
from .fields import NAME
from .finish import read_finish
from .growing import ARGUMENTS, INPUT, REFUSAL, SUMMARY, TEXT, THOUGHT
from .shapes import read_object, read_piece
from .usage import read_usage

_KNOWN = frozenset(
    ("id", "object", "created_at", "model", "output", "usage", "status", "error", "incomplete_details")
)
_RUNNING = ("queued", "in_progress", "")
_END = b"[DONE]"

_PIECES: Mapping[str, str] = {
    "response.output_text.delta": TEXT,
    "response.refusal.delta": REFUSAL,
    "response.reasoning_summary_text.delta": SUMMARY,
    "response.reasoning_text.delta": THOUGHT,
    "response.function_call_arguments.delta": ARGUMENTS,
    "response.custom_tool_call_input.delta": INPUT,
}
"""Event → the kind of piece its `delta` is."""


class ResponseStream:
    """Reads one streamed reply. It is whole once an event brought the response in a final state."""

    def __init__(self) -> None:
        self._answer = Answer()
        self._started = self._ended = False

    def read(self, frame: Frame) -> Iterable[Event]:
        if self._started and not self._ended:
            try:
                piece = read_piece(frame.data)
            except msgspec.MsgspecError:
                pass
            else:
                kind = _PIECES.get(piece.type)
                if kind is not None:
                    number = piece.summary_index if kind is SUMMARY else piece.content_index
                    return self._answer.grow(piece.output_index, kind, number, piece.delta)
        return self._read_slow(frame)

    def close(self) -> Iterable[Event]:
        if not self._ended:
            raise UpstreamBroken("the stream broke off before the answer was whole")
        return ()

    def _read_slow(self, frame: Frame) -> list[Event]:
        data = frame.data.strip()
        if not data or self._ended or data == _END:
            return []
        answer = WireAnswer(body=data)
        try:
            event = read_object(data)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            if frame.event == "error":
                raise error_of(data.decode(errors="replace"), answer) from error
            raise broken("a piece of the stream cannot be read", answer) from error
        kind = a_text(event.get("type")) or frame.event
        if kind == "error" or (not kind and event.get("error")):
            raise error_of(event, answer)
        return self._take(kind, event, answer)

    def _take(self, kind: str, event: Json, answer: WireAnswer) -> list[Event]:
        index = a_count(event.get("output_index"))
        item = event.get("item")
        match kind:
            case "response.output_item.added" if is_object(item):
                return [*self._start({}), *self._answer.begin(index, item)]
            case "response.output_item.done" if is_object(item):
                return [*self._start({}), *self._answer.end(index, item)]
            case "response.content_part.done":
                number = a_count(event.get("content_index"))
                self._answer.piece_told(index, number, an_object(event.get("part")))
                return []
            case _ if kind in _PIECES:
                number = a_count(event.get("summary_index")) or a_count(event.get("content_index"))
                grown = self._answer.grow(index, _PIECES[kind], number, a_text(event.get("delta")))
                return [*self._start({}), *grown]
            case _:
                body = event.get("response")
                return self._take_state(body, answer) if is_object(body) else []

    def _take_state(self, body: Json, answer: WireAnswer) -> list[Event]:
        """An event that brings the response as it stands."""
        if body.get("status") == "failed":
            raise error_of(body.get("error") or body, answer)
        events = self._start(body)
        if a_text(body.get("status")) in _RUNNING:
            return events
        self._ended = True
        if self._answer.empty:  # a server that cannot stream sends the response whole
            events += read_items(self._answer, body.get("output"))
        return [*events, *ending(self._answer, body)]

    def _start(self, body: Json) -> list[Event]:
        if self._started:
            return []
        self._started = True
        return [start_of(body)]


def start_of(body: Json) -> ReplyStart:
    """How a reply begins."""
    return ReplyStart(
        id=a_text(body.get("id")),
        model=a_text(body.get("model")),
        created=a_count(body.get("created_at")),
        vendor=_rest(body),
    )


def ending(answer: Answer, body: Json) -> list[Event]:
    """How a reply ends."""
    events = answer.close()
    finish = read_finish(body, called=answer.called, declined=answer.declined and not answer.said)
    return [*events, ReplyEnd(finish=finish, usage=read_usage(body), vendor=_rest(body))]


def _rest(body: Json) -> dict[str, Json]:
    """Leftovers of a response: marked as this protocol's even where there are none."""
    return {NAME: {name: value for name, value in body.items() if name not in _KNOWN}}


def read_reply(answer: WireAnswer) -> ChatReply:
    """A whole reply."""
    try:
        body = read_object(answer.body.strip())
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise broken("the reply cannot be read as JSON", answer) from error
    if body.get("status") == "failed" or (body.get("error") and not body.get("output")):
        raise error_of(body.get("error") or body, answer)
    if not is_list(body.get("output")):
        told = any(body.get(name) for name in ("errors", "message", "detail"))
        raise error_of(body, answer) if told else broken("the reply has no output", answer)
    taken = Answer()
    events: list[Event] = [start_of(body), *read_items(taken, body["output"]), *ending(taken, body)]
    return assemble(events)
