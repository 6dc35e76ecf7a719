"""From a model's name to where it leads: an alias, a route, a provider's model, a bare name.

Pure but for its memory: a name that was resolved once is not resolved again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Literal, Protocol, TypeVar

from quorate.errors import MissingCredential, OperatorError, SettingsInvalid, UnknownModel
from quorate.providers.entry import Entry
from quorate.types.patterns import matches
from quorate.types.target import Target
from quorate.types.value import Value, replace

from .routing.seam import Route, RoutingStrategy

Purpose = Literal["chat", "embed", "work"]
"""What a model is wanted for. For 'work', all else, no settings name one for calls that do not."""
Named = TypeVar("Named")

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
    """Name → model name. One with '*' is for the names of callers alone, not for those inside the settings."""
    routes: dict[str, tuple[str, ...]] = {}
    default_model: str = ""


class Resolver:
    """`strategy(route)` gives the strategy of a route by its name, '' for everything else."""

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
        targets, route_name = self._targets(self._by_pattern(name), purpose, 0)
        unique: dict[str, Target] = {}
        for target in targets:
            unique.setdefault(target.name, target)
        return Route(targets=tuple(unique.values()), strategy=self._strategy(route_name))

    def _by_pattern(self, name: str) -> str:
        """What a caller's name stands for by an alias with wildcards; the first that fits holds."""
        if not name or name in self._names.aliases:
            return name
        for pattern, model in self._names.aliases.items():
            if "*" in pattern and matches(pattern, name):
                return model
        return name

    def _targets(self, name: str, purpose: Purpose, depth: int) -> tuple[list[Target], str]:
        """The targets, and the name of the route they are of; a route inside a route lends its targets alone."""
        if depth > DEEPEST:
            raise SettingsInvalid(f"aliases and routes behind '{name}' are nested more than {DEEPEST} deep")
        if name in self._names.aliases and self._names.aliases[name] != name:
            return self._targets(self._names.aliases[name], purpose, depth + 1)
        if name.startswith("route/"):
            return self._of_route(name, purpose, depth), name.removeprefix("route/")
        if not name:
            return self._defaults(purpose, depth)
        return [self._one(name, purpose)], ""

    def _of_route(self, name: str, purpose: Purpose, depth: int) -> list[Target]:
        members = self._names.routes.get(name.removeprefix("route/"))
        if members is None:
            known = [f"route/{route}" for route in self._names.routes]
            raise UnknownModel(
                f"there is no '{name}'; routes are {_listed(known)}", model=name, nearest=known
            )
        found = _reachable(lambda member: self._targets(member, purpose, depth + 1)[0], members)
        return [replace(target, priority=place) for place, target in enumerate(found)]

    def _defaults(self, purpose: Purpose, depth: int) -> tuple[list[Target], str]:
        if self._names.default_model and purpose == "chat":
            return self._targets(self._names.default_model, purpose, depth + 1)
        models = [(entry, default_of(entry, purpose)) for entry in self._names.entries]
        named = [(entry, model) for entry, model in models if model]
        if not named:
            setting = _DEFAULTS.get(purpose)
            told = f", and no provider's settings give a `{setting}`" if setting else ""
            raise UnknownModel(f"the call names no model{told}; name one, as in model='openai/gpt-5-mini'")
        return self._first_with_key(named), ""

    def _first_with_key(self, offers: Iterable[tuple[Entry, str]]) -> list[Target]:
        return _reachable(lambda offer: [self._directory.target(*offer)], offers)

    def _one(self, name: str, purpose: Purpose) -> Target:
        if (entry := self._directory.entry(name)) and (model := default_of(entry, purpose)):
            return self._directory.target(entry, model)
        prefix, slash, model = name.partition("/")
        if slash and model:
            if (entry := self._directory.entry(prefix)) is not None:
                return self._directory.target(entry, model)
            if self._directory.is_provider(prefix):
                raise self._directory.missing(prefix)
        if offers := self._directory.offers(name):
            return self._first_with_key(offers)[0]
        raise self._unknown(name)

    def _unknown(self, name: str) -> UnknownModel:
        provider = name.removesuffix("/")
        if self._directory.entry(provider) or self._directory.is_provider(provider):
            return UnknownModel(
                f"'{provider}' is a provider, and its settings give no model for this; "
                f"name one, as in '{provider}/…' (`quorate models -p {provider}` lists them)",
                model=name,
            )
        own = [*(alias for alias in self._names.aliases if "*" not in alias), *self._own_names()]
        near = [*get_close_matches(name, own, n=1, cutoff=0.7), *self._directory.nearest(name)]
        hint = f"; nearest: {_listed(near)}" if near else "; `quorate models` lists what there is"
        return UnknownModel(f"no provider offers '{name}'{hint}", model=name, nearest=near)

    def _own_names(self) -> Iterable[str]:
        yield from (entry.name for entry in self._names.entries if entry.name and entry.chat_model)
        yield from (f"route/{name}" for name in self._names.routes)


def _reachable(find: Callable[[Named], list[Target]], names: Iterable[Named]) -> list[Target]:
    """Their targets; what lacks its key is passed over while others have theirs."""
    targets: list[Target] = []
    problems: list[MissingCredential] = []
    for each in names:
        try:
            targets += find(each)
        except MissingCredential as error:
            problems.append(error)
    if not targets and problems:
        raise problems[0]
    return targets


def default_of(entry: Entry, purpose: Purpose) -> str:
    """The model that an entry's settings give for calls that name none."""
    setting = _DEFAULTS.get(purpose)
    return getattr(entry, setting) if setting else ""


_DEFAULTS: Mapping[Purpose, str] = {"chat": "chat_model", "embed": "embedding_model"}
"""The field of an entry that names its model."""


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names) or "none"
