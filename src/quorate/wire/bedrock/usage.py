"""Tokens as the provider counts them, and ours.

`inputTokens` leaves out what came from a cache or went into one; `totalTokens` is the sum of all, so each answer
proves it. `cacheDetails` says for how long what was written is kept.
"""

from __future__ import annotations

from quorate.types.usage import MISSING, Usage
from quorate.wire.json_fields import Json, a_count, an_object, objects

from .fields import NAME


def read_usage(told: object) -> Usage:
    counts = an_object(told)
    if "inputTokens" not in counts and "outputTokens" not in counts:
        return MISSING
    read, written = _twin(counts, "cacheRead"), _twin(counts, "cacheWrite")
    hour = sum(
        a_count(each.get("inputTokens"))
        for each in objects(counts.get("cacheDetails"))
        if each.get("ttl") == "1h"
    )
    usage = Usage(
        input=a_count(counts.get("inputTokens")),
        cache_read=read,
        cache_write=max(0, written - hour),
        cache_write_1h=hour,
        output=a_count(counts.get("outputTokens")),
        vendor={NAME: counts},
    )
    total = counts.get("totalTokens")
    adds_up = hour <= written and (total is None or usage.total == a_count(total))
    if adds_up:
        return usage
    return Usage(
        input=usage.input,
        cache_read=read,
        cache_write=usage.cache_write,
        cache_write_1h=hour,
        output=usage.output,
        quality="inconsistent",
        vendor=usage.vendor,
    )


def _twin(counts: Json, name: str) -> int:
    """Every cache count is told under two names, of which older answers have but one."""
    return a_count(counts.get(f"{name}InputTokens", counts.get(f"{name}InputTokenCount")))


def write_usage(usage: Usage) -> Json:
    """The provider's own object where the usage is one of this protocol, else the classes it knows."""
    if kept := usage.vendor.get(NAME):
        return dict(an_object(kept))
    written = usage.cache_write + usage.cache_write_1h
    counts: Json = {
        "inputTokens": usage.input + usage.input_audio + usage.input_image,
        "outputTokens": usage.output_total,
        "totalTokens": usage.total,
    }
    if usage.cache_read or written:
        counts |= {"cacheReadInputTokens": usage.cache_read, "cacheWriteInputTokens": written}
    if usage.cache_write_1h:
        counts["cacheDetails"] = [
            {"ttl": "1h", "inputTokens": usage.cache_write_1h},
            {"ttl": "5m", "inputTokens": usage.cache_write},
        ]
    return counts
