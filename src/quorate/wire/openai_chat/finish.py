"""Why an answer ended: the words of OpenAI-shaped providers and ours."""

from __future__ import annotations

from collections.abc import Mapping

from quorate.types.chat import Finish, FinishReason

REASONS: Mapping[str, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "content_filter": "blocked",
    "function_call": "tool_calls",
    "error": "error",
    "eos": "stop",
    "eos_token": "stop",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "COMPLETE": "stop",
    "model_length": "length",
    "max_tokens": "length",
    "max_output_tokens": "length",
    "tool_use": "tool_calls",
    "safety": "blocked",
    "sensitive": "blocked",
    "recitation": "blocked",
    "refusal": "refusal",
    "network_error": "error",
    "insufficient_system_resource": "error",
}
"""A provider's word → our reason."""

_WORDS: Mapping[FinishReason, str] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "blocked": "content_filter",
    "paused": "stop",
    "error": "error",
    "other": "stop",
}
"""Our reason → the protocol's own word. 'refusal' has none: the message's `refusal` tells it."""


def read_finish(raw: str, *, called: bool, declined: bool, stop: str = "") -> Finish:
    """`called`: the answer has tool calls; `declined`: it is a refusal and nothing else."""
    if raw == "stop" and declined:
        return Finish(reason="refusal", raw=raw, stop=stop)
    if not raw:  # a server that ends an answer as it should, and never says why
        return Finish(reason="tool_calls" if called else "stop", stop=stop)
    return Finish(reason=REASONS.get(raw, "other"), raw=raw, stop=stop)


def write_finish(finish: Finish, *, declined: bool, legacy: bool = False) -> str:
    """The word for `finish_reason`: the provider's own where it is one of this protocol's."""
    if legacy and finish.reason == "tool_calls":
        return "function_call"
    if finish.reason == "refusal":
        return "stop" if declined else "content_filter"
    known = REASONS.get(finish.raw) == finish.reason
    return finish.raw if known else _WORDS[finish.reason]
