"""Who can be called: the entries of the settings, then those of the environment, then what needs no key."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches

from quorate.catalog.catalog import Catalog
from quorate.catalog.offers import Offer, Source, in_order
from quorate.errors import InvalidRequest, MissingCredential, OperatorError, SettingsInvalid
from quorate.providers.book import ProviderBook
from quorate.providers.entry import Entry
from quorate.providers.targets import configured, credential, make_target, makes
from quorate.types.target import Target


class ConfiguredProviders:
    """What a resolver asks. The catalog is looked into only for a model's limits and for bare names."""

    def __init__(
        self,
        *,
        book: ProviderBook,
        entries: Sequence[Entry],
        environment: Mapping[str, str],
        from_environment: bool,
        catalog: Catalog,
        dollars: Callable[[Offer], Decimal | None],
    ) -> None:
        """`dollars` is the price by which equal offers are ordered."""
        self._book, self._environment = book, environment
        self._catalog, self._dollars = catalog, dollars
        found = configured(book, environment) if from_environment else ()
        taken = {entry.name or entry.provider for entry in entries} | {entry.provider for entry in entries}
        self.chosen = tuple(entries)
        """Those of the settings, in their order."""
        self.entries = (*entries, *(entry for entry in found if entry.provider not in taken))
        """All that are set up, by settings or environment."""
        self._by_name = {entry.name or entry.provider: entry for entry in self.entries}

    def entry(self, name: str) -> Entry | None:
        """The entry of that name, or the first of that provider; a keyless provider needs none set up."""
        if entry := self._by_name.get(name):
            return entry
        of_provider = [entry for entry in self.entries if entry.provider == name]
        if of_provider:
            return min(of_provider, key=lambda entry: entry.priority)
        row = self._book.get(name)
        return Entry(provider=name) if row is not None and row.keyless and row.base_url else None

    def is_provider(self, name: str) -> bool:
        """Is it a provider that is known at all, set up or not?"""
        return self._book.get(name) is not None

    def check(self, provider: str) -> None:
        """Raises `InvalidRequest` with the nearest names for a provider that nobody knows."""
        if self.entry(provider) is None and not self.is_provider(provider):
            near = [*get_close_matches(provider, self._by_name, n=1), *self._book.nearest(provider)]
            hint = f"; nearest: '{near[0]}'" if near else "; `quorate providers` lists them"
            raise InvalidRequest(f"there is no provider '{provider}'{hint}", where="provider")

    def target(self, entry: Entry, model: str) -> Target:
        """Raises `MissingCredential` without a key, `SettingsInvalid` without an address."""
        behind = entry.stands_for.get(model, model)
        row = self._book.row_for(entry, behind)
        known = self._catalog.get(self.source(entry), behind)
        return make_target(
            row,
            entry,
            model,
            self._environment,
            context=known.context if known else None,
            max_output=known.max_output if known else None,
        )

    def missing(self, provider: str) -> OperatorError:
        """What a provider that is known still lacks."""
        try:
            self.target(Entry(provider=provider), "any")
        except (MissingCredential, SettingsInvalid) as error:
            return error
        return SettingsInvalid(f"'{provider}' is not set up")

    def problem(self, entry: Entry) -> OperatorError | None:
        """What an entry lacks before it can be called; None where it lacks nothing."""
        try:
            credential(self._book.row_of(entry), entry, self._environment)
            self.target(entry, "any")
        except OperatorError as error:
            return error
        return None

    def source(self, entry: Entry) -> Source:
        """The entry as the catalog needs to know it."""
        row = self._book.row_of(entry)
        return Source(
            name=entry.name or entry.provider, vendor=row.name, priority=entry.priority, makes=row.makes
        )

    def offers(self, model: str) -> Sequence[tuple[Entry, str]]:
        """Who offers a bare model name and under which name there: its maker first, then as `in_order` says."""
        makers = [entry for entry in self.entries if makes(self._book.row_of(entry), model)]
        if makers:
            return [(entry, model) for entry in sorted(makers, key=lambda entry: entry.priority)]
        found = self._catalog.offers(model, map(self.source, self.entries))
        ordered = in_order(found, self._dollars) if len(found) > 1 else tuple(found)
        return [(self._by_name[offer.provider], offer.model.id) for offer in ordered]

    def nearest(self, name: str) -> Sequence[str]:
        """Names that look like it: of the provider it names, else of all that are set up."""
        prefix, slash, model = name.partition("/")
        if slash and (entry := self.entry(prefix)):
            return [f"{prefix}/{near}" for near in self._catalog.nearest(model, [self.source(entry)])]
        if slash and (providers := self._book.nearest(prefix)):
            return [f"{provider}/{model}" for provider in providers]
        return self._catalog.nearest(name, map(self.source, self.entries))
