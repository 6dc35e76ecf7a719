"""The strict subset of JSON Schema, which other protocols of the same provider share."""

from __future__ import annotations

from quorate.wire.strict import fit

__all__ = ["fit"]
