"""What a call costs: the provider's own word, else the operator's prices, else the shipped ones, else unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal

from quorate.types.patterns import matches
from quorate.types.usage import Charge, Usage
from quorate.types.value import Value, replace
from quorate.types.work import ModelInfo

from .price_data import PriceData, find_tariff, load
from .price_lists import USUAL_TIERS, PriceList
from .rates import FAR_OFF, LONG_AGO, MILLION, ZERO, Band, Quote, RateClass, Tariff, band, cost, quote
from .shipped import without_address

STATED = "stated by the provider"

_UNPRICED = frozenset({"inconsistent", "missing"})
_MOST = 8192
"""Tariffs remembered; model names come from callers, so memory must have an end."""

Variant = Literal["same", "free"]
"""What an end of a model's name, after its ':', does to the price."""

FREE: Mapping[RateClass, Decimal] = {"input": ZERO, "output": ZERO}

_EACH: frozenset[RateClass] = frozenset({"search", "second", "image", "request"})


class PriceRule(Value):
    """An operator's price. Of several that fit, the youngest counts, and of one age the later."""

    provider: str = "*"
    """Pattern of provider names."""
    model: str
    """Patterns of model names, joined by '|'."""
    rates: dict[RateClass, Decimal]
    """Dollars per million tokens or characters; per piece for 'search', 'second', 'image' and 'request'."""
    tier: str = ""
    """Service tier, or 'batch'; '' is every tier for which no other rule fits."""
    above: int = -1
    """Holds for calls whose input is longer than this many tokens."""
    since: date | None = None
    source: str = "settings"


class PriceBook:
    """Prices calls. The shipped prices are loaded with the first call that needs them, or by `load`."""

    def __init__(
        self,
        rules: Iterable[PriceRule] = (),
        *,
        ids: Mapping[str, str] | None = None,
        variants: Mapping[str, Mapping[str, Variant]] | None = None,
        read: Callable[[], PriceData] = load,
        recall: Callable[[], None] | None = None,
    ) -> None:
        """`ids` maps a provider's name to its name in the price data; '{suffix}' in it stands for what
        follows the last ':' of a model's name. `variants` are the ends of names that a provider's models may have.

        `recall` teaches the lists that were kept; it is called once, with the first price that is looked for.
        """
        self._rules = tuple(rules)
        self._ids, self._variants = ids or {}, variants or {}
        self._read, self._recall = read, recall
        self._data: PriceData | None = None
        self._lists: dict[str, PriceList] = {}
        self._known: dict[tuple[str, str, str, str], Tariff] = {}

    @property
    def is_loaded(self) -> bool:
        return self._data is not None

    def load(self) -> None:
        """Load the shipped prices: 200 ms, and safe to do in a thread while an answer is awaited."""
        if self._data is None:
            self._data = self._read()

    def learn(self, name: str, told: datetime, models: Iterable[ModelInfo]) -> None:
        """Take in what the list of the provider that the operator calls so says, in place of an earlier one."""
        self._lists[name] = PriceList(name, told, models)
        self._known.clear()

    def charge(
        self,
        provider: str,
        model: str,
        usage: Usage,
        *,
        at: datetime,
        tier: str = "",
        batch: bool = False,
        name: str = "",
    ) -> Charge | None:
        """What the call cost, or None where nobody knows: never a guess, never 0 for want of a price.

        `tier` is the service tier the provider says it used; `at` is when the call was made. `name` is what the
        operator calls the provider: its own list goes by that, since others of its kind may have other prices.
        """
        if (stated := usage.stated_total) is not None:
            return Charge(dollars=stated, rule=STATED)
        if usage.quality in _UNPRICED:
            return None
        tariff = self._tariff(provider, model, "batch" if batch else tier, at, name)
        fitting = tariff.band(usage)
        dollars = cost(fitting, usage) if fitting else None
        return Charge(dollars=dollars, rule=fitting.rule) if fitting and dollars is not None else None

    def quote(self, provider: str, model: str, *, at: datetime, name: str = "") -> Quote | None:
        """The price in short, per million tokens; None where nobody knows.

        Not the same as the charge for a million tokens, which is that of a very long prompt.
        """
        found = self.tariff(provider, model, at=at, name=name)
        return quote(found) if found else None

    def tariff(
        self, provider: str, model: str, *, at: datetime, tier: str = "", name: str = ""
    ) -> Tariff | None:
        """All that is known of a model's prices, to reckon a reservation by."""
        found = self._tariff(provider, model, tier, at, name)
        return found if found.bands else None

    def _tariff(self, provider: str, model: str, tier: str, at: datetime, name: str) -> Tariff:
        if at.tzinfo is None:
            at = at.replace(tzinfo=UTC)
        key = (provider, model, tier, name)
        known = self._known.get(key)
        if known is None or not known.since <= at < known.until:
            if len(self._known) >= _MOST:
                self._known.clear()
            known = self._known[key] = self._look(provider, model, tier.lower(), at, name)
        return known

    def _look(self, provider: str, model: str, tier: str, at: datetime, name: str) -> Tariff:
        """By the model's own name, else by that without an end that says no more than how it is served."""
        if self._recall is not None:
            recall, self._recall = self._recall, None
            recall()
        found = self._find(provider, model, tier, at, name)
        plain, _, end = model.rpartition(":")
        variant = self._variants.get(provider, {}).get(end) if plain else None
        if found.bands or variant is None:
            return found
        if variant == "free":
            return replace(found, bands=(band(FREE, f"{provider}: what ends in ':{end}' costs nothing"),))
        return self._find(provider, plain, tier, at, name)

    def _find(self, provider: str, model: str, tier: str, at: datetime, name: str) -> Tariff:
        fitting = [
            rule
            for rule in self._rules
            if rule.tier in ("", tier) and matches(rule.provider, provider) and matches(rule.model, model)
        ]
        # A rule for just this tier is nearer than one for any.
        fitting = [rule for rule in fitting if rule.tier == tier] or fitting
        next_rule = min((_start(rule) for rule in fitting if _start(rule) > at), default=FAR_OFF)
        listed = self._lists.get(name) if tier in USUAL_TIERS else None
        found = _operators(fitting, at) or (listed.find(model) if listed else None)
        found = found or self._shipped(provider, model, tier, at)
        if found is None:
            # Nothing changes within a day: every price begins at midnight.
            today = datetime.combine(at.astimezone(UTC), time(), UTC)
            found = Tariff(bands=(), since=today, until=today + timedelta(days=1))
        return replace(found, until=min(found.until, next_rule))

    def _shipped(self, provider: str, model: str, tier: str, at: datetime) -> Tariff | None:
        known_as = self._ids.get(provider, provider)
        if "{suffix}" in known_as:
            model, _, suffix = model.rpartition(":")
            known_as = known_as.replace("{suffix}", suffix)
        self.load()
        return find_tariff(self._data, known_as, without_address(model), tier, at) if self._data else None


def _operators(rules: Sequence[PriceRule], at: datetime) -> Tariff | None:
    past = [_start(rule) for rule in rules if _start(rule) <= at]
    if not past:
        return None
    since = max(past)
    bands = {rule.above: _band(rule) for rule in rules if _start(rule) == since}
    return Tariff(bands=tuple(bands[above] for above in sorted(bands, reverse=True)), since=since)


def _start(rule: PriceRule) -> datetime:
    return LONG_AGO if rule.since is None else datetime.combine(rule.since, time(), UTC)


def _band(rule: PriceRule) -> Band:
    words = [f"{rule.source}: {rule.provider}/{rule.model}", rule.tier]
    words += [
        f"above {rule.above} tokens" if rule.above >= 0 else "",
        f"since {rule.since}" if rule.since else "",
    ]
    rates: dict[RateClass, Decimal] = {}
    for each, rate in rule.rates.items():
        rates[each] = rate if each in _EACH else rate / MILLION
    return band(rates, ", ".join(word for word in words if word), above=rule.above)
