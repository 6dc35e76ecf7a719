"""Writes a conversation as the `messages` of a request, for a target with its quirks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from quorate.types.chat import Departure, Message, Role
from quorate.types.parts import (
    CacheMark,
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
from quorate.wire.json_fields import How, Json

from .calls import is_custom, write_call
from .fields import own
from .media import write_media
from .thoughts import CHUNK, replay_fields, write_chunk

ANNOTATION = "annotation/"
"""How the kind of an opaque part begins that stands among a message's annotations."""

_AS_USER = "the system message is sent as a user message"

_TEXTUAL = ("text/", "application/json", "application/xml", "application/yaml")


def cache_control(mark: CacheMark) -> Json:
    return {"type": "ephemeral"} if mark == "5m" else {"type": "ephemeral", "ttl": mark}


def write_messages(messages: Sequence[Message], quirks: Quirks) -> tuple[list[Json], list[Departure]]:
    """The `messages` of the body, and what could not be written as it was."""
    turns = _Turns(quirks)
    for number, message in enumerate(messages):
        turns.add(message, number)
    turns.close()
    return turns.out, turns.lost


def _plain_words(message: Message) -> str | None:
    """The text of a message that is one bare text part and nothing else; None for any other."""
    if len(message.parts) != 1 or message.vendor or message.name or message.role == "tool":
        return None
    part = message.parts[0]
    if type(part) is not Text or not part.text or part.cache or part.vendor:
        return None
    return part.text


class _Turns:
    """The messages so far. Media of tool results wait until the run of tool messages is over."""

    def __init__(self, quirks: Quirks) -> None:
        self._quirks = quirks
        self.out: list[Json] = []
        self.lost: list[Departure] = []
        self._waiting: list[Json] = []
        self._held: list[tuple[Message, int]] = []
        """The system's words after calls, whose results must follow first."""
        self._moved = 0
        """As many of them are told to have moved."""
        self._calls = False
        """Results may come next."""

    def add(self, message: Message, number: int) -> None:
        match message.role:
            case "system" if self._calls:
                self._held.append((message, number))
                return
            case "tool":
                for _, place in self._held[self._moved :]:
                    self._depart(
                        f"messages.{place}", "changed", "moved behind the results that follow a call"
                    )
                self._moved = len(self._held)
            case role:
                self._release()
                self._calls = role == "assistant"
        self._write(message, number)

    def close(self) -> None:
        self._release()
        self._hand_over()

    def _release(self) -> None:
        if self._held:
            for each in self._held:
                self._write(*each)
            self._held, self._moved = [], 0

    def _write(self, message: Message, number: int) -> None:
        if (words := _plain_words(message)) is None:
            self._add(message, f"messages.{number}")
        else:
            self._add_words(message.role, words, number)

    def _add(self, message: Message, place: str) -> None:
        placed = [(part, f"{place}.parts.{number}") for number, part in enumerate(message.parts)]
        results = [(part, where) for part, where in placed if isinstance(part, ToolResult)]
        others = [(part, where) for part, where in placed if not isinstance(part, ToolResult)]
        for result, where in results:
            self._add_result(result, where)
        if results and not others:
            return
        self._hand_over()
        if message.role == "assistant":
            self._add_answer(message, others)
        else:
            self._add_turn(message, others, place)

    def _add_words(self, role: Role, words: str, number: int) -> None:
        """A turn of nothing but words: the hot path, since most turns are."""
        if self._waiting:
            self._hand_over()
        name: str = role
        if role == "system":
            name = self._quirks.system_role
            if name == "user":
                self._depart(f"messages.{number}", "emulated", _AS_USER)
        self.out.append({"role": name, "content": words})

    def _hand_over(self) -> None:
        """Let the media that tools gave back follow in a user message."""
        if self._waiting:
            self.out.append({"role": "user", "content": self._waiting})
            self._waiting = []

    def _depart(self, where: str, kind: How, detail: str) -> None:
        self.lost.append(Departure(setting=where, kind=kind, detail=detail))

    def _add_turn(self, message: Message, placed: Iterable[tuple[Part, str]], place: str) -> None:
        rest = dict(own(message.vendor))
        developer = rest.pop("role", "") == "developer"
        role = "user" if message.role == "tool" else message.role
        if role == "system":
            role = "developer" if developer and self._quirks.developer_role else self._quirks.system_role
            if role == "user":
                self._depart(place, "emulated", _AS_USER)
        content = self._content(placed)
        self.out.append({"role": role, "content": _collapsed(content), **_named(message), **rest})

    def _add_answer(self, message: Message, placed: Sequence[tuple[Part, str]]) -> None:
        thoughts = self._thoughts(placed)
        media = [(part, where) for part, where in placed if isinstance(part, Media)]
        taken = Reasoning | ToolCall | Refusal | Media
        content = self._content((part, where) for part, where in placed if not isinstance(part, taken))
        content += self._shown(media)
        if self._quirks.replay_reasoning == CHUNK:
            content = [*(write_chunk(thought) for thought in thoughts), *content]
        turn: Json = {"role": "assistant", "content": _collapsed(content) if content else None}
        if refusals := [part.text for part, _ in placed if isinstance(part, Refusal)]:
            turn["refusal"] = "".join(refusals)
        if spoken := [part.file_id for part, _ in media if part.kind == "audio" and part.file_id]:
            turn["audio"] = {"id": spoken[-1]}
        if self._quirks.replay_reasoning != CHUNK:
            turn |= replay_fields(thoughts, self._quirks.replay_reasoning)
        if annotations := [own(part.vendor) for part, _ in placed if _is_annotation(part)]:
            turn["annotations"] = annotations
        calls = [(part, where) for part, where in placed if isinstance(part, ToolCall)]
        if written := [call for call in (self._call(*each) for each in calls) if call is not None]:
            turn["tool_calls"] = written
        if turn == {"role": "assistant", "content": None}:
            turn["content"] = ""
        self.out.append({**turn, **_named(message), **own(message.vendor)})

    def _shown(self, media: Iterable[tuple[Media, str]]) -> list[Json]:
        """Media that a model made: sounds go by id or in words, the rest follows in a user message."""
        words: list[Json | None] = []
        for part, where in media:
            if part.kind == "audio":
                words.append(None if part.file_id else self._told(part, where))
            elif (written := self._media(part, where)) is not None:
                self._follow(written, where, "the answer's own media follow in a user message")
        return [part for part in words if part is not None]

    def _follow(self, written: Json, where: str, detail: str) -> None:
        self._depart(where, "emulated", detail)
        if not self._waiting:
            self._waiting.append({"type": "text", "text": "Files that belong to the turns above:"})
        self._waiting.append(written)

    def _thoughts(self, placed: Sequence[tuple[Part, str]]) -> list[Reasoning]:
        """The thoughts this target wants back."""
        thoughts = [(part, where) for part, where in placed if isinstance(part, Reasoning)]
        field = self._quirks.replay_reasoning
        kept: list[Reasoning] = []
        for thought, where in thoughts:
            if not field:
                self._depart(where, "dropped", "this target takes no earlier thoughts")
            elif not thought.text and not own(thought.vendor):
                self._depart(where, "dropped", "sealed thoughts of another protocol")
            else:
                if thought.signature:
                    self._depart(where, "changed", "the signature of another protocol is left out")
                kept.append(thought)
        return kept

    def _call(self, call: ToolCall, where: str) -> Json | None:
        if call.hosted:
            self._depart(where, "dropped", "a call that a provider ran itself is not told again")
            return None
        written = write_call(call, custom=is_custom(call) and self._quirks.custom_tools)
        if call.cache:
            self._cache(written, call.cache, where)
        return written

    def _add_result(self, result: ToolResult, where: str) -> None:
        if result.hosted:
            self._depart(where, "dropped", "a result of a provider's own tool is not told again")
            return
        content: list[Json] = []
        for number, part in enumerate(result.content):
            place = f"{where}.content.{number}"
            written = self._part(part, place)
            if written is None:
                continue
            if isinstance(part, Media) and not self._quirks.tool_media:
                self._follow(written, place, "it follows the tool results in a user message")
            else:
                content.append(written)
        if result.failed:
            self._depart(where, "emulated", "the failure is told in words")
            content.insert(0, {"type": "text", "text": "The tool failed:"})
        turn: Json = {"role": "tool", "tool_call_id": result.call_id, "content": _collapsed(content)}
        if result.name:
            turn["name"] = result.name
        if result.cache:
            self._cache(turn, result.cache, where)
        self.out.append(turn | own(result.vendor))

    def _content(self, placed: Iterable[tuple[Part, str]]) -> list[Json]:
        written = (self._part(part, where) for part, where in placed)
        return [part for part in written if part is not None]

    def _part(self, part: Part, where: str) -> Json | None:
        match part:
            case Text():
                return self._text(part.text, part.cache, where) | own(part.vendor)
            case Media():
                return self._media(part, where)
            case SearchResult():
                self._depart(where, "emulated", "the search result is told in words")
                lines = (part.title, part.url, part.text)
                return self._text("\n".join(line for line in lines if line), part.cache, where)
            case Refusal():
                return {"type": "refusal", "refusal": part.text}
            case Opaque() if own(part.vendor):
                return None if _is_annotation(part) else own(part.vendor)
            case Citation():
                self._depart(where, "dropped", "sources of an earlier answer are not told again")
            case _:
                self._depart(where, "dropped", "this protocol has no such part here")
        return None

    def _text(self, text: str, mark: CacheMark | None, where: str) -> Json:
        written: Json = {"type": "text", "text": text}
        if mark:
            self._cache(written, mark, where)
        return written

    def _cache(self, written: Json, mark: CacheMark, where: str) -> None:
        if self._quirks.cache_marks:
            written["cache_control"] = cache_control(mark)
        else:
            self._depart(f"{where}.cache", "dropped", "this target takes no cache marks")

    def _media(self, media: Media, where: str) -> Json | None:
        form = self._quirks.media.get(media.kind, "")
        written = write_media(media, form)
        if written is None:
            return self._told(media, where)
        if media.cache:
            self._cache(written, media.cache, where)
        return written

    def _told(self, media: Media, where: str) -> Json | None:
        """Media in words, where it has any."""
        textual = media.media_type.startswith(_TEXTUAL) and media.data
        words = media.transcript or (media.data.decode(errors="replace") if textual else "")
        if words:
            self._depart(where, "emulated", f"the {media.kind} is told in words")
            head = f"{media.name}:\n" if media.name else ""
            return {"type": "text", "text": head + words}
        by_url = bool(media.url) and not media.data
        what = f"this target takes no URLs of this kind ({media.kind})" if by_url else f"no {media.kind} here"
        self._depart(where, "dropped", what)
        return None


def _is_annotation(part: Part) -> bool:
    return isinstance(part, Opaque) and part.kind.startswith(ANNOTATION)


def _collapsed(content: list[Json]) -> str | list[Json]:
    """A lone plain text stands as a string."""
    if not content:
        return ""
    only = content[0]
    return only["text"] if len(content) == 1 and set(only) == {"type", "text"} else content


def _named(message: Message) -> Json:
    return {"name": message.name} if message.name else {}
