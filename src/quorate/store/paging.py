"""How long a page is."""

from __future__ import annotations

MOST = 1000
"""Rows of one page."""


def page_of(limit: int) -> int:
    """The limit, as far as one page goes."""
    return min(max(limit, 1), MOST)
