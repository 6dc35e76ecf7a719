"""One answer as it grows: takes the pieces of a choice (or its whole message) and tells the part events."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable
from typing import Any

from quorate.errors import UpstreamBroken
from quorate.types.chat import Finish
from quorate.types.events import Event
from quorate.types.parts import (
    Media,
    Opaque,
    Part,
    Reasoning,
    Refusal,
    Text,
    TokenLogprob,
    ToolCall,
    ToolResult,
)
from quorate.wire.builder import PartBuilder
from quorate.wire.json_fields import Json, a_list, a_text, an_object, is_object, objects

from .called import Calls
from .fields import vendor
from .finish import read_finish
from .logprobs import read_logprob, write_logprob
from .media import read_media
from .sources import read_annotation
from .thoughts import CHUNK, DETAILS, FIELDS, chunk_text, details_text, marks, merged, thought_text

_TEXT, _THOUGHT, _REFUSAL, _SOUND = "text", "thought", "refusal", "sound"
_PLAIN = ("role", "content", "refusal", "tool_calls", "function_call", "audio", "annotations", "images")
_MESSAGE_KNOWN = frozenset((*_PLAIN, *FIELDS, DETAILS, "executed_tools"))
_CHOICE_KNOWN = frozenset(("index", "delta", "message", "text", "logprobs", "finish_reason"))
"""Fields with a place in our values; all others are leftovers."""


class Answer:
    """The parts of one of the answers to a question. Sources and late seals wait for the text's end."""

    def __init__(self, number: int, numbers: Iterable[int]) -> None:
        self._parts = PartBuilder(number, numbers)
        self._calls = Calls(self._parts, number)
        self._fields: list[str] = []
        self._details: list[Json] = []
        self._late: list[Json] = []
        self._chunk: Json | None = None
        self._text_rest: Json = {}
        self._logprobs: list[TokenLogprob] = []
        self._raw_logprobs: Json = {}
        self._sources: list[Part] = []
        self._sound_rest = ""
        self._finished = ""
        self._said = self._declined = False
        self.rest: Json = {}
        """Leftovers of the choice."""
        self.message_rest: Json = {}
        """Leftovers of its message."""

    @property
    def finished(self) -> bool:
        """A reason for the end was told."""
        return bool(self._finished)

    @property
    def empty(self) -> bool:
        return not (self._said or self._declined or self._fields or self._calls.called)

    def say(self, text: str) -> list[Event]:
        """Words: the hot path."""
        self._said = True
        if self._parts.is_open(_TEXT):
            return self._parts.grow(text, key=_TEXT)
        return [*self._open(_TEXT, Text(text="")), *self._parts.grow(text, key=_TEXT)]

    def think(self, text: str, field: str) -> list[Event]:
        """Thoughts that stood in one string field: the hot path."""
        events = self._begin_thought([field])
        if field not in self._fields:
            self._fields.append(field)
        return [*events, *self._parts.grow(text, key=_THOUGHT)]

    def add_arguments(self, index: int, text: str) -> list[Event] | None:
        """Arguments of an open call: the hot path; None where no call of that number is open."""
        return self._calls.grow(index, text)

    def add_source(self, source: Part) -> None:
        """A source that the reply tells beside its choices."""
        self._sources.append(source)

    def take(self, choice: Json, piece: Json, reply_id: str) -> list[Event]:
        """A choice of a reply or chunk; `piece` is its message or delta."""
        events = self._think_piece(piece)
        for entry in objects(piece.get("executed_tools")):
            for told in self._calls.executed(entry):
                events += self._add_executed(told)
        events += self._take_content(piece.get("content"))
        self._take_logprobs(an_object(choice.get("logprobs")))
        if refusal := a_text(piece.get("refusal")):
            self._declined = True
            events += [*self._open(_REFUSAL, Refusal(text="")), *self._parts.grow(refusal, key=_REFUSAL)]
        events += self._take_sound(an_object(piece.get("audio")))
        for image in objects(piece.get("images")):
            if media := read_media(image):
                events += self._add(media)
        self._sources += [read_annotation(item) for item in objects(piece.get("annotations"))]
        events += self._take_calls(piece, reply_id)
        self._finished = a_text(choice.get("finish_reason")) or self._finished
        keep(self.rest, choice, _CHOICE_KNOWN)
        keep(self.message_rest, piece, _MESSAGE_KNOWN)
        return events

    def finish(self, reply_id: str) -> tuple[list[Event], Finish]:
        """Ends all that is open and tells why the answer ended."""
        self._seal()
        events: list[Event] = []
        for entry in self._calls.unfinished():
            events += self._add_executed(entry)
        events += self._flush_sources()
        if self._late:
            words = details_text(self._late)
            events += self._add(Reasoning(text=words, redacted=not words, vendor=marks((), self._late)))
        events += [*self._calls.close(reply_id), *self._parts.close()]
        if self._logprobs:  # of tokens that are no text: a tool call's
            self._raw_logprobs["content"] = [write_logprob(each) for each in self._logprobs]
        if self._raw_logprobs:
            self.rest["logprobs"] = self._raw_logprobs
        finish = read_finish(
            self._finished,
            called=self._calls.called,
            declined=self._declined and not self._said,
            stop=a_text(self.rest.get("stop_reason")) or a_text(self.rest.get("matched_stop")),
        )
        return events, finish

    def _open(self, key: str, part: Part) -> list[Event]:
        if self._parts.is_open(key):
            return []
        self._seal()
        return self._parts.open(key, part)

    def _add(self, part: Part) -> list[Event]:
        self._seal()
        return self._parts.add(part)

    def _seal(self) -> None:
        """Give what is open the marks that came beside its pieces, before something else begins."""
        if self._parts.is_open(_TEXT):
            marked: dict[str, Any] = {"vendor": vendor(self._text_rest)} if self._text_rest else {}
            if self._logprobs:
                marked["logprobs"] = tuple(self._logprobs)
            self._parts.mark(key=_TEXT, **marked)
            self._logprobs, self._text_rest = [], {}
        if self._parts.is_open(_THOUGHT):
            chunk = None if self._chunk is None else vendor({"chunk": self._chunk})
            words = bool(self._fields or self._chunk is not None or details_text(self._details))
            kept = chunk or marks(self._fields, self._details)
            self._parts.mark(key=_THOUGHT, vendor=kept, redacted=not words)
        if self._parts.is_open(_REFUSAL) and "refusal" in self._raw_logprobs:
            rest = {"logprobs": self._raw_logprobs.pop("refusal")}
            self._parts.mark(key=_REFUSAL, vendor=vendor(rest))

    def _begin_thought(self, told: list[str], chunk: Json | None = None) -> list[Event]:
        """Open a thought, marked from the start with the way it is told, so that a front can tell it likewise."""
        if self._parts.is_open(_THOUGHT):
            return []
        self._fields, self._details, self._chunk = list(told), [], chunk
        kept = marks(told) if chunk is None else vendor({"chunk": {}})
        return self._open(_THOUGHT, Reasoning(vendor=kept))

    def _think_piece(self, piece: Json) -> list[Event]:
        text, told = thought_text(piece)
        details = objects(piece.get(DETAILS))
        if not text and not details:
            return []
        words = text or details_text(details)
        begun = self._said or self._calls.called
        if not words and begun and not self._parts.is_open(_THOUGHT):
            self._late = merged(self._late, details)  # sealed or signed after the text began
            return []
        if not text and self._fields and self._parts.is_open(_THOUGHT):
            words = ""  # the string fields tell the words: these are the same again
        events = self._begin_thought(told)
        self._fields += [name for name in told if name not in self._fields]
        self._details = merged(self._details, details)
        return [*events, *self._parts.grow(words, key=_THOUGHT)]

    def _take_content(self, content: object) -> list[Event]:
        if isinstance(content, str):
            return self.say(content) if content else []
        events: list[Event] = []
        for item in objects(content):
            events += self._take_item(item)
        return events

    def _take_item(self, item: Json) -> list[Event]:
        """A part of a content list, a dialect's way to tell thoughts and references."""
        match item.get("type"):
            case "text":
                text = a_text(item.get("text"))
                events = self.say(text) if text else []
                keep(self._text_rest, item, ("type", "text"))
                return events
            case kind if kind == CHUNK:
                words, rest = chunk_text(item)
                events = self._begin_thought([], {})
                self._chunk = (self._chunk or {}) | rest
                return [*events, *self._parts.grow(words, key=_THOUGHT)]
            case "image_url" | "audio_url" | "video_url" if media := read_media(item):
                return self._add(media)
            case kind:
                return self._add(Opaque(kind=a_text(kind), vendor=vendor(item)))

    def _take_sound(self, sound: Json) -> list[Event]:
        if not any(sound.values()):
            return []  # some servers send an empty one with every answer
        events = self._open(_SOUND, Media(kind="audio"))
        if identity := a_text(sound.get("id")):
            self._parts.mark(key=_SOUND, file_id=identity)
        rest = {key: value for key, value in sound.items() if key not in ("id", "data", "transcript")}
        if rest:
            self._parts.mark(key=_SOUND, vendor=vendor({"audio": rest}))
        data = self._sound_rest + a_text(sound.get("data"))
        whole = len(data) - len(data) % 4
        self._sound_rest = data[whole:]
        try:
            piece = b64decode(data[:whole])
        except ValueError as error:
            raise UpstreamBroken("the bytes of a spoken answer cannot be read") from error
        return [*events, *self._parts.grow(a_text(sound.get("transcript")), piece, key=_SOUND)]

    def _flush_sources(self) -> list[Event]:
        sources, self._sources = self._sources, []
        return [event for source in sources for event in self._add(source)]

    def _take_calls(self, piece: Json, reply_id: str) -> list[Event]:
        raw = piece.get("tool_calls")
        pieces = [raw] if is_object(raw) else objects(raw)
        older = an_object(piece.get("function_call"))
        if not pieces and not any(older.values()):
            return []
        self._seal()
        events = self._flush_sources()
        for each in pieces:
            events += self._calls.take(each, reply_id)
        if any(older.values()):
            events += self._calls.take_legacy(older, reply_id)
        return events

    def _add_executed(self, entry: Json) -> list[Event]:
        """A tool that the provider ran, with what it gave."""
        name = a_text(entry.get("name")) or a_text(entry.get("type"))
        call_id = f"executed_{entry.get('index', 0)}"
        call = ToolCall(
            id=call_id,
            name=name,
            arguments=a_text(entry.get("arguments")),
            hosted=True,
            vendor=vendor({"executed_tool": entry}),
        )
        output = a_text(entry.get("output"))
        content = (Text(text=output),) if output else ()
        return [
            *self._add(call),
            *self._add(ToolResult(call_id=call_id, name=name, content=content, hosted=True)),
        ]

    def _take_logprobs(self, logprobs: Json) -> None:
        for name, value in logprobs.items():
            if name == "content":
                self._logprobs += [read_logprob(item) for item in objects(value)]
            elif name == "refusal":
                if value:
                    self._raw_logprobs[name] = [*a_list(self._raw_logprobs.get(name)), *a_list(value)]
            elif value is not None:
                self._raw_logprobs[name] = value


def keep(rest: Json, more: Json, known: Iterable[str]) -> None:
    """Leftovers of one more piece: the latest word counts, and nothing said takes nothing back."""
    for name, value in more.items():
        if name in known:
            continue
        if value is None:
            rest.setdefault(name, None)
        else:
            rest[name] = value
