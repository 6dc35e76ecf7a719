"""What a provider's refusal leaves out: the names that are known, where one may have been wrong."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Protocol

from quorate.errors import ModelUnavailable, Unreachable, UpstreamError
from quorate.providers.book import ProviderBook
from quorate.providers.entry import Entry
from quorate.types.target import Target

_MOST = 3


class Namer(Protocol):
    """Knows what is offered."""

    def entry(self, name: str) -> Entry | None:
        """The provider of that name, as it is set up."""
        ...

    def nearest(self, name: str) -> Sequence[str]:
        """Names that look like it: of the provider it names, else of all that are set up."""
        ...


class Hints:
    """Words to put after an error's own; '' where nothing helps."""

    def __init__(self, names: Namer, book: ProviderBook) -> None:
        self._names, self._book = names, book

    def __call__(self, target: Target, error: UpstreamError) -> str:
        match error:
            case ModelUnavailable():
                return self._of_models(target)
            case Unreachable(reason="name"):
                return self._of_places(target)
            case _:
                return ""

    def _of_models(self, target: Target) -> str:
        entry = self._names.entry(target.provider)
        told = [f"{target.provider}/{name}" for name in entry.stands_for] if entry is not None else []
        likely = (*get_close_matches(target.name, told, n=_MOST), *self._names.nearest(target.name))
        near = [name for name in dict.fromkeys(likely) if name != target.name]
        return f"known there: {_listed(near[:_MOST])}" if near else ""

    def _of_places(self, target: Target) -> str:
        """A region that is spelt wrong makes a host that nobody has."""
        row = self._book.get(target.vendor or target.provider)
        for name, option in row.options.items() if row is not None else ():
            said = target.options.get(name, "")
            if said and option.known and said not in option.known:
                near = get_close_matches(said, option.known, n=_MOST) or option.known
                return f"the option '{name}' is '{said}'; known: {_listed(near)}"
        return ""


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
