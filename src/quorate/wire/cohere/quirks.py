"""Applies how one target departs from the protocol: fields renamed, refused, bounded or given by default."""

from __future__ import annotations

from collections.abc import Mapping

from quorate.types.target import Quirks
from quorate.wire.json_fields import Json
from quorate.wire.notes import Notes

SETTINGS: Mapping[str, str] = {
    "max_output": "max_tokens",
    "temperature": "temperature",
    "top_p": "p",
    "top_k": "k",
    "seed": "seed",
    "presence_penalty": "presence_penalty",
    "frequency_penalty": "frequency_penalty",
    "logprobs": "logprobs",
}
"""Our setting → the body's field, where the two say the same."""

_OURS: Mapping[str, str] = {field: name for name, field in SETTINGS.items()} | {
    "stop_sequences": "stop",
    "response_format": "output",
    "strict_tools": "tools",
}


def apply_quirks(body: Json, quirks: Quirks, notes: Notes) -> None:
    for name, value in quirks.defaults.items():
        body.setdefault(name, value)
    for name, (least, most) in quirks.clamp.items():
        value = body.get(name)
        if isinstance(value, int | float) and not least <= value <= most:
            body[name] = type(value)(min(max(value, least), most))
            notes.changed(_OURS.get(name, name), f"this target takes {least:g} to {most:g}")
    for name in sorted(quirks.drop):
        if body.pop(name, None) is not None:
            notes.dropped(_OURS.get(name, name), "this target refuses it")
    for name, other in quirks.rename.items():
        if name in body:
            body[other] = body.pop(name)
