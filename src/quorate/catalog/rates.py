"""What a token of each class costs, and the sum over a usage: arithmetic only, in exact decimals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

from quorate.types.usage import Usage
from quorate.types.value import Value

RateClass = Literal[
    "input",
    "cache_read",
    "cache_write",
    "cache_write_1h",
    "input_audio",
    "input_image",
    "output",
    "reasoning",
    "output_audio",
    "output_image",
    "search",
    "character",
    "second",
    "image",
    "request",
]
"""The classes of `Usage`, and one for the request itself."""

Rates = Mapping[RateClass, Decimal]
"""Dollars per token, search, character, second, picture or request."""

INSTEAD: Mapping[RateClass, RateClass] = {
    "cache_read": "input",
    "cache_write": "input",
    "cache_write_1h": "cache_write",
    "input_audio": "input",
    "input_image": "input",
    "reasoning": "output",
    "output_audio": "output",
    "output_image": "output",
}
"""A class without a rate of its own costs what this one costs. The others have none to lean on."""

ZERO, MILLION, THOUSAND, HOUR = Decimal(0), Decimal(1_000_000), Decimal(1_000), Decimal(3_600)
LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)
FAR_OFF = datetime(9999, 12, 31, tzinfo=UTC)


class Band(Value):
    """Rates that hold for every token of a call whose whole input is longer than `above` tokens."""

    above: int = -1
    rates: tuple[Decimal | None, ...]
    """In the order of `_counts`; None = nobody knows."""
    rule: str
    """Source, date and pattern: enough to price the call again."""


class Tariff(Value):
    """What a model costs for some stretch of time."""

    bands: tuple[Band, ...]
    """The longest input first."""
    since: datetime = LONG_AGO
    until: datetime = FAR_OFF

    def band(self, usage: Usage) -> Band | None:
        """The rates for a call of this size; None where none hold."""
        if len(self.bands) == 1 and self.bands[0].above < 0:
            return self.bands[0]
        size = usage.input_total
        return next((band for band in self.bands if size > band.above), None)


class Quote(Value):
    """A model's price as a list shows it: the standard tier, a short prompt."""

    input: Decimal | None
    """Dollars per million tokens; None = nobody knows."""
    output: Decimal | None
    cache_read: Decimal | None
    dearer_above: int | None = None
    """Prompts longer than this many tokens cost more; None = no length does."""
    rule: str


def band(rates: Rates, rule: str, *, above: int = -1) -> Band:
    """Rates made ready for sums."""
    return Band(above=above, rule=rule, rates=tuple(_rate(rates, each) for each in _ORDER))


def quote(tariff: Tariff) -> Quote:
    """The tariff in short. It must have a band."""
    short = tariff.bands[-1]
    told = dict(zip(_ORDER, short.rates, strict=True))
    return Quote(
        input=_per_million(told["input"]),
        output=_per_million(told["output"]),
        cache_read=_per_million(told["cache_read"]),
        dearer_above=tariff.bands[-2].above if len(tariff.bands) > 1 else None,
        rule=short.rule,
    )


def cost(band: Band, usage: Usage) -> Decimal | None:
    """Dollars; None where a class that was used has no rate, or where the counts make no sense."""
    total = band.rates[-1]
    for count, rate in zip(_counts(usage), band.rates):  # noqa: B905  # the last rate has no count
        if count:
            if rate is None or count < 0:
                return None
            total = rate * count if total is None else total + rate * count
    return ZERO if total is None else total


_ORDER: tuple[RateClass, ...] = (
    "input",
    "output",
    "reasoning",
    "cache_read",
    "cache_write",
    "cache_write_1h",
    "input_audio",
    "input_image",
    "output_audio",
    "output_image",
    "search",
    "character",
    "second",
    "image",
    "request",
)


def _counts(usage: Usage) -> tuple[int, ...]:
    return (
        usage.input,
        usage.output - usage.reasoning,
        usage.reasoning,
        usage.cache_read,
        usage.cache_write,
        usage.cache_write_1h,
        usage.input_audio,
        usage.input_image,
        usage.output_audio,
        usage.output_image,
        usage.searches,
        usage.characters,
        usage.seconds,
        usage.images,
    )


def _rate(rates: Rates, wanted: RateClass) -> Decimal | None:
    if wanted in rates:
        return rates[wanted]
    instead = INSTEAD.get(wanted)
    return None if instead is None else _rate(rates, instead)


def _per_million(rate: Decimal | None) -> Decimal | None:
    return None if rate is None else rate * MILLION
