"""Placeholders for values: the same value has the same one for as long as one call lasts, and every one finds back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from .finders import FINDERS, Detector, Finder, matching

LITERAL = "LITERAL"
"""What a text has that looks like a placeholder is given one itself, and so comes back as it was."""

_PLACEHOLDER = re.compile(r"\[[A-Z][A-Z0-9_]*+\]")
_SEALED_KEYS = frozenset(
    "authorization authorization_token data encrypted_content id signature thoughtSignature thought_signature".split()
)
"""What stands there goes back to its provider byte for byte, or is of no use to it."""


def detector_of(finders: Mapping[str, Finder]) -> Detector:
    """Finds those kinds, and what looks like one of their placeholders."""
    names = "|".join(map(re.escape, (LITERAL, *finders)))
    literal = matching(re.compile(rf"\[(?:{names})_[0-9]{{1,9}}\]"))
    return Detector({LITERAL: literal} | dict(finders))


SHIPPED = detector_of(FINDERS)


class Aliases:
    """The values of one call that are kept back, and what stands for them."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._placeholders: dict[tuple[str, str], str] = {}
        self._values: dict[str, str] = {}
        self._counts: dict[str, int] = {}

    def __bool__(self) -> bool:
        """Is anything kept back?"""
        return bool(self._values)

    def mask(self, text: str) -> str:
        found = self._detector.find(text)
        if not found:
            return text
        pieces: list[str] = []
        end = 0
        for each in found:
            pieces += (text[end : each.start], self._placeholder(each.kind, text[each.start : each.end]))
            end = each.end
        return "".join((*pieces, text[end:]))

    def _placeholder(self, kind: str, value: str) -> str:
        known = self._placeholders.get((kind, value))
        if known is not None:
            return known
        number = self._counts[kind] = self._counts.get(kind, 0) + 1
        placeholder = f"[{kind}_{number}]"
        self._placeholders[kind, value] = placeholder
        self._values[placeholder] = value
        return placeholder

    def mask_json(self, text: str) -> str:
        """JSON stays JSON, and what is written with escapes is found too; text that is none is text."""
        try:
            told = json.loads(text)
        except (ValueError, RecursionError):
            return self.mask(text)
        masked = self.mask_tree(told, with_keys=True)
        return text if masked == told else json.dumps(masked, ensure_ascii=False, separators=(",", ":"))

    def mask_words(self, text: str) -> str:
        """Text that may be JSON with escapes in it; where it has none, its words are all there is to see."""
        return self.mask_json(text) if "\\u" in text and text.lstrip()[:1] in ("{", "[") else self.mask(text)

    def mask_tree(self, value: Any, *, with_keys: bool = False) -> Any:
        """Every text in plain JSON, and every whole number that is a value as a whole."""
        match value:
            case str():
                return self.mask_words(value)
            case bool() | None:
                return value
            case int():
                return self._mask_number(value)
            case list():
                return [self.mask_tree(each, with_keys=with_keys) for each in cast("list[Any]", value)]
            case dict():
                return {
                    (self.mask(key) if with_keys else key): (
                        each
                        if key in _SEALED_KEYS and not with_keys
                        else self.mask_tree(each, with_keys=with_keys)
                    )
                    for key, each in cast("dict[str, Any]", value).items()
                }
            case _:
                return value

    def _mask_number(self, value: int) -> int | str:
        text = str(value) if abs(value) < 10**20 else ""
        found = self._detector.find(text)
        whole = len(found) == 1 and found[0].end - found[0].start == len(text)
        return self._placeholder(found[0].kind, text) if whole else value

    def unmask(self, text: str, *, in_json: bool = False) -> str:
        """`in_json`: the text is JSON, and the values go into its strings."""
        if not self._values or "[" not in text:
            return text

        def value(match: re.Match[str]) -> str:
            told = self._values.get(match[0], match[0])
            return json.dumps(told, ensure_ascii=False)[1:-1] if in_json else told

        return _PLACEHOLDER.sub(value, text)

    def unmask_tree(self, value: Any) -> Any:
        match value:
            case str():
                return self.unmask(value)
            case list():
                return [self.unmask_tree(each) for each in cast("Sequence[Any]", value)]
            case dict():
                return {key: self.unmask_tree(each) for key, each in cast("dict[str, Any]", value).items()}
            case _:
                return value

    def may_begin(self, text: str) -> int:
        """How many of the last characters may be the beginning of a placeholder."""
        start = text.rfind("[")
        if start < 0:
            return 0
        tail = text[start:]
        return len(tail) if any(each.startswith(tail) and each != tail for each in self._values) else 0
