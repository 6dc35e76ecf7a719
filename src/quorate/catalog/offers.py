"""Who offers a model that was asked for by its bare name, and in which order they are asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from itertools import groupby

from quorate.types.patterns import matches
from quorate.types.value import Value

from .model import Model


class Source(Value):
    """A configured provider, as far as a choice among models needs to know it."""

    name: str
    """What the operator calls it."""
    vendor: str
    """The row it is made from."""
    priority: int = 0
    makes: tuple[str, ...] = ()
    """Patterns of the models it makes itself."""


class Offer(Value):
    """A model that can be had from a configured provider."""

    provider: str
    """What the operator calls the provider."""
    vendor: str
    model: Model
    priority: int = 0
    by_maker: bool = False

    @property
    def name(self) -> str:
        return f"{self.provider}/{self.model.id}"


def offer(source: Source, model: Model) -> Offer:
    """The model from that provider."""
    return Offer(
        provider=source.name,
        vendor=source.vendor,
        model=model,
        priority=source.priority,
        by_maker=any(matches(pattern, model.id) for pattern in source.makes),
    )


def in_order(offers: Iterable[Offer], dollars: Callable[[Offer], Decimal | None]) -> tuple[Offer, ...]:
    """The maker's own first, then the lowest priority number, then the cheapest, then by name.

    `dollars` is asked only where all else is equal: to know a price costs time. Unknown is dearest.
    """
    ranked = sorted(offers, key=_rank)
    ordered: list[Offer] = []
    for _, equals in groupby(ranked, key=_rank):
        group = list(equals)
        ordered += sorted(group, key=lambda each: _price(each, dollars)) if len(group) > 1 else group
    return tuple(ordered)


def _rank(offer: Offer) -> tuple[bool, int]:
    return not offer.by_maker, offer.priority


def _price(offer: Offer, dollars: Callable[[Offer], Decimal | None]) -> tuple[bool, Decimal, str]:
    price = dollars(offer)
    return price is None, price or Decimal(0), offer.name
