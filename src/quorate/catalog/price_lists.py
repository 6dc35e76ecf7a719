"""Prices as a provider's own list of models tells them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import get_args

from quorate.types.work import ListedPrice, ModelInfo

from .rates import Band, RateClass, Tariff, band
from .shipped import folded

USUAL_TIERS = frozenset({"", "auto", "default", "standard"})
"""Service tiers for which a list's prices hold: lists tell of no others."""

_CLASSES: frozenset[RateClass] = frozenset(get_args(RateClass))


class PriceList:
    """One provider's list."""

    def __init__(self, name: str, told: datetime, models: Iterable[ModelInfo]) -> None:
        self._name, self._told = name, told
        self._prices: Mapping[str, tuple[ListedPrice, ...]] = {
            folded(model.id): model.prices for model in models if model.prices
        }

    def find(self, model: str) -> Tariff | None:
        """What the list says of the model; None where it says nothing."""
        prices = self._prices.get(folded(model))
        if not prices:
            return None
        rule = f"list of '{self._name}' of {self._told.date()}: {model}"
        ordered = sorted(prices, key=lambda price: price.above, reverse=True)
        return Tariff(bands=tuple(_band(price, rule) for price in ordered))


def _band(price: ListedPrice, rule: str) -> Band:
    rates: dict[RateClass, Decimal] = {each: price.rates[each] for each in _CLASSES if each in price.rates}
    return band(rates, f"{rule}, above {price.above} tokens" if price.above >= 0 else rule, above=price.above)
