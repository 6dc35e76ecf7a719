"""The turns of a conversation as Gemini's `contents` and `systemInstruction`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from quorate.types.chat import Departure, Message
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
from quorate.types.value import replace

from .fields import NAME, SAME_TURN, UNNAMED, Json, is_marked, own
from .parts import arguments_of, passage, write_part

SIGNATURE = "thoughtSignature"
"""In `Quirks.defaults`: what to sign an earlier call with that some other model made. Models that refuse
unsigned calls name such a value: ai.google.dev/gemini-api/docs/thought-signatures"""

RESULT_MEDIA = "functionResponse.parts"
"""In `Quirks.drop`: a model that takes no media inside a result; they then follow it."""

_ROLES = {"user": "user", "assistant": "model", "tool": "user"}


class Contents:
    """Writes the messages of one request. `turns` are its contents."""

    def __init__(self, quirks: Quirks, notes: list[Departure]) -> None:
        self.turns: list[Json] = []
        self.system_fields: Json = {}
        self._signature: str | None = quirks.defaults.get(SIGNATURE)
        self._media_outside = RESULT_MEDIA in quirks.drop
        self._notes = notes
        self._calls: dict[str, ToolCall] = {}
        self._last_role = ""
        self._aside: list[Json] = []
        """Words of the system's that wait for a turn of the user's."""

    def write(self, messages: Sequence[Message]) -> list[Json]:
        """Fills `turns`; returns the parts of the system's instruction."""
        system: list[Json] = []
        for number, message in enumerate(messages):
            at = f"messages.{number}"
            if message.name:
                self._note(f"{at}.name", "dropped", "this protocol does not tell speakers apart")
            if message.role == "system" and not self.turns:
                system.extend(self._parts(message, at))
                self.system_fields |= own(message.vendor)
                continue
            parts = self._parts(message, at)
            if message.role == "system":
                self._note(at, "emulated", "said by the user: only the first instruction is the system's")
                self._say_aside(parts)
            else:
                self._turn(message, parts)
        self._say_waiting()
        return system

    def say_first(self, parts: list[Json]) -> None:
        """The system's words as the first turn of the user, for a target that knows no system."""
        if not parts:
            return
        self._note("messages.0", "emulated", "said by the user")
        if self.turns and self.turns[0]["role"] == "user":
            self.turns[0]["parts"][:0] = parts
        else:
            self.turns.insert(0, {"role": "user", "parts": parts})

    def _say_aside(self, parts: list[Json]) -> None:
        """Words of the system's in mid-conversation belong to the user's turn before them, else to the next one."""
        if self._last_role == "user":
            self.turns[-1]["parts"].extend(parts)
        else:
            self._aside.extend(parts)

    def _say_waiting(self) -> None:
        if self._aside:
            self.turns.append({"role": "user", "parts": self._aside})
            self._aside, self._last_role = [], "user"

    def _turn(self, message: Message, parts: list[Json]) -> None:
        """All results of one turn's calls must stand in one turn; messages without a word are refused."""
        if parts and message.role == "assistant":
            self._say_waiting()
        elif parts and message.role == "user":
            parts = [*self._aside, *parts]
            self._aside = []
        joins = message.role == "tool" or is_marked(message.vendor, SAME_TURN)
        if parts and joins and self._last_role == "tool":
            self.turns[-1]["parts"].extend(parts)
        elif parts:
            self.turns.append({"role": _ROLES[message.role], "parts": parts} | own(message.vendor))
        self._last_role = message.role if parts else self._last_role

    def _parts(self, message: Message, at: str) -> list[Json]:
        written: list[Json] = []
        signed = False
        for number, part in enumerate(message.parts):
            if message.role == "assistant" and isinstance(part, SearchResult | Citation):
                continue  # they tell where an earlier answer came from: no protocol asks for them back
            fields = self._part(part, f"{at}.parts.{number}")
            if fields is None:
                continue
            if "functionCall" in fields and self._signature and not signed:
                fields.setdefault("thoughtSignature", self._signature)
                signed = True  # of calls made together the first alone is signed
            written.append(fields)
            if self._media_outside and "functionResponse" in fields:
                media = fields["functionResponse"].pop("parts", [])
                written.extend(media)
                if media:
                    self._note(f"{at}.parts.{number}", "emulated", "its media follow it")
        return written

    def _part(self, part: Part, at: str) -> Json | None:
        self._note_lost(part, at)
        match part:
            case ToolCall(hosted=False):
                self._calls[part.id] = part
                return write_part(part)
            case ToolResult(hosted=False):
                return self._result(part)
            case SearchResult():
                self._note(at, "emulated", "said as plain words")
                return {"text": passage(part)}
            case Media() if not (part.data or part.url or part.file_id):
                self._note(at, "dropped", "it has neither bytes nor an address")
                return None
            case _:
                return write_part(part)

    def _result(self, result: ToolResult) -> Json | None:
        """A result goes by the name of its call, and without an id where the call had none."""
        call = self._calls.get(result.call_id)
        if call is not None and is_marked(call.vendor, UNNAMED):
            result = replace(result, call_id="")
        return write_part(result, call.name if call else result.call_id or "tool")

    def _note_lost(self, part: Part, at: str) -> None:
        """What this part says and its written form does not."""
        if getattr(part, "cache", None):
            self._note(f"{at}.cache", "dropped", "this protocol caches prompts by itself")
        match part:
            case Reasoning(redacted=True):
                self._note(at, "dropped", "its content is sealed for another protocol")
            case Reasoning(signature=signature) if signature and NAME not in part.vendor:
                self._note(f"{at}.signature", "dropped", "it is of another protocol")
            case Refusal():
                self._note(at, "emulated", "said as plain words")
            case ToolCall(hosted=True) | ToolResult(hosted=True) | Opaque() if not own(part.vendor):
                self._note(at, "dropped", "only another protocol knows it")
            case ToolCall() if not part.hosted and not arguments_of(part.arguments)[1]:
                self._note(f"{at}.arguments", "changed", "they are no JSON object and stand inside one")
            case Media():
                self._note_media(part, at)
            case ToolResult():
                for number, inner in enumerate(part.content):
                    self._note_inner(inner, f"{at}.content.{number}")
            case Text() | Reasoning() | ToolCall() | Citation() | SearchResult() | Opaque():
                pass

    def _note_inner(self, part: Text | Media | SearchResult, at: str) -> None:
        if isinstance(part, SearchResult):
            self._note(at, "emulated", "said as plain words")
        self._note_lost(part, at)

    def _note_media(self, media: Media, at: str) -> None:
        if media.detail not in ("", "auto"):
            self._note(f"{at}.detail", "dropped", "this protocol has it for whole requests only")
        kept = own(media.vendor)
        if media.name and not (kept.get("inlineData") or kept.get("fileData")):
            self._note(f"{at}.name", "dropped", "this protocol does not name files")

    def _note(self, setting: str, kind: Literal["emulated", "changed", "dropped"], detail: str) -> None:
        self._notes.append(Departure(setting=setting, kind=kind, detail=detail))
