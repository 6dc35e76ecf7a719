"""What this protocol keeps for itself on values: its leftovers, under its own name."""

from __future__ import annotations

from typing import cast

from quorate.types.parts import Vendor
from quorate.wire.json_fields import Json

NAME = "openai_responses"


def own(vendor: Vendor) -> Json:
    """What this protocol left on a value."""
    value = vendor.get(NAME)
    return cast("Json", value) if isinstance(value, dict) else {}


def vendor(rest: Json) -> Vendor:
    """Leftovers as a value's `vendor`; empty where nothing is left."""
    return {NAME: rest} if rest else {}
