"""`quorate models`: find a model by what it can do, how much it holds and what it costs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from quorate.assemble import Parts, assemble, read
from quorate.catalog.offers import Offer, Source
from quorate.catalog.prices import PriceBook
from quorate.types.features import Feature
from quorate.types.value import Value

from .tables import print_table
from .terminal import as_json, note

MILLION = 1_000_000


class Row(Value):
    """One model as it is listed. Prices are dollars per million tokens; None = not known."""

    name: str
    context: int | None
    max_output: int | None
    features: tuple[str, ...]
    input_price: Decimal | None
    output_price: Decimal | None
    price_rule: str = ""
    last_day: str = ""
    source: str = ""


def models(
    search: str = "",
    *,
    provider: Annotated[str, Parameter(alias="-p")] = "",
    feature: tuple[Feature, ...] = (),
    min_context: int = 0,
    max_price: float | None = None,
    everything: Annotated[bool, Parameter(name="--all")] = False,
    refresh: bool = False,
    limit: int = 50,
    json: bool = False,
    config: Path | None = None,
) -> int:
    """Find models.

    Without further words: those of the providers that are set up, or of all where none is.

    Parameters
    ----------
    search
        Words that stand in the model's name, in any order.
    provider
        Only this provider's.
    feature
        Only models with this feature; may be repeated: tools, vision, reasoning, schema …
    min_context
        Only models that hold at least so many tokens.
    max_price
        Only models that cost at most so many dollars per million output tokens.
    everything
        Models of all providers, set up or not.
    refresh
        Ask the providers themselves rather than go by what is kept.
    limit
        Most rows; 0 = all.
    json
        Print JSON.
    config
        The settings file to use.
    """
    asked = asyncio.run(_offers(provider, config, everything=everything, refresh=refresh))
    offers, prices, listings = asked.offers, asked.parts.prices, asked.parts.catalog.listings
    found = [offer for offer in offers if _fits(offer, search, feature, min_context)]
    rows = [_row(offer, prices) for offer in found]
    if max_price is not None:
        rows = [
            row
            for row in rows
            if row.output_price is not None and row.output_price <= Decimal(str(max_price))
        ]
    rows.sort(key=lambda row: row.name)
    if json:
        print(as_json(rows))
        return 0
    shown = rows[:limit] if limit else rows
    print_table(("model", "context", "output", "$/M in", "$/M out", "can"), [_cells(row) for row in shown])
    left = len(rows) - len(shown)
    note(f"{len(rows)} models" + (f", {left} more with --limit 0" if left else ""))
    named = {offer.provider for offer in found}
    for listing in listings:
        if listing.provider in named:
            age = _age(datetime.now(UTC) - listing.told)
            note(f"the list of '{listing.provider}' is {age} old; --refresh asks anew")
    return 0


class _Asked(Value):
    offers: Sequence[Offer]
    parts: Parts


async def _offers(provider: str, config: Path | None, *, everything: bool, refresh: bool) -> _Asked:
    household = assemble(read(config) if config else None)
    parts = household.current()
    try:
        if provider:
            parts.directory.check(provider)
        elif everything or not parts.directory.entries:
            known = [Source(name=row.name, vendor=row.name) for row in parts.book]
            return _Asked(offers=list(parts.catalog.models(known)), parts=parts)
        if refresh:
            return _Asked(offers=await parts.discovery.models(provider, refresh=True), parts=parts)
        if provider and parts.directory.entry(provider) is None:
            source = Source(name=provider, vendor=provider)
            return _Asked(offers=list(parts.catalog.models([source])), parts=parts)
        return _Asked(offers=parts.discovery.known(provider), parts=parts)
    finally:
        await household.transport.close()


def _fits(offer: Offer, search: str, features: Iterable[str], min_context: int) -> bool:
    name = offer.name.lower()
    return (
        all(word in name for word in search.lower().split())
        and set(features) <= set(offer.model.features)
        and (not min_context or (offer.model.context or 0) >= min_context)
    )


def _row(offer: Offer, prices: PriceBook) -> Row:
    model = offer.model
    quote = prices.quote(offer.vendor, model.id, at=datetime.now(UTC), name=offer.provider)
    return Row(
        name=offer.name,
        context=model.context,
        max_output=model.max_output,
        features=model.features,
        input_price=quote.input if quote else None,
        output_price=quote.output if quote else None,
        price_rule=quote.rule if quote else "",
        last_day=str(model.last_day or ""),
        source=model.source,
    )


def _cells(row: Row) -> tuple[str, ...]:
    plain = [feature for feature in row.features if feature not in ("chat", "stream", "models")]
    return (
        row.name,
        _short(row.context),
        _short(row.max_output),
        _price(row.input_price),
        _price(row.output_price),
        " ".join(plain),
    )


def _age(age: timedelta) -> str:
    minutes = int(age.total_seconds()) // 60
    return (
        f"{minutes} min" if minutes < 120 else f"{minutes // 60} h" if minutes < 2880 else f"{age.days} days"
    )


def _short(count: int | None) -> str:
    if count is None:
        return "?"
    return (
        f"{count / MILLION:.3g}M"
        if count >= MILLION
        else f"{count / 1000:.3g}k"
        if count >= 1000
        else str(count)
    )


def _price(amount: Decimal | None) -> str:
    return "?" if amount is None else f"{amount.normalize():f}"
