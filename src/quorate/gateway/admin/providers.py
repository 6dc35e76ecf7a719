"""`/api/v1/providers`: who can be called, who is ready, and what the others lack."""

from __future__ import annotations

from quorate.engine.ready import provider_states
from quorate.engine.statistics import ProviderStatistics

from .access import TheDesk, resource
from .shapes import Page, ProviderReply

providers = resource("providers")


@providers.get("")
async def list_providers(desk: TheDesk, *, ready: bool = False) -> Page[ProviderReply]:
    """All that are known: first those that are set up, in their order. `ready` leaves the others out."""
    parts, counts = desk.household.current(), desk.household.statistics.read()
    none = ProviderStatistics()
    items = [
        ProviderReply(
            name=state.name,
            provider=state.provider,
            title=state.title,
            ready=state.is_ready,
            lacks=state.lacks,
            variables=list(state.variables),
            features=list(state.features),
            docs=state.docs,
            calls=counts.get(state.name, none).requests,
            failures=counts.get(state.name, none).failures,
        )
        for state in provider_states(parts.book, parts.directory)
        if state.is_ready or not ready
    ]
    return Page(items=items)
