"""`${NAME}` and `${NAME:-default}` in settings, filled from the environment after the TOML is read.

A value is filled, never parsed again: quotes and brackets in it are only text. `$${NAME}` is the text `${NAME}`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

_BLANK = re.compile(r"\$(\$)?\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")

Problem = tuple[str, str]
"""Dotted path, what is wrong."""


class Expanded:
    """Settings with their blanks filled, what is wrong with them, and which variables were missing where."""

    def __init__(self, document: dict[str, Any], environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.missing: dict[str, str] = {}
        """Dotted path → the first variable that is not set."""
        self.document: dict[str, Any] = self._fill(document, "")

    def _fill(self, value: Any, path: str) -> Any:
        if isinstance(value, str):
            return self._text(value, path)
        if isinstance(value, dict):
            table = cast(dict[str, Any], value)
            return {key: self._fill(inner, f"{path}.{key}" if path else key) for key, inner in table.items()}
        if isinstance(value, list):
            items = cast(list[Any], value)
            return [self._fill(inner, f"{path}.{place}") for place, inner in enumerate(items)]
        return value

    def _text(self, text: str, path: str) -> str:
        def fill(found: re.Match[str]) -> str:
            literal, name, default = found.groups()
            if literal:
                return found.group()[1:]
            value = self._environment.get(name, "")
            if value or default is not None:
                return value or default or ""
            self.missing.setdefault(path, name)
            return ""

        return _BLANK.sub(fill, text)
