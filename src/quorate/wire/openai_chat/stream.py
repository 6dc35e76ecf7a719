"""Reads replies: the pieces of a stream, or a whole reply as one piece. Both go the same way, so they agree."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from typing import Any

import msgspec

from quorate.errors import UpstreamBroken
from quorate.types.chat import ChatReply, Finish
from quorate.types.events import Event, ReplyEnd, ReplyStart, assemble
from quorate.wire.json_fields import Json, a_count, a_text, an_object, identity, is_list, is_object, objects
from quorate.wire.openai_faults import broken, error_of
from quorate.wire.seam import Frame, WireAnswer

from .answer import Answer, keep
from .completions import as_chat, as_piece
from .fields import vendor
from .plain import read_plain
from .shapes import PADDING, FastChunk, read_fast, read_object
from .sources import read_beside
from .usage import read_usage, stated_beside

_KNOWN = frozenset(("id", "object", "created", "model", "choices", "usage", "error", *PADDING))
_END = b"[DONE]"
_MOST_ANSWERS = 1024
"""No protocol lets a client ask for so many; a larger number is garbage that would cost us memory."""


class ChatStream:
    """Reads one streamed reply. It is whole once `[DONE]` came, or every answer told why it ended."""

    def __init__(self) -> None:
        self._numbers = count()
        self._answers: dict[int, Answer] = {}
        self._id = self._model = ""
        self._started = self._done = self._ended = False
        self._usage: Json = {}
        self._rest: Json = {}

    def read(self, frame: Frame) -> Iterable[Event]:
        if self._started and self._id and self._model and not self._ended:
            try:
                chunk = read_fast(frame.data)
            except msgspec.MsgspecError:
                pass
            else:
                if (events := self._read_fast(chunk)) is not None:
                    return events
        return self._read_slow(frame)

    def close(self) -> Iterable[Event]:
        if self._ended:
            return ()
        if not self._done and not (self._answers and all(each.finished for each in self._answers.values())):
            raise UpstreamBroken("the stream broke off before the answer was whole")
        return self._end()

    def _read_fast(self, chunk: FastChunk) -> Iterable[Event] | None:
        """The events of a piece that only carries text on; None where it needs a closer look."""
        if len(chunk.choices) != 1:
            return None
        choice = chunk.choices[0]
        answer, delta = self._answers.get(choice.index), choice.delta
        if answer is None:
            return None
        calls, thought = delta.tool_calls, delta.reasoning_content or delta.reasoning
        if not calls and not thought:
            return answer.say(delta.content) if delta.content else ()
        if calls:
            if thought or delta.content or len(calls) != 1:
                return None
            return answer.add_arguments(calls[0].index, calls[0].function.arguments or "")
        if thought and not delta.content and not (delta.reasoning_content and delta.reasoning):
            return answer.think(thought, "reasoning_content" if delta.reasoning_content else "reasoning")
        return None

    def _read_slow(self, frame: Frame) -> list[Event]:
        data = frame.data.strip()
        if not data or self._ended:
            return []
        if data == _END:
            self._done = True
            return self._end()
        answer = WireAnswer(body=data)
        try:
            chunk = read_object(data)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            if frame.event == "error":
                raise error_of(data.decode(errors="replace"), answer) from error
            raise broken("a piece of the stream cannot be read", answer) from error
        return self._take(chunk, answer, failed=frame.event == "error")

    def _take(self, chunk: Json, answer: WireAnswer, *, failed: bool) -> list[Event]:
        if chunk.get("error") or failed:
            raise error_of(chunk, answer)
        choices = objects(chunk.get("choices"))
        self._keep(chunk)
        events = self._start(a_count(chunk.get("created"))) if choices or (self._id and self._model) else []
        for choice in choices:
            taker = self._taker(choice, answer)
            delta = choice.get("delta")
            if not is_object(delta) and "text" in choice:
                delta = as_piece(choice)
            elif not is_object(delta):  # a server that cannot stream sends the message whole
                delta = numbered(an_object(choice.get("message"))) if taker.empty else {}
            events += taker.take(as_chat(choice), delta, self._id)
        return events

    def take_whole(self, body: Json, choices: list[Any], answer: WireAnswer) -> list[Event]:
        """A whole reply as the one piece of a stream."""
        self._keep(body)
        events = self._start(a_count(body.get("created")))
        for choice in objects(choices):
            message = an_object(choice.get("message")) or an_object(choice.get("delta")) or as_piece(choice)
            events += self._taker(choice, answer).take(as_chat(choice), numbered(message), self._id)
        return [*events, *self._end()]

    def _taker(self, choice: Json, answer: WireAnswer) -> Answer:
        """The answer that a choice belongs to."""
        if error := choice.get("error"):
            raise error_of({"error": error}, answer)
        number = a_count(choice.get("index"))
        taker = self._answers.get(number)
        if taker is None:
            if number >= _MOST_ANSWERS:
                raise broken(f"an answer has the number {number}", answer)
            taker = self._answers[number] = Answer(number, self._numbers)
        return taker

    def _keep(self, chunk: Json) -> None:
        self._id = self._id or identity(chunk.get("id"))
        self._model = self._model or a_text(chunk.get("model"))
        self._usage = an_object(chunk.get("usage")) or usage_inside(chunk) or self._usage
        for name, value in chunk.items():
            before = self._rest.get(name)
            if name not in _KNOWN and isinstance(value, dict) and isinstance(before, dict):
                self._rest[name] = before | value
            elif name not in _KNOWN:
                keep(self._rest, {name: value}, ())

    def _start(self, created: int) -> list[Event]:
        if self._started:
            return []
        self._started = True
        return [ReplyStart(id=self._id, model=self._model, created=created, vendor=vendor(dict(self._rest)))]

    def _end(self) -> list[Event]:
        self._ended = True
        events = self._start(0)
        beside = read_beside(self._rest)
        numbers = range(max(self._answers, default=0) + 1)
        answers = [self._answers.get(number) or Answer(number, self._numbers) for number in numbers]
        for source in beside:
            answers[0].add_source(source)
        finishes: list[Finish] = []
        for answer in answers:
            ended, finish = answer.finish(self._id)
            events += ended
            finishes.append(finish)
        usage = stated_beside(read_usage(self._usage), self._rest)
        choices = [answer.rest for answer in answers]
        rest = self._rest | ({"choices": choices} if any(choices) else {})
        kept = [vendor(answer.message_rest) for answer in answers]
        events.append(
            ReplyEnd(
                finish=finishes[0],
                finishes=tuple(finishes[1:]),
                usage=usage,
                vendor=vendor(rest),
                messages=tuple(kept) if any(kept) else (),
            )
        )
        return events


def usage_inside(chunk: Json) -> Json:
    """Usage that a server tells inside an object of its own, beside the choices."""
    inside = (
        an_object(an_object(value).get("usage")) for name, value in chunk.items() if name.startswith("x_")
    )
    none: Json = {}
    return next((usage for usage in inside if usage), none)


def numbered(message: Json) -> Json:
    """A whole message as one piece: its calls numbered by their place."""
    calls = message.get("tool_calls")
    if not is_list(calls):
        return message
    return message | {"tool_calls": [call | {"index": place} for place, call in enumerate(objects(calls))]}


def read_reply(answer: WireAnswer) -> ChatReply:
    """A whole reply."""
    try:
        body = read_object(
            answer.body.strip()
        )  # servers pad the start with whitespace to keep the line alive
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise broken("the reply cannot be read as JSON", answer) from error
    choices = body.get("choices")
    if body.get("error") or not is_list(choices):
        raise error_of(body, answer) if tells_error(body) else broken("the reply has no choices", answer)
    if not body.get("error") and (plain := read_plain(body)) is not None:
        return plain
    return assemble(ChatStream().take_whole(body, choices, answer))


def tells_error(body: Json) -> bool:
    """A body without choices that explains itself."""
    return any(body.get(name) for name in ("error", "errors", "message", "detail"))
