"""Lays rows and quirks over one another: protocol under provider under model family under operator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

Table = Mapping[str, Any]

_GROWING = frozenset({"drop", "models"})
_GROWING_INSIDE = frozenset({"drop"})
"""Lists that grow from layer to layer, in a row and in its quirks; any other list is replaced."""


def overlay(*layers: Table, growing: frozenset[str] = _GROWING) -> dict[str, Any]:
    """The layers as one, the last one on top: tables are merged at every depth."""
    merged: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            under = merged.get(key)
            lower, upper = as_table(under), as_table(value)
            if lower is not None and upper is not None:
                merged[key] = overlay(lower, upper, growing=_GROWING_INSIDE)
            elif key in growing and under:
                merged[key] = [*under, *value]
            else:
                merged[key] = value
    return merged


def as_table(value: Any) -> Table | None:
    """The value, if it is a table."""
    return cast("Table", value) if isinstance(value, Mapping) else None


def overlay_rows(*tables: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Tables of rows as one: rows of one name are laid over one another."""
    names = dict.fromkeys(name for table in tables for name in table)
    return {name: overlay(*(table[name] for table in tables if name in table)) for name in names}
