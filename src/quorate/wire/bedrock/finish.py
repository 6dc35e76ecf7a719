"""Why an answer ended: the protocol's words and ours."""

from __future__ import annotations

from collections.abc import Mapping

from quorate.types.chat import Finish, FinishReason
from quorate.wire.json_fields import Json, a_text, an_object

REASONS: Mapping[str, FinishReason] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "content_filtered": "blocked",
    "guardrail_intervened": "blocked",
    "refusal": "refusal",
    "pause_turn": "paused",
    "malformed_model_output": "error",
    "malformed_tool_use": "error",
}
_WORDS: Mapping[FinishReason, str] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "blocked": "content_filtered",
    "refusal": "refusal",
    "paused": "pause_turn",
    "error": "malformed_model_output",
    "other": "end_turn",
}


def read_finish(word: str, rest: Json) -> Finish:
    """`rest` is what else the answer says: some models name there the stop text that was met."""
    extra = an_object(rest.get("additionalModelResponseFields"))
    trace = an_object(an_object(rest.get("trace")).get("guardrail"))
    return Finish(
        reason=REASONS.get(word, "other"),
        raw=word,
        stop=a_text(extra.get("stop_sequence")),
        detail=a_text(trace.get("actionReason")),
    )


def write_finish(finish: Finish) -> str:
    """The raw word where it is one of the protocol's for that reason, else the usual one for it."""
    if REASONS.get(finish.raw) == finish.reason:
        return finish.raw
    return "stop_sequence" if finish.stop else _WORDS[finish.reason]
