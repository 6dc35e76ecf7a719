"""What all files of this protocol share: its name, and how its leftovers travel on values."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Any

from quorate.types.parts import Vendor
from quorate.wire.json_fields import Json, an_object

NAME = "cohere"


def own(vendor: Vendor) -> Json:
    """What this protocol left on a value."""
    return an_object(vendor.get(NAME))


def vendor(rest: Json) -> Vendor:
    """Leftovers as a value's `vendor`; empty where nothing is left."""
    return {NAME: rest} if rest else {}


def left(fields: Mapping[str, Any], known: Container[str]) -> Json:
    """The fields that are not known, and that say something."""
    return {name: value for name, value in fields.items() if name not in known and value is not None}
