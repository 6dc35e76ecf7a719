"""From a model's name to where it leads: an alias, a route, a provider's model, a bare name.

Pure but for its memory: a name that was resolved once is not resolved again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from typing import Literal, Protocol

from quorate.errors import MissingCredential, OperatorError, SettingsInvalid, UnknownModel
from quorate.providers.entry import Entry
from quorate.types.target import Target
from quorate.types.value import Value, replace

from .routing.seam import Route, RoutingStrategy

Purpose = Literal["chat", "embed"]

REMEMBERED = 4096
"""Names kept; beyond that all are forgotten, so that strange names cannot fill the memory."""

DEEPEST = 8
"""Aliases and routes one behind the other."""


class Directory(Protocol):
    """Who can be called, and which names they know."""

    def entry(self, name: str) -> Entry | None:
        """The entry of that name, or the first of that provider; a keyless provider needs none set up."""
        ...

    def is_provider(self, name: str) -> bool:
        """Is it a provider that is known at all, set up or not?"""
        ...

    def target(self, entry: Entry, model: str) -> Target:
        """Raises `MissingCredential`."""
        ...

    def missing(self, provider: str) -> OperatorError:
        """The error for a provider that is known and not set up: what to do."""
        ...

    def offers(self, model: str) -> Sequence[tuple[Entry, str]]:
        """The entries that offer a bare model name, best first, with its name there."""
        ...

    def nearest(self, name: str) -> Sequence[str]:
        """Names that exist and look like it."""
        ...


class Names(Value):
    """What the settings say of names."""

    entries: tuple[Entry, ...] = ()
    """The configured providers, for calls that name no model."""
    aliases: dict[str, str] = {}
    routes: dict[str, tuple[str, ...]] = {}
    default_model: str = ""


class Resolver:
    """`strategy(route)` makes the strategy of a route by its name ('' for everything else), once per name."""

    def __init__(
        self, directory: Directory, names: Names, strategy: Callable[[str], RoutingStrategy]
    ) -> None:
        self._directory, self._names, self._strategy = directory, names, strategy
        self._known: dict[tuple[str, Purpose], Route] = {}

    def __call__(self, name: str, purpose: Purpose = "chat") -> Route:
        """Raises `UnknownModel` with the nearest names, or `MissingCredential`."""
        route = self._known.get((name, purpose))
        if route is None:
            route = self._route(name, purpose)
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[name, purpose] = route
        return route

    def _route(self, name: str, purpose: Purpose) -> Route:
        targets, route_name = self._targets(name, purpose, 0)
        unique = tuple({target.name: target for target in targets}.values())
        return Route(targets=unique, strategy=self._strategy(route_name))

    def _targets(self, name: str, purpose: Purpose, depth: int) -> tuple[list[Target], str]:
        if depth > DEEPEST:
            raise SettingsInvalid(f"aliases and routes behind '{name}' are nested more than {DEEPEST} deep")
        if (other := self._alias(name)) is not None:
            return self._targets(other, purpose, depth + 1)
        if name.startswith("route/"):
            return self._of_route(name, purpose, depth), name.removeprefix("route/")
        if not name:
            return self._defaults(purpose, depth), ""
        return [self._one(name, purpose)], ""

    def _alias(self, name: str) -> str | None:
        """The first alias that fits; one that would stand for itself does not."""
        for pattern, model in self._names.aliases.items():
            if model != name and fnmatchcase(name, pattern):
                return model
        return None

    def _of_route(self, name: str, purpose: Purpose, depth: int) -> list[Target]:
        members = self._names.routes.get(name.removeprefix("route/"))
        if members is None:
            known = [f"route/{route}" for route in self._names.routes]
            raise UnknownModel(
                f"there is no '{name}'; routes are {_listed(known)}", model=name, nearest=known
            )
        found = [target for member in members for target in self._targets(member, purpose, depth + 1)[0]]
        return [replace(target, priority=place) for place, target in enumerate(found)]

    def _defaults(self, purpose: Purpose, depth: int) -> list[Target]:
        if self._names.default_model and purpose == "chat":
            return self._targets(self._names.default_model, purpose, depth + 1)[0]
        models = [(entry, _default_of(entry, purpose)) for entry in self._names.entries]
        named = [(entry, model) for entry, model in models if model]
        if not named:
            setting = "chat_model" if purpose == "chat" else "embedding_model"
            raise UnknownModel(
                f"the call names no model, and no provider's settings give a `{setting}`; "
                "name one, as in model='openai/gpt-5-mini'"
            )
        return self._reachable(named)

    def _reachable(self, named: list[tuple[Entry, str]]) -> list[Target]:
        """Their targets; an entry without its key is passed over while others have theirs."""
        targets: list[Target] = []
        problems: list[MissingCredential] = []
        for entry, model in named:
            try:
                targets.append(self._directory.target(entry, model))
            except MissingCredential as error:
                problems.append(error)
        if not targets:
            raise problems[0]
        return targets

    def _one(self, name: str, purpose: Purpose) -> Target:
        if (entry := self._directory.entry(name)) and (model := _default_of(entry, purpose)):
            return self._directory.target(entry, model)
        prefix, slash, model = name.partition("/")
        if slash and model:
            if (entry := self._directory.entry(prefix)) is not None:
                return self._directory.target(entry, model)
            if self._directory.is_provider(prefix):
                raise self._directory.missing(prefix)
        if offers := self._directory.offers(name):
            return self._directory.target(*offers[0])
        near = self._directory.nearest(name)
        hint = f"; nearest: {_listed(near)}" if near else "; `quorate models` lists what there is"
        raise UnknownModel(f"no provider offers '{name}'{hint}", model=name, nearest=near)


def _default_of(entry: Entry, purpose: Purpose) -> str:
    return entry.chat_model if purpose == "chat" else entry.embedding_model


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names) or "none"
