"""Which part may be said by which role, and in what form; what may not is left out and noted."""

from __future__ import annotations

import re
from hashlib import blake2s
from typing import TypeVar

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

from .blocks import arguments_of
from .citations import is_own
from .fields import NAME
from .media import document_name, format_of, is_retyped, obstacle

SIGNERS = frozenset((NAME, "anthropic"))
"""Protocols whose signatures hold here too: a model's own hold wherever that model is served."""

_Marked = TypeVar("_Marked", Text, Media, SearchResult, ToolCall, ToolResult)

_REFUSED_IN_ID = re.compile(r"[^a-zA-Z0-9_.:-]")
_LONGEST_ID = 64
_ONLY_OWN = "another provider's own words: this protocol cannot take them back"
_NOTHING = "(no output)"


class Sayer:
    """Says the parts of one conversation, in order: it also names documents, and calls that came without an id."""

    def __init__(self, quirks: Quirks, notes: Notes) -> None:
        self._takes_marks = quirks.cache_marks
        self._unsigned = bool(quirks.replay_reasoning)
        self._notes = notes
        self._calls = self._results = self._documents = 0
        self._names: set[str] = set()
        self._citable = False
        self.beside_words = False
        """Does what is being said hold words, so that spaces may stand among them?"""

    def say(self, part: Part, role: Role, at: str) -> Part | None:
        """The part as this role may say it, or None."""
        said = self._said(part, role, at)
        if not isinstance(part, Citation):
            self._citable = isinstance(said, Text)
        return said

    def _said(self, part: Part, role: Role, at: str) -> Part | None:
        match part:
            case Text():
                return self._text(part, at)
            case Refusal(text=text):
                return self._text(Text(text=text), at)
            case Reasoning():
                return self._reasoning(part, role, at)
            case Citation():
                return self._citation(part, at)
            case ToolCall():
                return self._call(part, at)
            case ToolResult():
                return self._result(part, at)
            case Media() | SearchResult() if role == "system":
                return self._refused(at, "a system prompt holds words alone")
            case Media():
                return self._media(part, at)
            case SearchResult():
                return self._marked(part, at)
            case Opaque():
                return part if NAME in part.vendor else self._refused(at, _ONLY_OWN)

    def _refused(self, at: str, detail: str) -> None:
        self._notes.dropped(at, detail)

    def _marked(self, part: _Marked, at: str) -> _Marked:
        """With its cache mark where the target takes one."""
        if part.cache is None or self._takes_marks:
            return part
        self._notes.dropped(f"{at}.cache", "this target keeps no prompts")
        return replace(part, cache=None)

    def _text(self, part: Text, at: str) -> Text | None:
        """The provider refuses a text without a letter, but beside others."""
        if part.text.strip() or (part.text and self.beside_words):
            return self._marked(part, at)
        return self._refused(at, "a text of spaces alone is refused") if part.text else None

    def _reasoning(self, part: Reasoning, role: Role, at: str) -> Reasoning | None:
        if role != "assistant":
            return self._refused(at, "only the assistant has thoughts")
        if NAME in part.vendor:
            return part
        if part.signature and (not part.vendor or not SIGNERS.isdisjoint(part.vendor)):
            return replace(part, vendor={NAME: {}})
        if self._unsigned and not part.redacted:
            return replace(part, signature="", vendor={NAME: {}})
        if not part.text:
            return None
        return self._refused(at, "thoughts that this provider did not sign cannot be sent back")

    def _citation(self, part: Citation, at: str) -> Citation | None:
        if not is_own(part):
            return self._refused(at, _ONLY_OWN)
        return part if self._citable else self._refused(at, "it follows no text that it could support")

    def _call(self, part: ToolCall, at: str) -> ToolCall | None:
        if part.hosted:
            return part if NAME in part.vendor else self._refused(at, _ONLY_OWN)
        if not arguments_of(part.arguments)[1]:
            self._notes.changed(f"{at}.arguments", "no JSON object: wrapped in one")
        self._calls += 1
        identity = self._identity(part.id, f"{at}.id") if part.id else f"call_{self._calls}"
        return replace(self._marked(part, at), id=identity)

    def _result(self, part: ToolResult, at: str) -> ToolResult | None:
        if part.hosted:
            return part if NAME in part.vendor else self._refused(at, _ONLY_OWN)
        content: list[Text | Media | SearchResult] = []
        for place, piece in enumerate(part.content):
            if (said := self._inner(piece, f"{at}.content.{place}")) is not None:
                content.append(said)
        self._results += 1
        identity = self._identity(part.call_id, f"{at}.call_id") if part.call_id else f"call_{self._results}"
        if not content:
            content.append(Text(text=_NOTHING))
            self._notes.changed(
                f"{at}.content", f"a result without content is refused: '{_NOTHING}' was sent"
            )
        return replace(self._marked(part, at), call_id=identity, content=tuple(content))

    def _inner(self, piece: Text | Media | SearchResult, at: str) -> Text | Media | SearchResult | None:
        if isinstance(piece, Text) and own_form(piece):
            return piece
        if piece.cache is not None:
            self._notes.dropped(f"{at}.cache", "a cache point stands behind a whole result")
            piece = replace(piece, cache=None)
        match piece:
            case Text():
                return self._text(piece, at)
            case Media():
                return self._media(piece, at)
            case SearchResult():
                return piece

    def _identity(self, identity: str, at: str) -> str:
        """The same id for the same id, so that call and result still belong together."""
        allowed = _REFUSED_IN_ID.sub("_", identity)
        if len(allowed) > _LONGEST_ID:
            digest = blake2s(identity.encode(errors="surrogatepass"), digest_size=8).hexdigest()
            allowed = f"{allowed[: _LONGEST_ID - 17]}_{digest}"
        if allowed != identity:
            self._notes.changed(
                at, f"ids hold letters, digits and '_.:-' here, {_LONGEST_ID} of them at most"
            )
        return allowed

    def _media(self, part: Media, at: str) -> Media | None:
        if why := obstacle(part):
            return self._refused(at, why)
        if part.detail not in ("", "auto"):
            self._notes.dropped(f"{at}.detail", "the protocol has no such setting")
        if is_retyped(part):
            self._notes.changed(f"{at}.media_type", f"sent as '{format_of(part)}'")
        if part.kind != "file":
            return self._marked(part, at)
        self._documents += 1
        name = document_name(part.name, self._names, self._documents)
        if part.name and name != part.name:
            self._notes.changed(f"{at}.name", f"sent as '{name}': the protocol is narrow about names")
        return replace(self._marked(part, at), name=name)


def own_form(text: Text) -> bool:
    """Is it a piece of a result that was not text to this protocol?"""
    kept = text.vendor.get(NAME)
    return bool(kept)
