"""Answers that are no words: where a question asks for a picture or for sound, they stand in the words' place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from quorate.types.chat import ChatReply, ChatRequest
from quorate.types.parts import Media, Part
from quorate.types.usage import Usage
from quorate.types.value import replace
from quorate.wire.json_fields import a_list, an_object

from .pictures import PICTURE_TOKENS, draw
from .sounds import RATE, samples_of

_PLACES: Mapping[str, tuple[str, str]] = {"gemini": ("generationConfig", "responseModalities")}
"""Protocol → where its questions name what the answer may be made of."""

TOKENS_PER_WORD = 5
"""Of sound."""


def in_modalities(request: ChatRequest, reply: ChatReply) -> ChatReply:
    """The reply, made of what the question asks for."""
    wanted = _wanted(request.vendor)
    asked = " ".join(message.text for message in request.messages if message.role == "user")
    if "IMAGE" in wanted:
        picture = Media(kind="image", media_type="image/png", data=draw(asked))
        return _of(reply, picture, Usage(output_image=PICTURE_TOKENS))
    if "AUDIO" in wanted:
        kind = f"audio/L16;codec=pcm;rate={RATE}"
        sound = Media(kind="audio", media_type=kind, data=samples_of(asked))
        return _of(reply, sound, Usage(output_audio=TOKENS_PER_WORD * len(asked.split())))
    return reply


def _wanted(vendor: Mapping[str, Any]) -> Sequence[str]:
    for protocol, (outer, inner) in _PLACES.items():
        found = a_list(an_object(an_object(vendor.get(protocol)).get(outer)).get(inner))
        if found:
            return [str(each).upper() for each in found]
    return ()


def _of(reply: ChatReply, part: Part, made: Usage) -> ChatReply:
    spent = replace(reply.usage, output=reply.usage.reasoning)
    return replace(reply, message=replace(reply.message, parts=(part,)), usage=spent + made)
