"""One of the answers in a reply, built from the pieces that tell of it.

Neighbouring words of one kind are one part, however they were cut. A signature belongs to the words before
it and ends their part: Google sends it with the last of them or with an empty piece after them.
"""

from __future__ import annotations

from collections.abc import Iterator

from quorate.types.chat import Finish
from quorate.types.events import Event
from quorate.types.parts import Media, Opaque, Reasoning, Text, TokenLogprob, ToolCall, ToolResult
from quorate.types.value import replace
from quorate.wire.builder import PartBuilder

from .arguments import PartialArguments
from .fields import Fields, Json, own
from .finish import read_finish, word_of
from .grounding import merged, read_sources, searches_of
from .logprobs import read_logprobs, write_logprobs
from .parts import read_call, read_part

_TEXT, _THOUGHT = Text(text=""), Reasoning(text="")


class Candidate:
    """Turns the pieces of one answer into events."""

    def __init__(self, index: int, reply_id: str, numbers: Iterator[int]) -> None:
        self._builder = PartBuilder(index, numbers)
        self._names = "_".join(("call", *([reply_id] if reply_id else ()), *([str(index)] if index else ())))
        self._calls = 0
        self._asks = False
        self._sealed = False
        self._code = ""
        self._partial: PartialArguments | None = None
        self._logprobs: tuple[TokenLogprob, ...] = ()
        self._marked = False
        self._detail = ""
        self.word = ""
        """Why it ended, in Google's word; '' while it has not."""
        self.kept: Json = {}
        """What else was said of it."""

    def say(self, text: str, *, thought: bool) -> list[Event]:
        """More words of one kind."""
        if not text:
            return []
        events = self._open(thought=thought)
        events += self._builder.grow(text)
        return events

    def _open(self, *, thought: bool) -> list[Event]:
        events: list[Event] = []
        if self._sealed:
            events += self._builder.close()
            self._sealed = False
        events += self._builder.open("thought", _THOUGHT) if thought else self._builder.open("text", _TEXT)
        if self._logprobs and not self._marked and not thought:
            self._mark_logprobs()
        return events

    def _add_logprobs(self, tokens: tuple[TokenLogprob, ...]) -> None:
        """They are of the words that are being said, or of the next."""
        if self._builder.is_open("text"):
            self._logprobs += tokens
            self._mark_logprobs()
        else:
            self._logprobs = tokens if self._marked else self._logprobs + tokens
            self._marked = False

    def _mark_logprobs(self) -> None:
        self._marked = True
        self._builder.mark(key="text", logprobs=self._logprobs)

    def read(self, fields: Fields) -> list[Event]:
        """One piece."""
        if result := fields.inner("logprobsResult"):
            self._add_logprobs(read_logprobs(result))
            if rest := result.left():
                fields.put_back("logprobsResult", rest)
        events: list[Event] = []
        if content := fields.inner("content"):
            for part in content.items("parts"):
                events += self._read_part(part)
        self.word = word_of(fields.word("finishReason")) or self.word
        self._detail = fields.text("finishMessage") or self._detail
        self.kept = merged(self.kept, fields.left())
        return events

    def _read_part(self, fields: Fields) -> list[Event]:
        if "functionCall" in fields.rest:
            return self._read_call(fields)
        part = read_part(fields, self._next_id)
        match part:
            case Text():
                return self._words(part, part.text, thought=False)
            case Reasoning():
                return self._words(part, part.text, thought=True)
            case Media():
                events = self._builder.open("media", replace(part, data=b""))
                events += self._builder.grow(data=part.data)
                return events + self._builder.close("media")
            case ToolCall(hosted=True):
                self._code = part.id
                return self._builder.add(part)
            case ToolResult(hosted=True, call_id=""):
                return self._builder.add(replace(part, call_id=self._code))
            case Opaque(kind=""):
                return []  # an empty object says nothing
            case _:
                return self._builder.add(part)

    def _words(self, part: Text | Reasoning, text: str, *, thought: bool) -> list[Event]:
        """Words with what belongs to them; without words what belongs to those before."""
        if not part.vendor:
            return self.say(text, thought=thought)
        if own(part.vendor).keys() - {"thoughtSignature"}:
            events = self._builder.open("apart", replace(part, text=""))
            events += self._builder.grow(text)
            return events + self._builder.close("apart")
        events = self._open(thought=thought)
        events += self._builder.grow(text)
        marks = {"signature": part.signature} if isinstance(part, Reasoning) else {}
        self._builder.mark(vendor=part.vendor, **marks)
        self._sealed = True
        return events

    def _read_call(self, fields: Fields) -> list[Event]:
        call = fields.inner("functionCall") or Fields(b"{}")
        more, pieces = call.flag("willContinue") or False, call.items("partialArgs")
        named = "name" in call.rest
        events: list[Event] = []
        if self._partial is not None and not named:
            for piece in pieces:
                self._partial.add(piece)
            return events if more else self._end_call()
        events += self._end_call()
        return events + self._begin_call(read_call(call, fields, self._next_id), pieces, more=more)

    def _begin_call(self, call: ToolCall, pieces: list[Fields], *, more: bool) -> list[Event]:
        self._asks = True
        events = self._builder.open("call", replace(call, arguments=""))
        if not more and not pieces:
            events += self._builder.grow(call.arguments)
            return events + self._builder.close("call")
        self._partial = PartialArguments()
        for piece in pieces:
            self._partial.add(piece)
        return events if more else events + self._end_call()

    def _end_call(self) -> list[Event]:
        if self._partial is None:
            return []
        text, self._partial = self._partial.text(), None
        return [*self._builder.grow(text, key="call"), *self._builder.close("call")]

    def _next_id(self) -> str:
        self._calls += 1
        return f"{self._names}_{self._calls}"

    def close(self) -> list[Event]:
        """The events that end its last part, and its sources."""
        events = self._end_call()
        events += self._builder.close()
        if self._logprobs and not self._marked:
            self.kept["logprobsResult"] = write_logprobs(self._logprobs)  # there are no words to hold them
        for source in read_sources(self.kept):
            events += self._builder.add(source)
        return events

    def finish(self) -> Finish:
        return read_finish(self.word, self._detail, calls=self._asks)

    @property
    def searches(self) -> int:
        return searches_of(self.kept)
