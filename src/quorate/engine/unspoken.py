"""What a target of one protocol cannot be told of a request in another's words."""

from __future__ import annotations

from collections.abc import Collection

from quorate.types.chat import Departure
from quorate.types.parts import Vendor


def unspoken(vendor: Vendor, wire: str, honoured: Collection[str] = ()) -> tuple[Departure, ...]:
    """A request's fields that no protocol but its own has: all but those of the target's wire are dropped.

    Those `honoured` by whoever passes the request on are not lost.
    """
    return tuple(
        Departure(setting=field, kind="dropped", detail=f"a field of '{protocol}' alone")
        for protocol, fields in vendor.items()
        if protocol != wire
        for field in fields
        if field not in honoured
    )
