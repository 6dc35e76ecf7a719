"""The JSON of Ollama's protocol that we read, and the tables that hold in both directions.

Facts: github.com/ollama/ollama/blob/main/docs/api.md and its api/types.go. Fields that stand in no
shape here are leftovers: `leftovers` keeps them for the way back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, cast

import msgspec

from quorate.types.chat import FinishReason
from quorate.types.parts import Vendor

PROTOCOL: Final = "ollama"

OPTIONS: Mapping[str, str] = {
    "max_output": "num_predict",
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "stop": "stop",
    "seed": "seed",
    "presence_penalty": "presence_penalty",
    "frequency_penalty": "frequency_penalty",
}
"""Our settings that stand in `options` → their names there."""

GENERATE_ONLY = ("raw", "suffix", "template", "context", "width", "height", "steps")
"""Fields that /api/generate has and /api/chat has not."""

FINISHES: Mapping[str, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "content_filter": "blocked",
    "refusal": "refusal",
    "paused": "paused",
    "error": "error",
    "load": "other",
    "unload": "other",
}
"""`done_reason` → ours. Ollama says stop, length, load and unload; the field is free text, so the other
words carry what a model behind us had to say."""

FINISH_WORDS: Mapping[FinishReason, str] = {
    "stop": "stop",
    "tool_calls": "stop",
    "length": "length",
    "blocked": "content_filter",
    "refusal": "refusal",
    "paused": "paused",
    "error": "error",
    "other": "stop",
}

METRICS = ("_count", "_duration")
"""How the names of counts and durations end; durations are nanoseconds."""


class Shape(msgspec.Struct, gc=False):
    """Decoded leniently: what is absent or null is empty."""


class FunctionShape(Shape):
    name: str = ""
    arguments: msgspec.Raw = msgspec.Raw(b"{}")


class CallShape(Shape):
    function: FunctionShape
    id: str | None = None


class MessageShape(Shape):
    """A message of a conversation, whole, or a piece of the answer to one."""

    role: str = ""
    content: str | None = None
    thinking: str | None = None
    images: list[str] | None = None
    tool_calls: list[CallShape] | None = None
    tool_name: str | None = None
    tool_call_id: str | None = None


class LogprobShape(Shape):
    token: str
    logprob: float
    top_logprobs: list[LogprobShape] | None = None


class ReplyShape(Shape):
    """An answer of /api/chat or /api/generate, or one line of it."""

    model: str = ""
    created_at: str | None = None
    message: MessageShape | None = None
    response: str | None = None
    thinking: str | None = None
    image: str | None = None
    tool_calls: list[CallShape] | None = None
    done: bool | None = None
    done_reason: str | None = None
    logprobs: list[LogprobShape] | None = None
    prompt_eval_count: int | None = None
    eval_count: int | None = None
    error: Any = None


class OptionsShape(Shape):
    num_predict: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    stop: list[str] | str | None = None
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None


class ToolFunctionShape(Shape):
    name: str = ""
    description: str | None = None
    parameters: dict[str, Any] | None = None


class ToolShape(Shape):
    type: str = "function"
    function: ToolFunctionShape | None = None


class RequestShape(Shape):
    """A question to /api/chat (`messages`) or /api/generate (`prompt`)."""

    model: str = ""
    stream: bool | None = None
    messages: list[MessageShape] | None = None
    prompt: str | None = None
    system: str | None = None
    images: list[str] | None = None
    tools: list[ToolShape] | None = None
    format: dict[str, Any] | str | None = None
    think: bool | str | None = None
    options: OptionsShape | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None


def leftovers(loose: Mapping[str, Any], known: Iterable[str]) -> dict[str, Any]:
    """The fields of an object that stand in no shape."""
    return {key: value for key, value in loose.items() if key not in known}


def object_of(value: Any) -> dict[str, Any]:
    """A JSON object, or an empty one where the value is something else."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def vendor_of(left: dict[str, Any]) -> Vendor:
    return {PROTOCOL: left} if left else {}


def kept(vendor: Vendor) -> dict[str, Any]:
    """What of a value's leftovers belongs to this protocol."""
    return vendor.get(PROTOCOL) or {}


def seconds_of(moment: str | None) -> int:
    """Unix seconds of an RFC 3339 date; 0 where it is none."""
    try:
        return int(datetime.fromisoformat(moment).timestamp()) if moment else 0
    except (ValueError, OverflowError):
        return 0


def moment_of(seconds: int) -> str:
    """The RFC 3339 date of Unix seconds. The field must be a date: 0 is written as the epoch."""
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return "1970-01-01T00:00:00Z"
