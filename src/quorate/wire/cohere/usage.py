"""Token counts. Cohere tells two: the tokens it bills, and those its model handled.

What is billed leaves out what Cohere puts around a prompt by itself, and knows no cheaper cached tokens; so
the classes of `Usage` are the billed ones, and what the model handled stays beside them in `vendor`.
"""

from __future__ import annotations

from quorate.types.usage import MISSING, Usage
from quorate.wire.json_fields import Json, a_count, an_object

from .fields import own, vendor


def read_usage(raw: Json) -> Usage:
    """The counts of `usage`, or of the `meta` of operations that are not a chat."""
    billed, handled = an_object(raw.get("billed_units")), an_object(raw.get("tokens"))
    if not billed and not handled:
        return MISSING
    read, written = a_count(handled.get("input_tokens")), a_count(handled.get("output_tokens"))
    cached, thought = a_count(raw.get("cached_tokens")), a_count(handled.get("reasoning_tokens"))
    if not billed:
        return Usage(
            input=max(read - cached, 0),
            cache_read=min(cached, read),
            output=written,
            reasoning=min(thought, written),
            quality="exact" if cached <= read and thought <= written else "inconsistent",
            vendor=vendor(raw),
        )
    paid, said = a_count(billed.get("input_tokens")), a_count(billed.get("output_tokens"))
    seen = a_count(handled.get("image_tokens"))  # handled beside the text, billed with it
    # Nothing is billed that was not handled, and only what was handled can come from a cache.
    agrees = not handled or (
        seen <= paid <= read + seen and said <= written and cached <= read and thought <= written
    )
    seen = min(seen, paid)
    return Usage(
        input=paid - seen,
        input_image=seen + a_count(billed.get("image_tokens")),
        output=said,
        reasoning=min(thought, said),
        searches=a_count(billed.get("search_units")),
        quality="exact" if agrees else "inconsistent",
        vendor=vendor(raw),
    )


def write_usage(usage: Usage) -> Json:
    """The counts as Cohere tells them. Cached tokens have a place among those handled alone."""
    if kept := own(usage.vendor):
        return kept
    if usage.quality == "missing":
        return {}
    thought = {"reasoning_tokens": usage.reasoning} if usage.reasoning else {}
    counts = {"input_tokens": usage.input_total, "output_tokens": usage.output_total}
    if usage.cache_read:
        return {"tokens": counts | thought, "cached_tokens": usage.cache_read}
    billed = {"search_units": usage.searches} if usage.searches else {}
    return {"billed_units": counts | billed} | ({"tokens": counts | thought} if thought else {})
