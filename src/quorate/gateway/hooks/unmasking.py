"""Puts values back into a streamed answer, wherever the stream cuts a placeholder in two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from quorate.types.events import Event, PartDelta, PartEnd, PartStart, ReplyEnd, ReplyStart
from quorate.types.parts import ToolCall
from quorate.types.value import replace

from .aliases import Aliases
from .masking import unmasked_part


class Unmasking:
    """One stream. What may begin a placeholder is held back until it does or does not."""

    def __init__(self, aliases: Aliases) -> None:
        self._aliases = aliases
        self._held: dict[int, str] = {}
        self._in_json: set[int] = set()

    def read(self, event: Event) -> Iterable[Event]:
        if not self._aliases:
            return (event,)
        match event:
            case PartStart():
                if isinstance(event.part, ToolCall):
                    self._in_json.add(event.index)
                return (replace(event, part=unmasked_part(event.part, self._aliases)),)
            case PartDelta():
                return self._delta(event)
            case PartEnd():
                whole = replace(event, part=unmasked_part(event.part, self._aliases))
                return (*self._released(event.index), whole)
            case ReplyEnd():
                vendor, messages = map(self._aliases.unmask_tree, (event.vendor, list(event.messages)))
                return (*self.close(), replace(event, vendor=vendor, messages=tuple(messages)))
            case ReplyStart():
                return (replace(event, vendor=self._aliases.unmask_tree(event.vendor)),)

    def _delta(self, event: PartDelta) -> Iterator[Event]:
        text = self._held.pop(event.index, "") + event.text
        if begun := self._aliases.may_begin(text):
            self._held[event.index] = text[-begun:]
            text = text[:-begun]
        told = self._aliases.unmask(text, in_json=event.index in self._in_json)
        if told or event.data or not event.text:
            yield replace(event, text=told)

    def _released(self, index: int) -> Iterator[Event]:
        """What was held back was no placeholder after all."""
        if text := self._held.pop(index, ""):
            yield PartDelta(index=index, text=text)

    def close(self) -> Iterable[Event]:
        return [event for index in sorted(self._held) for event in self._released(index)]
