"""The hooks that are set, and which of them a call is for."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from importlib.metadata import entry_points

from quorate.engine.guard import Guards, Named
from quorate.errors import SettingsInvalid
from quorate.settings.settings import HookSettings, Settings
from quorate.types.patterns import matches
from quorate.types.value import Value

from .aliases import SHIPPED, detector_of
from .finders import FINDERS, Detector
from .mask import Mask
from .moderate import NAME as MODERATE
from .moderate import Moderate
from .seam import GROUP, Asked, Hook, MakeHook

SHIPPED_HOOKS: Mapping[str, MakeHook] = {"mask": Mask, MODERATE: Moderate}

_log = logging.getLogger("quorate.gateway")


class _Row(Value):
    name: str
    on: tuple[str, ...]
    hook: Hook

    def is_for(self, asked: Asked, name: str) -> bool:
        """Does one of its patterns fit the key's id, its name, or the client's protocol?"""
        told = (asked.key, name, asked.front)
        return any(matches(pattern, each) for pattern in self.on for each in told if each)


class Hooks:
    """Those of the settings in force. Where there are none, calls pay nothing."""

    def __init__(self) -> None:
        self._rows: Sequence[_Row] = ()
        self._has_learnt = False
        self.redaction: Detector = SHIPPED
        """What is taken out of bodies that are kept: everything shipped, and the patterns of every `mask`."""

    def __bool__(self) -> bool:
        return bool(self._rows)

    def learn(self, settings: Settings) -> None:
        """Raises `SettingsInvalid` at first; later, what is wrong is told in the log and what was in force stays so."""
        try:
            rows = _rows(settings.server.hooks)
        except SettingsInvalid as error:
            if not self._has_learnt:
                raise
            _log.error("the hooks of '%s' are not taken: %s", settings.source, error)
            return
        self._rows, self._has_learnt = rows, True
        own = [row.hook.finders for row in rows if isinstance(row.hook, Mask)]
        finders = {kind: each for hook in own for kind, each in hook.items()} | dict(FINDERS)
        self.redaction = detector_of(finders) if own else SHIPPED

    def for_call(self, asked: Asked, name: str) -> Guards | None:
        """`name` is that of the key. None where no hook is for it."""
        named = [
            Named(name=row.name, guard=row.hook.begin(asked)) for row in self._rows if row.is_for(asked, name)
        ]
        return Guards(named) if named else None


def _rows(hooks: Sequence[HookSettings]) -> Sequence[_Row]:
    rows: list[_Row] = []
    problems: list[tuple[str, str]] = []
    for place, each in enumerate(hooks):
        where = f"server.hooks.{place}"
        try:
            if (make := _maker(each.use)) is None:
                known = ", ".join(sorted({*SHIPPED_HOOKS, *entry_points(group=GROUP).names}))
                problems.append((f"{where}.use", f"there is no hook '{each.use}'; there are {known}"))
            else:
                rows.append(_Row(name=each.use, on=each.on, hook=make(each.options)))
        except SettingsInvalid as error:
            problems += [(f"{where}.options.{option}".rstrip("."), what) for option, what in error.problems]
        except Exception as error:  # noqa: BLE001 a package of the operator's own may raise anything
            problems.append((where, f"'{each.use}' cannot be loaded: {type(error).__name__}: {error}"))
    if problems:
        told = "; ".join(f"{place}: {what}" for place, what in problems)
        raise SettingsInvalid(f"hooks are wrong: {told}", problems=problems)
    return rows


def _maker(name: str) -> MakeHook | None:
    if (shipped := SHIPPED_HOOKS.get(name)) is not None:
        return shipped
    found = next(iter(entry_points(group=GROUP).select(name=name)), None)
    return None if found is None else found.load()
