"""Why an answer ended, in Cohere's words and in ours."""

from __future__ import annotations

from collections.abc import Mapping

from quorate.types.chat import Finish, FinishReason

_OURS: Mapping[str, FinishReason] = {
    "COMPLETE": "stop",
    "STOP_SEQUENCE": "stop",
    "MAX_TOKENS": "length",
    "TOOL_CALL": "tool_calls",
    "ERROR": "error",
    "TIMEOUT": "error",
    "ERROR_TOXIC": "blocked",
    "ERROR_LIMIT": "length",
}
"""The last two are of the protocol's first version; models that are served from elsewhere still say them."""

_THEIRS: Mapping[FinishReason, str] = {
    "stop": "COMPLETE",
    "length": "MAX_TOKENS",
    "tool_calls": "TOOL_CALL",
    "blocked": "ERROR_TOXIC",
    "error": "ERROR",
}


def read_finish(word: str) -> Finish:
    return Finish(reason=_OURS.get(word, "other"), raw=word)


def write_finish(finish: Finish) -> str:
    """The provider's word where it is one of this protocol and means the same, else ours."""
    if _OURS.get(finish.raw) == finish.reason:
        return finish.raw
    if finish.reason == "other" and finish.raw:
        return finish.raw
    return _THEIRS.get(finish.reason, "COMPLETE")
