"""The commonest reply, read straight: one answer of nothing but words, with its plain counts.

Nearly all replies are of this form, and the general way (`stream.py`) costs three times as much. What is
in any way out of the common is None here and goes that way; both give the same value of the same bytes.
"""

from __future__ import annotations

from quorate.types.chat import ChatReply, Message
from quorate.types.parts import Text
from quorate.types.usage import Usage
from quorate.wire.json_fields import Json, a_text, an_object, is_object

from .fields import NAME
from .finish import REASONS, read_finish

_BODY = frozenset(
    ("id", "object", "created", "model", "choices", "usage", "service_tier", "system_fingerprint")
)
_LEFT = ("service_tier", "system_fingerprint")
_CHOICE = frozenset(("index", "message", "finish_reason", "logprobs"))
_MESSAGE = frozenset(("role", "content", "refusal", "annotations"))
_COUNTS = frozenset(
    (
        "prompt_tokens",
        "completion_tokens",
        "total_tokens",
        "prompt_tokens_details",
        "completion_tokens_details",
    )
)
_READ = frozenset(("cached_tokens", "audio_tokens"))
_WRITTEN = frozenset(
    ("reasoning_tokens", "audio_tokens", "accepted_prediction_tokens", "rejected_prediction_tokens")
)


def read_plain(body: Json) -> ChatReply | None:
    """The reply, or None where it holds anything that this does not know."""
    choices, raw = body["choices"], body.get("usage")
    if len(choices) != 1 or not body.keys() <= _BODY or not is_object(raw) or not is_object(choices[0]):
        return None
    choice: Json = choices[0]
    text, finish = _words(choice), choice.get("finish_reason")
    usage = _usage(raw) if text and finish in REASONS else None
    identity, model, created = body.get("id"), body.get("model"), _number(body.get("created"))
    if usage is None or not isinstance(identity, str) or not isinstance(model, str) or created < 0:
        return None
    left = {name: body[name] for name in _LEFT if name in body}
    return ChatReply(
        id=identity,
        model=model,
        created=created,
        message=Message(role="assistant", parts=(Text(text=text),)),
        finish=read_finish(str(finish), called=False, declined=False),
        usage=usage,
        vendor={NAME: left} if left else {},
    )


def _words(choice: Json) -> str:
    """The text of a message that has nothing else; '' for any other."""
    message = choice.get("message")
    if not choice.keys() <= _CHOICE or _number(choice.get("index")) != 0 or not is_object(message):
        return ""
    if choice.get("logprobs") is not None or not message.keys() <= _MESSAGE:
        return ""
    if message.get("refusal") is not None or message.get("annotations"):
        return ""
    return a_text(message.get("content"))


def _usage(raw: Json) -> Usage | None:
    """Plain counts that add up to the provider's own total, no sound among them."""
    reading = an_object(raw.get("prompt_tokens_details"))
    writing = an_object(raw.get("completion_tokens_details"))
    if not raw.keys() <= _COUNTS or not reading.keys() <= _READ or not writing.keys() <= _WRITTEN:
        return None
    prompt, written = _number(raw.get("prompt_tokens")), _number(raw.get("completion_tokens"))
    cached, reasoned = _number(reading.get("cached_tokens", 0)), _number(writing.get("reasoning_tokens", 0))
    silent = not reading.get("audio_tokens") and not writing.get("audio_tokens")
    fits = 0 <= cached <= prompt and 0 <= reasoned <= written
    if not silent or not fits or _number(raw.get("total_tokens")) != prompt + written:
        return None
    return Usage(
        input=prompt - cached, cache_read=cached, output=written, reasoning=reasoned, vendor={NAME: raw}
    )


def _number(value: object) -> int:
    """A whole number as it stands; -1 for anything else."""
    return value if type(value) is int else -1
