"""The one reviewed list of what may differ, and why."""

from __future__ import annotations

from pathlib import Path

import msgspec

from quorate.types.value import Value

PLACE = Path(__file__).parent / "excuses.toml"


class Excuse(Value, forbid_unknown_fields=True):
    """One field of one recording that need not agree."""

    recording: str
    """Path below the recordings folder, with '#' and the exchange's number."""
    field: str
    """As a report names it."""
    reason: str


class _Excuses(Value, forbid_unknown_fields=True):
    excuse: tuple[Excuse, ...] = ()


def read_excuses(place: Path = PLACE) -> tuple[Excuse, ...]:
    return msgspec.toml.decode(place.read_bytes(), type=_Excuses).excuse
