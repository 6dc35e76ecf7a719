"""What a provider says of an answer's cost in a header of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from quorate.types.target import Target
from quorate.types.usage import Usage
from quorate.types.value import replace


def with_stated(usage: Usage, target: Target, headers: Mapping[str, str]) -> Usage:
    """The usage with the dollars that stand in the target's header for them.

    Proxies write 0 where they know no price, so a 0 says nothing; what the body says goes before.
    """
    name = target.quirks.cost_header
    if not name or usage.stated_cost is not None:
        return usage
    try:
        dollars = Decimal(headers.get(name, "0"))
    except InvalidOperation:
        return usage
    return replace(usage, stated_cost=dollars) if dollars.is_finite() and dollars > 0 else usage
