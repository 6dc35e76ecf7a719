"""Gemini's words for why an answer ended, and ours."""

from __future__ import annotations

from collections.abc import Mapping

from quorate.types.chat import Finish, FinishReason

_REASONS: Mapping[str, FinishReason] = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "SAFETY": "blocked",
    "RECITATION": "blocked",
    "BLOCKLIST": "blocked",
    "PROHIBITED_CONTENT": "blocked",
    "SPII": "blocked",
    "MODEL_ARMOR": "blocked",
    "IMAGE_SAFETY": "blocked",
    "IMAGE_PROHIBITED_CONTENT": "blocked",
    "IMAGE_RECITATION": "blocked",
    "JAILBREAK": "blocked",
    "MALFORMED_FUNCTION_CALL": "error",
    "MALFORMED_RESPONSE": "error",
    "UNEXPECTED_TOOL_CALL": "error",
    "TOO_MANY_TOOL_CALLS": "error",
    "MISSING_THOUGHT_SIGNATURE": "error",
    "IMAGE_OTHER": "error",
    "NO_IMAGE": "error",
    "CONTINUATION": "paused",
    "LANGUAGE": "other",
    "OTHER": "other",
}
"""All that are not here are 'other'."""

_NUMBERS = (
    "FINISH_REASON_UNSPECIFIED",
    "STOP",
    "MAX_TOKENS",
    "SAFETY",
    "RECITATION",
    "OTHER",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
    "MALFORMED_FUNCTION_CALL",
    "MODEL_ARMOR",
    "IMAGE_SAFETY",
    "IMAGE_PROHIBITED_CONTENT",
    "IMAGE_RECITATION",
    "IMAGE_OTHER",
    "UNEXPECTED_TOOL_CALL",
    "NO_IMAGE",
)
"""Vertex AI's numbers for them: it alone has clients that ask for numbers."""

_WRITTEN: Mapping[FinishReason, str] = {
    "stop": "STOP",
    "tool_calls": "STOP",
    "length": "MAX_TOKENS",
    "blocked": "SAFETY",
    "refusal": "PROHIBITED_CONTENT",
    "error": "OTHER",
    "paused": "OTHER",
    "other": "OTHER",
}


def word_of(word: str | int | None) -> str:
    """The enum's name, also for its number."""
    if isinstance(word, int):
        return _NUMBERS[word] if 0 <= word < len(_NUMBERS) else str(word)
    return word or ""


def read_finish(word: str, detail: str, *, calls: bool) -> Finish:
    """`calls`: the answer asks for tools to be run; Gemini has no word of its own for that."""
    reason = _REASONS.get(word, "other")
    if reason == "stop" and calls:
        reason = "tool_calls"
    return Finish(reason=reason, raw=word, detail=detail)


def write_finish(finish: Finish) -> str:
    """Its own word where it has one for that reason, else the nearest."""
    meant = "stop" if finish.reason == "tool_calls" else finish.reason
    known = _REASONS.get(finish.raw, "other" if finish.raw.isupper() else None)
    return finish.raw if finish.raw and known == meant else _WRITTEN[finish.reason]
