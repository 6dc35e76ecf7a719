"""Token counts: from the many shapes that OpenAI-shaped providers send into disjoint classes, and back.

The proof is the provider's own total: the classes must sum to it. Providers differ in what they count
inside `prompt_tokens` and `completion_tokens`; the total tells which.
"""

from __future__ import annotations

from decimal import Decimal

from quorate.types.usage import MISSING, Usage
from quorate.types.value import replace
from quorate.wire.json_fields import Json, a_count, an_object, is_object

from .fields import NAME

_CACHED = ("prompt_cache_hit_tokens", "cached_tokens", "num_cached_tokens", "cache_read_input_tokens")
_SEARCHES = ("server_tool_use_details", "server_tool_use")
_NOTHING: Json = {}
_TICK = Decimal("1e-10")
"""Dollars of one of the ticks in `cost_in_usd_ticks`; proven against listed prices."""


def read_usage(raw: Json | None) -> Usage:
    """The counts of a `usage` object."""
    if not raw:
        return MISSING
    prompt, written = a_count(raw.get("prompt_tokens")), a_count(raw.get("completion_tokens"))
    total = a_count(raw.get("total_tokens")) or prompt + written
    reading = an_object(raw.get("prompt_tokens_details")) or _NOTHING
    writing = an_object(raw.get("completion_tokens_details")) or _NOTHING
    heard, seen = a_count(reading.get("audio_tokens")), a_count(reading.get("image_tokens"))
    spoken, drawn = a_count(writing.get("audio_tokens")), a_count(writing.get("image_tokens"))
    reasoned = a_count(writing.get("reasoning_tokens")) or a_count(raw.get("reasoning_tokens"))
    cached, kept = _cached(raw, reading), _kept(raw, reading)
    kept_long = min(kept, a_count(an_object(raw.get("cache_creation")).get("ephemeral_1h_input_tokens")))
    adds_up = True
    if total == prompt + written + reasoned:
        written += reasoned  # thoughts are counted apart
    elif total == prompt + written + heard:
        prompt += heard  # sound is counted apart
    elif total != prompt + written:
        adds_up = False
    plain = prompt - cached - kept - heard
    if plain < seen:
        seen = 0  # part of the images came from the cache: they cost the same as text
    read, said = plain - seen, written - spoken - drawn
    return Usage(
        input=max(read, 0),
        cache_read=cached,
        cache_write=kept - kept_long,
        cache_write_1h=kept_long,
        input_audio=heard,
        input_image=seen,
        output=max(said, 0),
        reasoning=min(reasoned, max(said, 0)),
        output_audio=spoken,
        output_image=drawn,
        searches=_searches(raw),
        quality="exact" if adds_up and min(read, said) >= 0 else "inconsistent",
        stated_cost=_stated_cost(raw),
        upstream_cost=_upstream_cost(raw),
        vendor={NAME: raw},
    )


def _cached(raw: Json, reading: Json) -> int:
    """Tokens read from a cache: one number that stands in any of several places, or in more than one."""
    return a_count(reading.get("cached_tokens")) or max(a_count(raw.get(name)) for name in _CACHED)


def _kept(raw: Json, reading: Json) -> int:
    """Tokens written to a cache."""
    inside = a_count(reading.get("cache_write_tokens")) or a_count(reading.get("cache_creation_tokens"))
    return inside or a_count(raw.get("cache_creation_input_tokens"))


def _searches(raw: Json) -> int:
    told = (a_count(an_object(raw.get(name)).get("web_search_requests")) for name in _SEARCHES)
    return max(*told, a_count(raw.get("num_search_queries")))


def _stated_cost(raw: Json) -> Decimal | None:
    """Dollars that the provider says it charged."""
    if (ticks := _money(raw.get("cost_in_usd_ticks"))) is not None:
        return ticks * _TICK
    cost = raw.get("cost")
    if is_object(cost):
        return _money(cost.get("total_cost"))
    stated = _money(cost)
    return _money(raw.get("estimated_cost")) if stated is None else stated


def _upstream_cost(raw: Json) -> Decimal | None:
    """Dollars that the caller's own account behind a gateway was charged; else they are in what the gateway charges."""
    if raw.get("is_byok") is not True:
        return None
    return _money(an_object(raw.get("cost_details")).get("upstream_inference_cost"))


def _money(value: object) -> Decimal | None:
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else None


def stated_beside(usage: Usage, body: Json) -> Usage:
    """The usage with the dollars that a provider states beside it instead of inside."""
    dollars = _money(an_object(body.get("cost")).get("usd"))
    return usage if dollars is None or usage.stated_cost is not None else replace(usage, stated_cost=dollars)


def write_usage(usage: Usage) -> Json | None:
    """The `usage` object for a client; the provider's own where it spoke this protocol."""
    if usage.quality == "missing":
        return None
    if kept := usage.vendor.get(NAME):
        return kept
    read: Json = {"cached_tokens": usage.cache_read, "audio_tokens": usage.input_audio}
    written: Json = {"reasoning_tokens": usage.reasoning, "audio_tokens": usage.output_audio}
    out: Json = {
        "prompt_tokens": usage.input_total,
        "completion_tokens": usage.output_total,
        "total_tokens": usage.total,
        "prompt_tokens_details": read,
        "completion_tokens_details": written,
    }
    if usage.cache_write or usage.cache_write_1h:
        read["cache_write_tokens"] = usage.cache_write + usage.cache_write_1h
    if usage.cache_write_1h:
        out["cache_creation"] = {
            "ephemeral_5m_input_tokens": usage.cache_write,
            "ephemeral_1h_input_tokens": usage.cache_write_1h,
        }
    if usage.input_image:
        read["image_tokens"] = usage.input_image
    if usage.output_image:
        written["image_tokens"] = usage.output_image
    if usage.searches:
        out["server_tool_use_details"] = {"web_search_requests": usage.searches}
    if usage.stated_cost is not None:
        out["cost"] = float(usage.stated_cost)
    if usage.upstream_cost is not None:
        out |= {"is_byok": True, "cost_details": {"upstream_inference_cost": float(usage.upstream_cost)}}
    return out
