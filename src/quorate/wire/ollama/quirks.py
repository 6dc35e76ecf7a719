"""Applies how one target departs from the protocol: fields renamed, refused, bounded or given by default.

A name in a quirk is a field of `options` where it is one of those, else of the body itself.
"""

from __future__ import annotations

from typing import Any

from quorate.types.target import Quirks
from quorate.wire.notes import Notes

from .shapes import OPTIONS

_OURS = {theirs: ours for ours, theirs in OPTIONS.items()} | {"format": "output", "think": "thinking"}


def apply_quirks(body: dict[str, Any], quirks: Quirks, notes: Notes) -> None:
    for name, value in quirks.defaults.items():
        place: dict[str, Any] = body.setdefault("options", {}) if name in _OPTION_NAMES else body
        place.setdefault(name, value)
    for name, (least, most) in quirks.clamp.items():
        place = _place(body, name)
        value = place.get(name)
        if isinstance(value, (int, float)) and not least <= value <= most:
            place[name] = type(value)(min(max(value, least), most))
            notes.changed(_OURS.get(name, name), f"this target takes {least:g} to {most:g}")
    for name in sorted(quirks.drop):
        if _place(body, name).pop(name, None) is not None:
            notes.dropped(_OURS.get(name, name), "this target refuses it")
    for name, other in quirks.rename.items():
        place = _place(body, name)
        if name in place:
            place[other] = place.pop(name)


_OPTION_NAMES = frozenset(OPTIONS.values())


def _place(body: dict[str, Any], name: str) -> dict[str, Any]:
    options: dict[str, Any] = body.get("options", {})
    return options if name in options else body
