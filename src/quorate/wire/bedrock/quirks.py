"""Applies how one target departs from the protocol: fields renamed, refused, bounded or given by default.

Fields are named as the protocol has them: `maxTokens`, `temperature`, `topP` and `stopSequences` of
`inferenceConfig`, `top_k` of `additionalModelRequestFields`, and the fields of the body. `rename` may lead deeper:
`top_k` → `inferenceConfig.topK`, below the additional fields.
"""

from __future__ import annotations

from typing import Any

from quorate.types.target import Quirks
from quorate.wire.json_fields import Json, an_object
from quorate.wire.notes import Notes

from .fields import merged

INFERENCE, EXTRA = "inferenceConfig", "additionalModelRequestFields"

_OURS = {
    "maxTokens": "max_output",
    "topP": "top_p",
    "stopSequences": "stop",
    "serviceTier": "service_tier",
    "toolConfig": "tools",
    "outputConfig": "output",
    "system": "messages",
}


def apply_quirks(body: Json, quirks: Quirks, notes: Notes) -> None:
    if quirks.defaults:
        body |= merged(quirks.defaults, body)
    for part in (body, an_object(body.get(INFERENCE)), an_object(body.get(EXTRA))):
        _bound(part, quirks, notes)
        for name in sorted(quirks.drop):
            if part.pop(name, None) is not None:
                notes.dropped(_OURS.get(name, name), "this target refuses it")
    if extra := an_object(body.get(EXTRA)):
        for name, place in quirks.rename.items():
            if name in extra:
                body[EXTRA] = extra = merged(extra, _nested(place, extra.pop(name)))
    for name in (INFERENCE, EXTRA):
        if body.get(name) == {}:
            del body[name]


def _bound(part: Json, quirks: Quirks, notes: Notes) -> None:
    for name, (least, most) in quirks.clamp.items():
        value = part.get(name)
        if isinstance(value, int | float) and not least <= value <= most:
            part[name] = type(value)(min(max(value, least), most))
            notes.changed(_OURS.get(name, name), f"this target takes {least:g} to {most:g}")


def _nested(place: str, value: Any) -> Json:
    """The value under a dotted place."""
    name, _, rest = place.partition(".")
    return {name: _nested(rest, value) if rest else value}
