"""What all files of this protocol share: its name, and how leftovers and bytes travel in its JSON."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Container, Mapping
from typing import Any

from quorate.types.parts import Vendor
from quorate.wire.json_fields import Json, an_object, is_object

NAME = "bedrock"


class Misshapen(ValueError):
    """A field is not what the protocol wants there. `where` is its dotted path."""

    def __init__(self, message: str, where: str = "") -> None:
        super().__init__(message)
        self.where = where


def own(vendor: Vendor) -> Json:
    """What this protocol left on a value."""
    return an_object(vendor.get(NAME))


def vendor(rest: Json) -> Vendor:
    """Leftovers as a value's `vendor`; empty where nothing is left."""
    return {NAME: rest} if rest else {}


def left(fields: Mapping[str, Any], known: Container[str]) -> Json:
    """The fields that are not known."""
    return {name: value for name, value in fields.items() if name not in known}


def merged(under: Json, over: Json) -> Json:
    """Both, the upper one last: objects are merged at every depth."""
    whole = dict(under)
    for name, value in over.items():
        known: object = whole.get(name)
        if is_object(known) and is_object(value):
            whole[name] = merged(known, value)
        else:
            whole[name] = value
    return whole


def read_blob(value: object, where: str) -> bytes:
    """Bytes, which travel as base64."""
    if not isinstance(value, str):
        raise Misshapen(f"'{where}' must be base64", where)
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Misshapen(f"'{where}' must be base64", where) from error


def write_blob(data: bytes) -> str:
    return base64.b64encode(data).decode()
