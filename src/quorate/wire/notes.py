"""Collects what of a request could not be written as it was."""

from __future__ import annotations

from quorate.types.chat import Departure


class Notes:
    """One request's departures; setting names are dotted paths into the request."""

    def __init__(self) -> None:
        self._departures: list[Departure] = []

    def dropped(self, setting: str, detail: str) -> None:
        self._departures.append(Departure(setting=setting, kind="dropped", detail=detail))

    def changed(self, setting: str, detail: str) -> None:
        self._departures.append(Departure(setting=setting, kind="changed", detail=detail))

    def emulated(self, setting: str, detail: str) -> None:
        self._departures.append(Departure(setting=setting, kind="emulated", detail=detail))

    def all(self) -> tuple[Departure, ...]:
        return tuple(self._departures)
