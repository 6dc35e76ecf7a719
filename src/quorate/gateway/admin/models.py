"""`/api/v1/models`: every model that can be asked for, what it can do and what it costs."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Query

from quorate.catalog.offers import Offer
from quorate.catalog.prices import PriceBook
from quorate.errors import OperatorError, UpstreamError

from .access import TheDesk, resource
from .shapes import ModelReply, Page

models = resource("models")


@models.get("")
async def list_models(
    desk: TheDesk,
    search: str = "",
    provider: str = "",
    after: str = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> Page[ModelReply]:
    """By name. `search` are words that stand in the name, in any order. Of a provider that cannot be asked: those
    that the price data know.
    """
    parts = desk.household.current()
    if provider:
        parts.directory.check(provider)
    words = search.lower().split()
    try:
        offers = await parts.discovery.models(provider)
    except (OperatorError, UpstreamError):
        offers = parts.discovery.known(provider)
    found = sorted(
        (each for each in offers if all(word in each.name.lower() for word in words) and each.name > after),
        key=lambda offer: offer.name,
    )
    shown = found[:limit]
    items = await asyncio.to_thread(lambda: [_reply(offer, parts.prices) for offer in shown])
    return Page(items=items, next=shown[-1].name if len(found) > limit else None)


def _reply(offer: Offer, prices: PriceBook) -> ModelReply:
    model = offer.model
    quote = prices.quote(offer.vendor, model.id, at=datetime.now(UTC), name=offer.provider)
    return ModelReply(
        name=offer.name,
        provider=offer.provider,
        id=model.id,
        title=model.title,
        context=model.context,
        max_output=model.max_output,
        features=list(model.features),
        input_price=quote.input if quote else None,
        output_price=quote.output if quote else None,
        price_rule=quote.rule if quote else "",
        last_day=str(model.last_day or ""),
        source=model.source,
    )
