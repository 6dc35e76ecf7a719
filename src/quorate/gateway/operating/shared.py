"""What several workers have counted: each writes its numbers into a folder, and whoever is asked adds them up.

A worker that is started again goes on from where the one before it, of its number, had come.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import msgspec

from .counted import Counted, lasting, sum_of

WRITE_EVERY = 1.0
"""Seconds by which the numbers of other workers may be old."""

_SUFFIX = ".counted"
_log = logging.getLogger("quorate.gateway")


class Shared:
    """The folder as one worker uses it. The folder is private and lasts as long as the workers' parent."""

    def __init__(self, folder: Path, number: int, count: Callable[[], Counted]) -> None:
        self._folder, self._file, self._count = folder, folder / f"{number}{_SUFFIX}", count
        self._earlier = lasting(_read(self._file))
        """Of the workers of this number that are gone."""

    def own(self) -> Counted:
        """This worker's numbers, and those of its number before it."""
        return sum_of((self._earlier, self._count()))

    def write(self) -> None:
        """Let the others see them. A full disk is no reason to stop."""
        draft = self._file.with_suffix(".draft")
        try:
            draft.write_bytes(msgspec.msgpack.encode(self.own()))
            draft.replace(self._file)
        except OSError as error:
            _log.warning("metrics of this worker are not shared: %s", error)

    def others(self) -> list[Counted]:
        """What every other worker last wrote."""
        return [_read(path) for path in sorted(self._folder.glob(f"*{_SUFFIX}")) if path != self._file]


def _read(path: Path) -> Counted:
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=Counted)
    except (OSError, msgspec.MsgspecError):
        return Counted()
