"""Every group of tables, in one place, so that migrations and their test see them all."""

from __future__ import annotations

from . import answers, bodies, calls, conversations, keys, marks, repeats, sign_ins
from .metadata import METADATA

GROUPS = (marks, keys, sign_ins, calls, conversations, answers, bodies, repeats)
"""Modules that add tables to `METADATA` by being imported."""

__all__ = ["GROUPS", "METADATA"]
