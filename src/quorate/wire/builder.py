"""Turns a protocol's deltas into part events, so that no codec keeps its own books.

Keys are the codec's own names for what is open (`"text"`, `("call", 0)`). Starting a part under another
key ends the one that was open; a part opened with `keep=True` stays open beside the others until it is
closed by its key or all are (parallel tool calls whose pieces come interleaved).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from itertools import count
from typing import Any

from quorate.errors import UpstreamBroken
from quorate.types.events import Event, PartDelta, PartEnd, PartStart
from quorate.types.parts import Part, grown
from quorate.types.value import replace


class _Open:
    __slots__ = ("data", "fields", "index", "keep", "part", "text")

    def __init__(self, index: int, part: Part, *, keep: bool) -> None:
        self.index, self.part, self.keep = index, part, keep
        self.text: list[str] = []
        self.data: list[bytes] = []
        self.fields: dict[str, Any] = {}


class PartBuilder:
    """Builds the parts of one answer. `numbers` is shared by the builders of several choices."""

    def __init__(self, choice: int = 0, numbers: Iterable[int] | None = None) -> None:
        self._choice = choice
        self._numbers = iter(numbers if numbers is not None else count())
        self._open: dict[Hashable, _Open] = {}
        self._current: Hashable = None

    def is_open(self, key: Hashable) -> bool:
        return key in self._open

    def open(self, key: Hashable, part: Part, *, keep: bool = False) -> list[Event]:
        """Start `part` under `key`, unless that key is open: then go on with it."""
        if key in self._open:
            self._current = key
            return []
        events = self._close_passing()
        self._open[key] = _Open(next(self._numbers), part, keep=keep)
        self._current = key
        events.append(PartStart(index=self._open[key].index, part=part, choice=self._choice))
        return events

    def grow(self, text: str = "", data: bytes = b"", *, key: Hashable = None) -> list[Event]:
        """Add to the part under `key`, or to the one opened last.

        Raises `UpstreamBroken` where that is not open: the provider sends pieces of what it never began.
        """
        if not text and not data:
            return []
        item = self._open.get(self._current if key is None else key)
        if item is None:
            raise UpstreamBroken("a piece came of a part that had not begun or was at its end")
        if text:
            item.text.append(text)
        if data:
            item.data.append(data)
        return [PartDelta(index=item.index, text=text, data=data)]

    def mark(self, *, key: Hashable = None, **fields: Any) -> None:
        """Set what is known only later: a signature, logprobs, vendor leftovers. Nothing if none is open."""
        if item := self._open.get(self._current if key is None else key):
            item.fields |= fields

    def peek(self, key: Hashable = None) -> Part | None:
        """The open part with what was marked so far, without its grown text; None where none is open."""
        item = self._open.get(self._current if key is None else key)
        return replace(item.part, **item.fields) if item else None

    def add(self, part: Part) -> list[Event]:
        """A part that comes whole. What is open, but for kept parts, ends before it."""
        events = self._close_passing()
        index = next(self._numbers)
        events.append(PartStart(index=index, part=part, choice=self._choice))
        events.append(PartEnd(index=index, part=part, choice=self._choice))
        return events

    def close(self, key: Hashable = None) -> list[Event]:
        """End the part under `key`; without a key, end all, in order."""
        if key is not None:
            return [self._end(key)] if key in self._open else []
        return [self._end(each) for each in tuple(self._open)]

    def _close_passing(self) -> list[Event]:
        return [self._end(key) for key in tuple(self._open) if not self._open[key].keep]

    def _end(self, key: Hashable) -> Event:
        item = self._open.pop(key)
        part = grown(item.part, "".join(item.text), b"".join(item.data), **item.fields)
        return PartEnd(index=item.index, part=part, choice=self._choice)
