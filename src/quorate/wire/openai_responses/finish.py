"""Why an answer ended: a response's status with its details, and ours."""

from __future__ import annotations

from collections.abc import Mapping

from quorate.types.chat import Finish, FinishReason
from quorate.wire.json_fields import Json, a_text, an_object

_INCOMPLETE: Mapping[str, FinishReason] = {
    "max_output_tokens": "length",
    "content_filter": "blocked",
    "paused": "paused",
    "max_messages": "other",
    "steered": "other",
}
"""`incomplete_details.reason` → our reason."""

_WORDS: Mapping[FinishReason, str] = {
    "length": "max_output_tokens",
    "blocked": "content_filter",
    "refusal": "content_filter",
    "paused": "paused",
}
"""Our reason → `incomplete_details.reason`. The others have none: that answer is complete, or has failed."""

_DONE = ("completed", "complete")
_RUNNING = ("queued", "in_progress", "cancelled")
"""States of an answer that goes on without us, or was called off: read `Finish.raw`."""


def read_finish(body: Json, *, called: bool, declined: bool) -> Finish:
    """`called`: the answer asks for tools; `declined`: it is a refusal and nothing else."""
    status = a_text(body.get("status"))
    if status in _RUNNING:
        return Finish(reason="other", raw=status)
    if status == "incomplete":
        raw = a_text(an_object(body.get("incomplete_details")).get("reason"))
        return Finish(reason=_INCOMPLETE.get(raw, "other"), raw=raw or status)
    if called:
        return Finish(reason="tool_calls", raw=status)
    if status in _DONE or not status:
        return Finish(reason="refusal" if declined else "stop", raw=status)
    return Finish(reason="other", raw=status)


def write_finish(finish: Finish, *, declined: bool) -> Json:
    """`status`, `incomplete_details` and `error` of a response."""
    told: Json = {"status": "completed", "error": None, "incomplete_details": None}
    if finish.raw in _RUNNING and finish.reason == "other":
        return told | {"status": finish.raw}
    if finish.reason == "error":
        words = finish.detail or "the provider broke off"
        return told | {"status": "failed", "error": {"code": "server_error", "message": words}}
    if finish.raw == "incomplete":
        return told | {"status": "incomplete"}
    if finish.raw in _DONE and finish.reason != "length":
        return told | {"status": finish.raw}
    known = _INCOMPLETE.get(finish.raw) == finish.reason
    word = finish.raw if known else _WORDS.get(finish.reason, "")
    if not word or (finish.reason == "refusal" and declined):
        return told
    return told | {"status": "incomplete", "incomplete_details": {"reason": word}}
