"""The protocol's name, and what of a request or a reply is its own."""

from __future__ import annotations

from quorate.types.parts import Vendor
from quorate.wire.json_fields import Json, an_object

NAME = "replicate"


def own(vendor: Vendor) -> Json:
    """The inputs of a model that we have no setting for."""
    return an_object(vendor.get(NAME))


def vendor(fields: Json) -> Vendor:
    return {NAME: fields} if fields else {}
