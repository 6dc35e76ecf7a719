"""The catalog and the prices as one shelf: what an engine and a list of models ask of both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from quorate.types.value import replace
from quorate.types.work import ModelInfo

from .catalog import Catalog, Listing
from .model import Model
from .offers import Offer, Source, in_order
from .price_data import MILLION
from .prices import PriceBook

_INPUT, _OUTPUT = 0, 1
"""Places of the two rates that everybody asks for."""


class ModelShelf:
    """Answers by provider and model. `clock` says what time it is, for prices and ages."""

    def __init__(self, catalog: Catalog, prices: PriceBook, clock: Callable[[], datetime]) -> None:
        self._catalog, self._prices, self._clock = catalog, prices, clock

    def limits(self, provider: str, model: str) -> Model | None:
        """The model, for its `context` and `max_output`; a few milliseconds at a provider's first model."""
        return self._catalog.get(_alone(provider), model)

    def offers(self, model: str, sources: Iterable[Source]) -> tuple[Offer, ...]:
        """Who has a bare model name, under which name of its own, the one to ask first in front."""
        return in_order(self._catalog.offers(model, sources), self.dollars)

    def providers_of(self, model: str) -> Sequence[str]:
        """The rows that know a bare model name, cheapest first."""
        sources = [_alone(provider) for provider in self._catalog.providers]
        return [each.provider for each in self.offers(model, sources)]

    def names(self) -> Iterable[str]:
        """Every `provider/model` that is known."""
        sources = [_alone(provider) for provider in self._catalog.providers]
        return (each.name for each in self._catalog.models(sources))

    def of_provider(self, provider: str, entry: str = "") -> Sequence[Model]:
        """All that is known of a provider's models, with prices; `entry` is what an operator calls it."""
        source = Source(name=entry or provider, vendor=provider)
        return [self._priced(each.model) for each in self._catalog.models([source])]

    def with_discovered(
        self, provider: str, found: Sequence[ModelInfo], age: float, vendor: str = ""
    ) -> Sequence[Model]:
        """The models a provider listed `age` seconds ago, with what else is known of them.

        `provider` is the entry that was asked, `vendor` its row where that has another name.
        """
        row = vendor or provider
        told = self._clock() - timedelta(seconds=age)
        self._catalog.learn(Listing(provider=provider, told=told, models=tuple(found)))
        source = Source(name=provider, vendor=row)
        known = (self._catalog.get(source, info.id) for info in found)
        return [self._priced(model) for model in known if model]

    def dollars(self, offer: Offer) -> Decimal | None:
        """What a million tokens in and as many out cost, to compare offers by."""
        model = self._priced(offer.model)
        if model.input_price is None or model.output_price is None:
            return None
        return model.input_price + model.output_price

    def _priced(self, model: Model) -> Model:
        tariff = self._prices.tariff(model.provider, model.id, at=self._clock())
        if tariff is None:
            return model
        cheapest = tariff.bands[-1]
        return replace(
            model,
            input_price=_per_million(cheapest.rates[_INPUT]),
            output_price=_per_million(cheapest.rates[_OUTPUT]),
            price_rule=cheapest.rule,
        )


def _alone(provider: str) -> Source:
    """A provider under its own name."""
    return Source(name=provider, vendor=provider)


def _per_million(rate: Decimal | None) -> Decimal | None:
    return None if rate is None else (rate * MILLION).normalize()
