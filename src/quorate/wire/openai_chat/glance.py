"""What a whole answer used, read from its bytes without its words: all that a relayed answer is read for.

Counts that are in any way out of the common are None here and are read with the whole reply; both give the same.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from quorate.types.usage import Usage

_Count = Annotated[int, msgspec.Meta(ge=0)]


class _Read(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    cached_tokens: _Count = 0
    audio_tokens: Annotated[int, msgspec.Meta(ge=0, le=0)] | None = None


class _Written(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    reasoning_tokens: _Count = 0
    audio_tokens: Annotated[int, msgspec.Meta(ge=0, le=0)] | None = None
    accepted_prediction_tokens: int | None = None
    rejected_prediction_tokens: int | None = None


_NOT_READ, _NOT_WRITTEN = _Read(), _Written()


class _Counts(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    prompt_tokens: _Count
    completion_tokens: _Count
    total_tokens: _Count
    prompt_tokens_details: _Read | None = None
    completion_tokens_details: _Written | None = None


class _Choice(msgspec.Struct, gc=False):
    message: msgspec.Raw


class _Answer(msgspec.Struct, gc=False):
    choices: Annotated[list[_Choice], msgspec.Meta(min_length=1)]
    usage: _Counts
    error: None = None


_read = msgspec.json.Decoder(_Answer).decode


def glance(body: bytes) -> Usage | None:
    """The counts, but for the provider's own object of them; None where the whole reply has to be read."""
    try:
        told = _read(body).usage
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    prompt, written = told.prompt_tokens, told.completion_tokens
    cached = (told.prompt_tokens_details or _NOT_READ).cached_tokens
    reasoned = (told.completion_tokens_details or _NOT_WRITTEN).reasoning_tokens
    if told.total_tokens != prompt + written or cached > prompt or reasoned > written:
        return None
    return Usage(input=prompt - cached, cache_read=cached, output=written, reasoning=reasoned)
