"""Token counts of a response in disjoint classes, and back. The proof is the provider's own total."""

from __future__ import annotations

from decimal import Decimal

from quorate.types.usage import MISSING, Usage
from quorate.wire.json_fields import Json, a_count, an_object

from .fields import NAME

_TICK = Decimal("1e-10")
"""Dollars of one of the ticks in `cost_in_usd_ticks`."""

_SEARCHES = "web_search_calls"


def read_usage(body: Json) -> Usage:
    """The counts of a response: its `usage`, and the searches that it tells beside it or inside."""
    raw = an_object(body.get("usage"))
    if not raw:
        return MISSING
    read, written = a_count(raw.get("input_tokens")), a_count(raw.get("output_tokens"))
    reading, writing = an_object(raw.get("input_tokens_details")), an_object(raw.get("output_tokens_details"))
    cached, kept = a_count(reading.get("cached_tokens")), a_count(reading.get("cache_write_tokens"))
    heard, seen = a_count(reading.get("audio_tokens")), a_count(reading.get("image_tokens"))
    spoken, drawn = a_count(writing.get("audio_tokens")), a_count(writing.get("image_tokens"))
    total = a_count(raw.get("total_tokens")) or read + written
    plain = read - cached - kept - heard
    if plain < seen:
        seen = 0  # part of the images came from the cache: they cost the same as text
    said = written - spoken - drawn
    exact = total == read + written and plain >= 0 and said >= 0
    return Usage(
        input=max(plain - seen, 0),
        cache_read=cached,
        cache_write=kept,
        input_audio=heard,
        input_image=seen,
        output=max(said, 0),
        reasoning=min(a_count(writing.get("reasoning_tokens")), max(said, 0)),
        output_audio=spoken,
        output_image=drawn,
        searches=_searches(body, raw),
        quality="exact" if exact else "inconsistent",
        stated_cost=_stated_cost(raw),
        upstream_cost=_upstream_cost(raw),
        vendor={NAME: raw},
    )


def _searches(body: Json, raw: Json) -> int:
    told = an_object(an_object(body.get("tool_usage")).get("web_search"))
    inside = an_object(raw.get("server_side_tool_usage_details"))
    return max(a_count(told.get("num_requests")), a_count(inside.get(_SEARCHES)))


def _stated_cost(raw: Json) -> Decimal | None:
    """Dollars that the provider says it charged."""
    if (ticks := _money(raw.get("cost_in_usd_ticks"))) is not None:
        return ticks * _TICK
    return _money(raw.get("cost"))


def _upstream_cost(raw: Json) -> Decimal | None:
    """Dollars that the caller's own account behind a gateway was charged; else they are in what the gateway charges."""
    if raw.get("is_byok") is not True:
        return None
    return _money(an_object(raw.get("cost_details")).get("upstream_inference_cost"))


def _money(value: object) -> Decimal | None:
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else None


def write_usage(usage: Usage) -> Json | None:
    """The `usage` object for a client; the provider's own where it spoke this protocol."""
    if usage.quality == "missing":
        return None
    if kept := usage.vendor.get(NAME):
        return an_object(kept)
    read: Json = {
        "cached_tokens": usage.cache_read,
        "cache_write_tokens": usage.cache_write + usage.cache_write_1h,
        "audio_tokens": usage.input_audio,
        "image_tokens": usage.input_image,
    }
    written: Json = {
        "reasoning_tokens": usage.reasoning,
        "audio_tokens": usage.output_audio,
        "image_tokens": usage.output_image,
    }
    out: Json = {
        "input_tokens": usage.input_total,
        "input_tokens_details": _without_zeros(read, "cached_tokens"),
        "output_tokens": usage.output_total,
        "output_tokens_details": _without_zeros(written, "reasoning_tokens"),
        "total_tokens": usage.total,
    }
    if usage.stated_cost is not None:
        out["cost"] = float(usage.stated_cost)
    if usage.upstream_cost is not None:
        out |= {"is_byok": True, "cost_details": {"upstream_inference_cost": float(usage.upstream_cost)}}
    return out


def _without_zeros(counts: Json, always: str) -> Json:
    return {name: count for name, count in counts.items() if count or name == always}


def write_searches(usage: Usage) -> Json:
    """Searches stand beside the usage."""
    return {"tool_usage": {"web_search": {"num_requests": usage.searches}}} if usage.searches else {}
