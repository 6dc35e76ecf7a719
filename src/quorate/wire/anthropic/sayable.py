"""Which part may be said by which role, and in what form; what may not is left out and noted."""

from __future__ import annotations

import re

from quorate.types.chat import Role
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
from quorate.wire.notes import Notes

from .calls import arguments_of
from .citations import is_own
from .fields import NAME, is_foreign
from .media import is_carried, is_retyped

_REFUSED_IN_ID = re.compile(r"[^a-zA-Z0-9_-]")
_ONLY_OWN = "another provider's own words: this protocol cannot take them back"


class Sayer:
    """Says the parts of one conversation, in order: it also names calls that came without an id."""

    def __init__(self, quirks: Quirks, notes: Notes) -> None:
        self._unsigned = bool(quirks.replay_reasoning)
        self._notes = notes
        self._calls = 0
        self._results = 0
        self._citable = False

    def say(self, part: Part, role: Role, at: str) -> Part | None:
        """The part as this role may say it, or None."""
        said = self._said(part, role, at)
        if not isinstance(part, Citation):
            self._citable = isinstance(said, Text)
        return said

    def _said(self, part: Part, role: Role, at: str) -> Part | None:
        match part:
            case Text():
                return self._text(part, at, spaces=role == "assistant")
            case Refusal(text=text):
                return self._text(Text(text=text), at, spaces=True)
            case Reasoning():
                return self._reasoning(part, role, at)
            case Citation() if not is_own(part):
                return self._refused(at, _ONLY_OWN)
            case Citation():
                return (
                    part if self._citable else self._refused(at, "it follows no text that it could support")
                )
            case ToolCall():
                return self._call(part, at)
            case ToolResult():
                return self._result(part, at)
            case Media() | SearchResult() if role in ("assistant", "system"):
                return self._refused(at, f"the {role} may not say this kind of part")
            case Media():
                return self._media(part, at)
            case SearchResult():
                return self._passage(part, at)
            case Opaque():
                return part if NAME in part.vendor else self._refused(at, _ONLY_OWN)

    def _refused(self, at: str, detail: str) -> None:
        self._notes.dropped(at, detail)

    def _text(self, part: Text, at: str, *, spaces: bool = False) -> Text | None:
        """The provider refuses a text without a letter, but for `spaces` in what it said itself."""
        if part.text.strip() or (part.text and spaces):
            return part
        return self._refused(at, "a text of spaces alone is refused") if part.text else None

    def _reasoning(self, part: Reasoning, role: Role, at: str) -> Reasoning | None:
        if role != "assistant":
            return self._refused(at, "only the assistant has thoughts")
        if NAME in part.vendor or (part.signature and not is_foreign(part.vendor)):
            return part
        if self._unsigned and not part.redacted:
            return replace(part, signature="")
        if not part.text:
            return None
        return self._refused(at, "thoughts that this provider did not sign cannot be sent back")

    def _call(self, part: ToolCall, at: str) -> ToolCall | None:
        if part.hosted:
            return part if NAME in part.vendor else self._refused(at, _ONLY_OWN)
        if not arguments_of(part.arguments)[1]:
            self._notes.changed(f"{at}.arguments", "no JSON object: wrapped in one")
        if part.id:
            return replace(part, id=self._identity(part.id, f"{at}.id"))
        self._calls += 1
        return replace(part, id=f"call_{self._calls}")

    def _result(self, part: ToolResult, at: str) -> ToolResult | None:
        if part.hosted:
            return part if NAME in part.vendor else self._refused(at, _ONLY_OWN)
        content: list[Text | Media | SearchResult] = []
        for place, piece in enumerate(part.content):
            inner = f"{at}.content.{place}"
            match piece:
                case Text():
                    said = self._text(piece, inner)
                case Media():
                    said = self._media(piece, inner)
                case SearchResult():
                    said = self._passage(piece, inner)
            if said is not None:
                content.append(said)
        if part.call_id:
            identity = self._identity(part.call_id, f"{at}.call_id")
        else:
            self._results += 1
            identity = f"call_{self._results}"
        return replace(part, call_id=identity, content=tuple(content))

    def _identity(self, identity: str, at: str) -> str:
        allowed = _REFUSED_IN_ID.sub("_", identity)
        if allowed != identity:
            self._notes.changed(at, "ids may only hold letters, digits, '_' and '-'")
        return allowed

    def _media(self, part: Media, at: str) -> Media | None:
        if not is_carried(part):
            return self._refused(at, "the protocol carries images, PDF and plain text alone")
        if part.detail not in ("", "auto"):
            self._notes.dropped(f"{at}.detail", "the protocol has no such setting")
        if is_retyped(part):
            self._notes.changed(f"{at}.media_type", "sent as plain text")
        return part

    def _passage(self, part: SearchResult, at: str) -> SearchResult | None:
        if not part.text.strip() and NAME not in part.vendor:
            return self._refused(at, "a search result without words is refused")
        return part
