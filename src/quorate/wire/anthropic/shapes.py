"""The frames of a stream that are read on the quick road, and the tables both faces share."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from quorate.types.chat import Finish, FinishReason


class Delta(msgspec.Struct, gc=False):
    """A piece of a block, as far as pieces of text go."""

    type: str = ""
    text: str | None = None
    thinking: str | None = None
    partial_json: str | None = None
    signature: str | None = None


class Item(msgspec.Struct, gc=False):
    """Any event of a stream; what is not here is read a second time, by name."""

    type: str = ""
    index: int = 0
    delta: Delta | None = None


decode_item = msgspec.json.Decoder(Item).decode

_REASONS: Mapping[str, FinishReason] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "pause_turn": "paused",
    "compaction": "paused",
    "refusal": "refusal",
}

_WORDS: Mapping[FinishReason, str] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "blocked": "refusal",
    "refusal": "refusal",
    "paused": "pause_turn",
    # The protocol has no word for an answer that broke off; this one at least calls it incomplete.
    "error": "max_tokens",
    "other": "end_turn",
}


def read_finish(raw: str, stop: str = "", detail: str = "") -> Finish:
    return Finish(reason=_REASONS.get(raw, "other"), raw=raw, stop=stop, detail=detail)


def write_finish(finish: Finish, *, own: bool) -> str:
    """The provider's own word where it was one of this protocol's, known or yet to come; else ours.

    `own`: the reply came from a provider of this protocol.
    """
    if finish.raw and (own or _REASONS.get(finish.raw) == finish.reason):
        return finish.raw
    if finish.reason == "stop" and finish.stop:
        return "stop_sequence"
    return _WORDS[finish.reason]


EFFORTS = ("low", "medium", "high", "xhigh", "max")
"""The words of effort that the protocol has, weakest first."""
