"""Every model we know of: the shipped table, under what providers list themselves, under the operator's word."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches
from functools import cached_property, reduce

from quorate.types.features import FEATURES
from quorate.types.patterns import matches
from quorate.types.value import Value, replace
from quorate.types.work import ModelInfo

from .model import Model, from_listing, laid_over
from .offers import Offer, Source, offer
from .shipped import Shipped, folded, tail, without_address

_FEATURES = frozenset(FEATURES)
_DATE = re.compile(r"[-@](20\d\d-?\d\d-?\d\d|latest)$")


class Listing(Value):
    """A provider's own list of models, as it was at some moment."""

    provider: str
    """What the operator calls the provider."""
    told: datetime
    models: tuple[ModelInfo, ...]
    address: str = ""
    """Where it was asked: another provider may bear the same name elsewhere."""


class Catalog:
    """Looks models up. The table is read at the first look, not before."""

    def __init__(
        self,
        words: Iterable[Model] = (),
        *,
        read: Callable[[], Mapping[str, Sequence[Model]]] = Shipped,
        tell: Callable[[Listing], None] | None = None,
    ) -> None:
        """`words` are the operator's: patterns of models and what holds for them; the later one wins.

        `tell` hears of every list that is learnt.
        """
        self._words = tuple(words)
        self._read, self._tell = read, tell
        self._listings: dict[str, Listing] = {}
        self._shelves: dict[tuple[str, str], _Shelf] = {}

    @property
    def listings(self) -> tuple[Listing, ...]:
        """What providers listed, each with its moment: to be kept and laid in again by `learn`."""
        return tuple(self._listings.values())

    def learn(self, listing: Listing) -> None:
        """Take in a provider's list, in place of an earlier one."""
        self._listings[listing.provider] = listing
        self._shelves.clear()
        if self._tell is not None:
            self._tell(listing)

    def get(self, source: Source, name: str) -> Model | None:
        """What is known of a model at a provider; None where nobody has heard of it there."""
        shelf = self._shelf(source)
        if model := shelf.models.get(folded(name)):
            return model
        # A dated or specially routed name is a model's own name and a bit more.
        near = next((shelf.models[each] for each in _shorter(folded(name)) if each in shelf.models), None)
        if near is None and not any(_concerns(word, source, name) for word in self._words):
            return None
        known = replace(near, id=name, last_day=None) if near else Model(provider=source.vendor, id=name)
        return self._with_words(source, known)

    def models(self, sources: Iterable[Source]) -> Iterator[Offer]:
        """All models of these providers."""
        return (offer(source, model) for source in sources for model in self._shelf(source).models.values())

    def offers(self, name: str, sources: Iterable[Source]) -> list[Offer]:
        """Who has a model of that bare name: under the name itself, or under one that ends in it."""
        found = ((source, self._shelf(source).find(name)) for source in sources)
        return [offer(source, model) for source, model in found if model]

    def nearest(self, name: str, sources: Iterable[Source], limit: int = 3) -> list[str]:
        """Names that look like it and can be had, the likeliest first."""
        names = {each for source in sources for each in self._shelf(source).tails}
        return get_close_matches(tail(name), sorted(names), n=limit, cutoff=0.5)

    @cached_property
    def _shipped(self) -> Mapping[str, Sequence[Model]]:
        """The table, by provider."""
        return self._read()

    def _shelf(self, source: Source) -> _Shelf:
        key = (source.name, source.vendor)
        if key not in self._shelves:
            self._shelves[key] = _Shelf(self._told(source))
        return self._shelves[key]

    def _told(self, source: Source) -> dict[str, Model]:
        """All that is told of the models of one provider, by folded name."""
        told = {folded(model.id): model for model in self._shipped.get(source.vendor, ())}
        if listing := self._listings.get(source.name):
            for info in listing.models:
                model, key = from_listing(source.vendor, info, listing.told, _FEATURES), folded(info.id)
                told[key] = laid_over(told[key], model) if key in told else model
        for word in self._words:
            if "*" not in word.id and "|" not in word.id and _concerns(word, source, word.id):
                told.setdefault(folded(word.id), Model(provider=source.vendor, id=word.id))
        return {key: self._with_words(source, model) for key, model in told.items()}

    def _with_words(self, source: Source, model: Model) -> Model:
        return reduce(laid_over, (each for each in self._words if _concerns(each, source, model.id)), model)


class _Shelf:
    """The models of one provider, to be found by name or by the end of it."""

    def __init__(self, models: dict[str, Model]) -> None:
        self.models = models
        self.tails: dict[str, Model] = {}
        for model in sorted(models.values(), key=lambda each: len(each.id)):
            self.tails.setdefault(tail(model.id), model)

    def find(self, name: str) -> Model | None:
        return self.models.get(folded(name)) or self.tails.get(folded(name))


def _concerns(word: Model, source: Source, name: str) -> bool:
    own = matches(word.provider, source.vendor) or matches(word.provider, source.name)
    return own and matches(word.id, name)


def _shorter(name: str) -> Iterator[str]:
    """Names that say less: without a date, a route, an address before them (an ARN), a region before a maker."""
    if (undated := _DATE.sub("", name)) != name:
        yield undated
    if ":" in name:
        yield name.partition(":")[0]
    model = without_address(name)
    if model != name:
        yield model
    _, _, rest = model.partition(".")
    if "." in rest:
        yield rest
