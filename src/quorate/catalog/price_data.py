"""Reads prices out of the genai-prices package, the one file that knows it.

Its import costs about 200 ms, so it happens in `load` alone and never before a price is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from quorate.types.value import Value

from .rates import FAR_OFF, HOUR, LONG_AGO, MILLION, THOUSAND, RateClass, Tariff, band

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, Provider

_KEYS: Mapping[RateClass, tuple[str, Decimal]] = {
    "input": ("input_mtok", MILLION),
    "cache_read": ("cache_read_mtok", MILLION),
    "cache_write": ("cache_write_mtok", MILLION),
    "cache_write_1h": ("cache_write_1h_mtok", MILLION),
    "input_audio": ("input_audio_mtok", MILLION),
    "input_image": ("input_image_mtok", MILLION),
    "output": ("output_mtok", MILLION),
    "reasoning": ("output_reasoning_mtok", MILLION),
    "output_audio": ("output_audio_mtok", MILLION),
    "output_image": ("output_image_mtok", MILLION),
    "search": ("web_searches_kcount", THOUSAND),
    "character": ("input_mchars", MILLION),
    "second": ("input_audio_hours", HOUR),
    "request": ("requests_kcount", THOUSAND),
}
"""Class → the package's name for its price, and how many units that price is for."""

_STANDARD: Mapping[str, str] = {}
_TIERS: Mapping[str, Mapping[str, str]] = {
    "": _STANDARD,
    "auto": _STANDARD,
    "default": _STANDARD,
    "standard": _STANDARD,
    "on_demand": _STANDARD,
    "flex": {"service_tier": "flex"},
    "priority": {"service_tier": "priority"},
    "fast": {"service_tier": "fast", "speed": "fast"},
    "batch": {"processing": "batch"},
}
"""A service tier as providers call it → the package's context. It ignores a key it does not know and then
gives the standard price, so a tier that is not here, or that a model has no price for, has none at all."""

_SAME_PRICE: Mapping[str, frozenset[str]] = {"groq": frozenset({"flex"})}
"""Tiers that cost what the standard costs. https://console.groq.com/docs/flex-processing"""


class PriceData(Value):
    """The package's data, with what a look-up needs."""

    version: str
    providers: dict[str, Any]
    every: list[Any]


@cache
def load() -> PriceData:
    """Import the package, once in a process."""
    from genai_prices import __version__  # noqa: PLC0415 loaded here and nowhere else
    from genai_prices.data import providers  # noqa: PLC0415 as above

    return PriceData(version=__version__, providers={each.id: each for each in providers}, every=providers)


def find_tariff(data: PriceData, provider_id: str, model: str, tier: str, at: datetime) -> Tariff | None:
    """What the model costs at that moment; None where the data does not say."""
    provider: Provider | None = data.providers.get(provider_id)
    if provider is None or tier not in _TIERS:
        return None
    found = provider.find_model(model, all_providers=data.every)
    if found is None:
        return None
    context = _STANDARD if tier in _SAME_PRICE.get(provider_id, ()) else _TIERS[tier]
    # The package keeps tier prices to a provider's own models and takes the standard price of borrowed ones.
    own = any(found is each for each in provider.models)
    if context and not (own and _has_variant(found, context, at)):
        return None
    prices = found.get_prices(at, context or None)
    if not any(getattr(prices, key) is not None for key, _ in _KEYS.values()):
        return None
    since, until = _stretch(found, at)
    label = f"genai-prices {data.version}: {provider_id}/{found.id}{f', {tier}' if context else ''}"
    if since == until:
        label += f", at {at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    elif since > LONG_AGO:
        label += f", since {since.date()}"
    return Tariff(bands=tuple(_bands(prices, label)), since=since, until=until)


def _has_variant(model: ModelInfo, context: Mapping[str, str], at: datetime) -> bool:
    return any(
        variant.when.items() <= context.items()
        and (variant.constraint is None or variant.constraint.active(at))
        for variant in model.price_variants or ()
    )


def _bands(prices: ModelPrice, label: str) -> Iterator[Any]:
    """A band for each input length at which any price changes, the longest first."""
    told: dict[RateClass, tuple[Any, Decimal]] = {
        each: (getattr(prices, key), per) for each, (key, per) in _KEYS.items()
    }
    starts = {tier.start for price, _ in told.values() for tier in getattr(price, "tiers", ())}
    for start in (*sorted(starts, reverse=True), -1):
        rates: dict[RateClass, Decimal] = {}
        for each, (price, per) in told.items():
            if price is not None:
                rates[each] = _at_length(price, start) / per
        yield band(rates, f"{label}, above {start} tokens" if start >= 0 else label, above=start)


def _at_length(price: Any, start: int) -> Decimal:
    if isinstance(price, Decimal):
        return price
    reached = [tier.price for tier in price.tiers if tier.start <= start]
    return reached[-1] if reached else price.base


def _stretch(model: ModelInfo, at: datetime) -> tuple[datetime, datetime]:
    """From when until when the model's prices are what they are at that moment."""
    conditions = [each.constraint for each in model.prices] if isinstance(model.prices, list) else []
    conditions += [variant.constraint for variant in model.price_variants or ()]
    days = [getattr(each, "start_date", None) for each in conditions if each is not None]
    if None in days:  # some price hangs on the time of day: no stretch is worth remembering
        return at, at
    turns = sorted(datetime.combine(day, time(), UTC) for day in days if day is not None)
    past = [turn for turn in turns if turn <= at]
    to_come = [turn for turn in turns if turn > at]
    return (past[-1] if past else LONG_AGO), (to_come[0] if to_come else FAR_OFF)
