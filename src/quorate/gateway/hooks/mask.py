"""The hook `mask`: personal data leave as placeholders, and stand in the answer again as they were."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from typing import Any

from quorate.engine.guard import Guard
from quorate.types.chat import ChatReply, ChatRequest
from quorate.types.events import Event
from quorate.types.parts import Media, Text, ToolCall, ToolResult
from quorate.types.value import Value
from quorate.types.work import EmbedRequest

from .aliases import LITERAL, Aliases, detector_of
from .finders import FINDERS, Finder, matching
from .masking import masked, masked_inputs, unmasked
from .options import read_options, wrong
from .own_patterns import compile_own
from .seam import Asked
from .unmasking import Unmasking

_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,31}")
_LONG = 64 * 1024
"""Characters from which on a question is searched in a thread, so that other calls go on."""


class MaskOptions(Value):
    kinds: tuple[str, ...] = tuple(kind.lower() for kind in FINDERS)
    patterns: dict[str, str] = {}
    unmask: bool = True


class Mask:
    """Made of its options."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        told = read_options(options, MaskOptions)
        self.finders = finders_of(told)
        self._detector, self._unmasks = detector_of(self.finders), told.unmask

    def begin(self, asked: Asked) -> Guard:
        return MaskGuard(Aliases(self._detector), unmasks=self._unmasks)


def finders_of(options: MaskOptions) -> dict[str, Finder]:
    """The operator's own patterns go first. Raises `SettingsInvalid`."""
    finders: dict[str, Finder] = {}
    problems: list[tuple[str, str]] = []
    for name, pattern in options.patterns.items():
        if not _NAME.fullmatch(name) or name == LITERAL or name in FINDERS:
            problems.append(
                (f"patterns.{name}", "a name of your own has capitals, digits and '_': 'STAFF_ID'")
            )
            continue
        try:
            finders[name] = matching(compile_own(pattern))
        except ValueError as error:
            problems.append((f"patterns.{name}", str(error)))
    for kind in options.kinds:
        if (finder := FINDERS.get(kind.upper())) is None:
            known = ", ".join(each.lower() for each in FINDERS)
            problems.append(("kinds", f"there is no kind '{kind}'; there are {known}"))
        else:
            finders[kind.upper()] = finder
    if problems:
        raise wrong(problems)
    # In the shipped order, whatever the order they are named in: it says who has a value that two find.
    shipped = {kind: finder for kind, finder in FINDERS.items() if kind in finders}
    return {name: finders[name] for name in options.patterns} | shipped


class MaskGuard(Guard):
    """One call."""

    def __init__(self, aliases: Aliases, *, unmasks: bool) -> None:
        self._aliases, self._unmasks = aliases, unmasks
        self._unmasking = Unmasking(aliases)

    async def before(self, request: ChatRequest) -> ChatRequest:
        if _size(request) > _LONG:
            return await asyncio.to_thread(masked, request, self._aliases)
        return masked(request, self._aliases)

    async def before_embed(self, request: EmbedRequest) -> EmbedRequest:
        if sum(map(len, request.inputs)) > _LONG:
            return await asyncio.to_thread(masked_inputs, request, self._aliases)
        return masked_inputs(request, self._aliases)

    def on_event(self, event: Event) -> Iterable[Event]:
        return self._unmasking.read(event) if self._unmasks else (event,)

    def close(self) -> Iterable[Event]:
        return self._unmasking.close()

    async def after(self, reply: ChatReply) -> ChatReply:
        return unmasked(reply, self._aliases) if self._unmasks else reply


def _size(request: ChatRequest) -> int:
    return sum(map(_lengths, (part for message in request.messages for part in message.parts)))


def _lengths(part: Any) -> int:
    match part:
        case Text():
            return len(part.text)
        case ToolCall():
            return len(part.arguments)
        case ToolResult():
            return sum(map(_lengths, part.content))
        case Media():
            return len(part.data)
        case _:
            return 0
