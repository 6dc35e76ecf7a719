"""Reads an entry of a provider's list of models: limits, features and prices, in the words of several gateways."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from quorate.types.work import ListedPrice, ModelInfo
from quorate.wire.json_fields import Json, a_count, a_list, a_text, an_amount, an_object, objects

from .fields import vendor

_CONTEXT = ("context_length", "context_window", "max_model_len", "max_context_length", "max_input_tokens")
_OUTPUT = ("max_output_length", "max_completion_tokens", "max_output_tokens")

_PARAMETERS: Mapping[str, str] = {
    "tools": "tools",
    "parallel_tool_calls": "parallel_tools",
    "structured_outputs": "schema",
    "response_format": "json",
    "reasoning": "reasoning",
    "web_search_options": "search",
}
"""A parameter that a model takes → what it then can do."""

_READS: Mapping[str, str] = {"image": "vision", "file": "files", "audio": "audio_in", "video": "video_in"}
_WRITES: Mapping[str, str] = {
    "text": "chat",
    "image": "image_out",
    "audio": "audio_out",
    "embeddings": "embed",
}

_PRICES: Mapping[str, str] = {
    "prompt": "input",
    "completion": "output",
    "internal_reasoning": "reasoning",
    "input_cache_read": "cache_read",
    "input_cache_write": "cache_write",
    "input_cache_write_1h": "cache_write_1h",
    "audio": "input_audio",
    "audio_output": "output_audio",
    "image_token": "input_image",
    "web_search": "search",
    "request": "request",
}
"""A price in `pricing`, dollars in words for one token or piece → the class that it is for."""

_SUPPORTS: Mapping[str, str] = {
    "supports_function_calling": "tools",
    "supports_parallel_function_calling": "parallel_tools",
    "supports_response_schema": "schema",
    "supports_reasoning": "reasoning",
    "supports_vision": "vision",
    "supports_pdf_input": "files",
    "supports_audio_input": "audio_in",
    "supports_video_input": "video_in",
    "supports_audio_output": "audio_out",
    "supports_prompt_caching": "cache",
    "supports_web_search": "search",
    "supports_assistant_prefill": "prefill",
}
_MODES: Mapping[str, tuple[str, ...]] = {"chat": ("chat", "stream"), "embedding": ("embed",)}

_COSTS: Mapping[str, str] = {
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "output_cost_per_reasoning_token": "reasoning",
    "cache_read_input_token_cost": "cache_read",
    "cache_creation_input_token_cost": "cache_write",
    "cache_creation_input_token_cost_above_1hr": "cache_write_1h",
    "input_cost_per_audio_token": "input_audio",
    "output_cost_per_audio_token": "output_audio",
    "output_cost_per_image_token": "output_image",
    "output_cost_per_image": "image",
    "input_cost_per_second": "second",
    "input_cost_per_query": "search",
}
"""A cost in `model_info`, dollars as a number → the class that it is for."""

_SET = ("input_cost_per_token", "output_cost_per_token")

_LONGER = re.compile(r"(.+)_above_(\d+)k_tokens")
_NEEDED = ("input", "output")


def read_listed(items: Iterable[Json]) -> tuple[ModelInfo, ...]:
    """The models that the entries tell of. Of a proxy's deployments under one name the dearest, for any may answer."""
    listed: list[ModelInfo] = []
    deployed: dict[str, ModelInfo] = {}
    for item in items:
        if not (info := an_object(item.get("model_info"))):
            listed.append(_of_list(dict(item)))
            continue
        model = _of_proxy(a_text(item.get("model_name")), info)
        before = deployed.get(model.id)
        if before is None or _dearness(model) > _dearness(before):
            deployed[model.id] = model
    return tuple(model for model in (*listed, *deployed.values()) if model.id)


def _dearness(model: ModelInfo) -> Decimal:
    return max((price.rates.get("output", Decimal(0)) for price in model.prices), default=Decimal(0))


def _of_list(item: Json) -> ModelInfo:
    """An entry of OpenAI's shape, with what others put beside its fields."""
    item.pop("object", None)
    top = an_object(item.get("top_provider"))
    return ModelInfo(
        id=a_text(item.pop("id", None)),
        name=a_text(item.pop("name", None)),
        owner=a_text(item.pop("owned_by", None)),
        created=a_count(item.pop("created", None)),
        context=_count(item, _CONTEXT),
        max_output=_count(item, _OUTPUT) or _count(top, _OUTPUT),
        features=_features(item),
        prices=_prices(an_object(item.get("pricing"))),
        last_day=_day(item.get("expiration_date")),
        vendor=vendor(item),
    )


def _count(item: Json, names: Iterable[str]) -> int | None:
    return next((count for name in names if (count := a_count(item.get(name)))), None)


def _features(item: Json) -> tuple[str, ...]:
    parameters = a_list(item.get("supported_parameters"))
    shape = an_object(item.get("architecture"))
    found = [_PARAMETERS[word] for word in parameters if word in _PARAMETERS]
    found += [_READS[word] for word in a_list(shape.get("input_modalities")) if word in _READS]
    writes = [_WRITES[word] for word in a_list(shape.get("output_modalities")) if word in _WRITES]
    found += [*writes, "stream"] if "chat" in writes else writes
    if found and "input_cache_read" in an_object(item.get("pricing")):
        found.append("cache")
    return tuple(dict.fromkeys(found))


def _prices(pricing: Json) -> tuple[ListedPrice, ...]:
    """The usual price, and those of longer prompts. Prices of an hour of the day are passed over."""
    usual = _rates(pricing, _PRICES)
    if not all(name in usual for name in _NEEDED):
        return ()
    # A class whose price is none of its own is told as 0, and costs what the plain one does.
    usual = {name: rate for name, rate in usual.items() if rate or name in _NEEDED or not any(usual.values())}
    longer = [
        ListedPrice(rates=usual | _rates(change, _PRICES), above=above)
        for change in objects(pricing.get("overrides"))
        if (above := a_count(change.get("min_prompt_tokens"))) and "utc_start" not in change
    ]
    return ListedPrice(rates=usual), *longer


def _of_proxy(name: str, info: Json) -> ModelInfo:
    """A deployment behind a proxy. What the proxy says of its own upstream is left out: it is nobody's business."""
    features = [feature for word, feature in _SUPPORTS.items() if info.get(word) is True]
    features += _MODES.get(a_text(info.get("mode")), ())
    return ModelInfo(
        id="" if "*" in name else name,
        context=_count(info, _CONTEXT),
        max_output=_count(info, _OUTPUT),
        features=tuple(features),
        prices=_costs(info),
    )


def _costs(info: Json) -> tuple[ListedPrice, ...]:
    """A proxy may say 0 where it knows no price: nothing but zeros are prices only where somebody has set them."""
    usual = _rates(info, _COSTS)
    is_set = set(_SET) <= set(a_list(info.get("pricing_overrides")))
    if not usual or not (is_set or any(usual.values())):
        return ()
    longer: dict[int, Json] = {}
    for name, value in info.items():
        if (found := _LONGER.fullmatch(name)) and found[1] in _COSTS and value is not None:
            longer.setdefault(int(found[2]) * 1000, {})[found[1]] = value
    more = [
        ListedPrice(rates=usual | _rates(changes, _COSTS), above=above)
        for above, changes in sorted(longer.items())
    ]
    return ListedPrice(rates=usual), *more


def _rates(told: Json, names: Mapping[str, str]) -> dict[str, Decimal]:
    """Negative prices stand for ones that vary: nobody knows them."""
    rates = {names[name]: an_amount(value) for name, value in told.items() if name in names}
    return {name: rate for name, rate in rates.items() if rate is not None and rate >= 0}


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(a_text(value)[:10])
    except ValueError:
        return None
