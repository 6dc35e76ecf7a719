"""Names matched by patterns: '*' stands for anything, '|' parts alternatives, case counts for nothing."""

from __future__ import annotations

import re
from functools import lru_cache


def matches(patterns: str, name: str) -> bool:
    """Does one of the patterns fit the whole name?"""
    return _compiled(patterns).fullmatch(name) is not None


@lru_cache(maxsize=1024)
def _compiled(patterns: str) -> re.Pattern[str]:
    parts = (re.escape(part.strip()).replace(r"\*", ".*") for part in patterns.split("|"))
    return re.compile("|".join(parts), re.IGNORECASE | re.DOTALL)
