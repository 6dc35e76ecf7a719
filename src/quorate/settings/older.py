"""The older form for a gateway, `[openrouter]`, in today's words: a provider, routes, and what of it waits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from quorate.catalog.shipped import Shipped

from .schema import OpenRouterTable, ProviderTable
from .settings import Fallback, RouteSettings

GATEWAY = "openrouter"
"""The table, the provider that it sets up, and the route of its default model."""

PURPOSES: Mapping[str, str] = {"code": "code_models", "chat": "chat_models", "reasoning": "reasoning_models"}
"""Route → the list of models that it is made of."""

_FREE = ":free"

_WAITS: Mapping[str, str] = {
    "cheapest": "each model's cheapest host is taken, but models are tried as they stand, not by price",
    "quality": "models are tried as they stand, not by quality",
}


class OldGateway:
    """`[openrouter]`, read as the settings that stand for it."""

    def __init__(self, table: OpenRouterTable) -> None:
        self._table = table

    @property
    def provider(self) -> ProviderTable:
        """What `[providers.openrouter]` would be."""
        table, wishes = self._table, self._wishes()
        return ProviderTable(
            provider=GATEWAY,
            api_key=table.api_key,
            base_url=table.base_url,
            chat_model=table.default_model,
            max_cost=table.optimization.max_cost_per_request,
            quirks={"defaults": {"provider": wishes}} if wishes else {},
        )

    @cached_property
    def routes(self) -> dict[str, RouteSettings]:
        """By name: one for each purpose that has models, and that of the default model."""
        models = {name: getattr(self._table.routing, field) for name, field in PURPOSES.items()}
        models[GATEWAY] = self._usual
        fallback = Fallback(enabled=self._table.enable_fallback)
        return {
            name: RouteSettings(targets=tuple(map(_target, self._in_order(each))), fallback=fallback)
            for name, each in models.items()
            if each
        }

    @property
    def default_model(self) -> str:
        """What a call that names no model goes to."""
        return f"route/{GATEWAY}" if GATEWAY in self.routes else ""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the file asks for and does not get, or not yet."""
        return tuple(self._warnings())

    @property
    def _usual(self) -> list[str]:
        table = self._table
        return [each for each in (table.default_model, *table.optimization.fallback_chain) if each]

    def _wishes(self) -> dict[str, Any]:
        """What every call asks of the gateway's own choice among hosts."""
        by_price = {"sort": "price"} if self._table.optimization.mode == "cheapest" else {}
        alone = {} if self._table.enable_fallback else {"allow_fallbacks": False}
        return by_price | alone

    def _in_order(self, models: Iterable[str]) -> list[str]:
        """Each once; where free forms are preferred, those that are known stand before all others."""
        named = list(dict.fromkeys(models))
        return [*self._free_forms(named), *named]

    def _free_forms(self, models: Iterable[str]) -> list[str]:
        if not self._table.optimization.prefer_free_tier:
            return []
        forms = (f"{model}{_FREE}" for model in models if ":" not in model)
        return [form for form in forms if form.lower() in self._known]

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(model.id.lower() for model in Shipped().get(GATEWAY, ()))

    def _warnings(self) -> Iterator[str]:
        table, wishes = self._table, self._table.optimization
        every = [
            *self._usual,
            *(model for field in PURPOSES.values() for model in getattr(table.routing, field)),
        ]
        if waits := _WAITS.get(wishes.mode):
            yield f"{GATEWAY}.optimization.mode = '{wishes.mode}': {waits}"
        if wishes.prefer_free_tier and not self._free_forms(every):
            yield f"{GATEWAY}.optimization.prefer_free_tier: none of the models named has a free form that is known"
        if wishes.fallback_chain and not table.enable_fallback:
            yield f"{GATEWAY}.optimization.fallback_chain is not used, since {GATEWAY}.enable_fallback is off"
        if not table.track_usage:
            yield f"{GATEWAY}.track_usage = false changes nothing: what calls use is always tracked"


def _target(model: str) -> str:
    """The model's whole name. Models of the gateway's own begin like one already, but have one '/' only."""
    is_whole = model.startswith(f"{GATEWAY}/") and model.count("/") > 1
    return model if is_whole else f"{GATEWAY}/{model}"
