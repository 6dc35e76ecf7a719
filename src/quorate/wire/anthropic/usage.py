"""Tokens as the provider counts them, and ours.

`input_tokens` leaves out what came from a cache or went into one, so the classes never overlap. Counts of
a stream are totals so far: a later one replaces an earlier. A pass that compacts the conversation is counted
under `iterations` alone (the provider's page on compaction: sum them for what is billed).
"""

from __future__ import annotations

from typing import Any, cast

from quorate.types.usage import MISSING, Quality, Usage

from .fields import NAME, Json, a_count, an_object

_COMPACTION = "compaction"


def read_usage(raw: object) -> Usage:
    counts = an_object(raw)
    if not counts:
        return MISSING
    iterations = [an_object(each) for each in _items(counts.get("iterations"))]
    compactions = [each for each in iterations if each.get("type") == _COMPACTION]
    total = _counted(counts)
    for each in compactions:
        total += _counted(each)
    server = an_object(counts.get("server_tool_use"))
    return Usage(
        input=total.input,
        cache_read=total.cache_read,
        cache_write=total.cache_write,
        cache_write_1h=total.cache_write_1h,
        output=total.output,
        reasoning=total.reasoning,
        searches=a_count(server.get("web_search_requests")),
        quality=_quality(counts, iterations, total),
        vendor={NAME: counts},
    )


def _items(value: object) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _counted(counts: Json) -> Usage:
    written = a_count(counts.get("cache_creation_input_tokens"))
    split = an_object(counts.get("cache_creation"))
    hour = a_count(split.get("ephemeral_1h_input_tokens"))
    if "cache_creation_input_tokens" not in counts:
        written = hour + a_count(split.get("ephemeral_5m_input_tokens"))
    return Usage(
        input=a_count(counts.get("input_tokens")),
        cache_read=a_count(counts.get("cache_read_input_tokens")),
        # The split may be older than the total (it comes with a stream's first event): what it does not
        # place is kept for as long as the provider says nothing of.
        cache_write=max(0, written - hour),
        cache_write_1h=hour,
        output=a_count(counts.get("output_tokens")),
        reasoning=a_count(an_object(counts.get("output_tokens_details")).get("thinking_tokens")),
        quality="inconsistent" if hour > written else "exact",
    )


def _quality(counts: Json, iterations: list[Json], total: Usage) -> Quality:
    """Exact where no count contradicts another, and all of it was spent at one model's price."""
    if total.reasoning > total.output or total.quality != "exact":
        return "inconsistent"
    if any("model" in each for each in iterations):
        return "inconsistent"
    passes = [each for each in iterations if each.get("type") != _COMPACTION]
    for name in ("input_tokens", "output_tokens"):
        if passes and sum(a_count(each.get(name)) for each in passes) != a_count(counts.get(name)):
            return "inconsistent"
    return "exact"


def later(counts: Json, more: Json) -> Json:
    """The counts after a later event of the stream: what it leaves out or says null of stays."""
    return counts | {name: value for name, value in more.items() if value is not None or name not in counts}


def write_usage(usage: Usage) -> Json:
    """The provider's own object where the usage is one's of this protocol, else the classes it knows."""
    if kept := usage.vendor.get(NAME):
        return dict(an_object(kept))
    counts: Json = {
        "input_tokens": usage.input + usage.input_audio + usage.input_image,
        "cache_creation_input_tokens": usage.cache_write + usage.cache_write_1h,
        "cache_read_input_tokens": usage.cache_read,
        "output_tokens": usage.output_total,
    }
    if usage.cache_write_1h:
        counts["cache_creation"] = {
            "ephemeral_5m_input_tokens": usage.cache_write,
            "ephemeral_1h_input_tokens": usage.cache_write_1h,
        }
    if usage.reasoning:
        counts["output_tokens_details"] = {"thinking_tokens": usage.reasoning}
    if usage.searches:
        counts["server_tool_use"] = {"web_search_requests": usage.searches, "web_fetch_requests": 0}
    return counts
