"""Makes texts that match a regular expression, as far as JSON Schemas use them.

Known: literals, classes, groups, alternatives, counts, anchors. Anything else is `TooClever`.
"""

from __future__ import annotations

import random
import re
import string

_CLASSES = {"d": string.digits, "w": string.ascii_lowercase + string.digits + "_", "s": " "}
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v"}
_ANY = string.ascii_lowercase
_ALL = "".join(map(chr, range(32, 127)))
_COUNT = re.compile(r"\{(\d+)(?:(,)(\d*))?\}")
_SPREAD = 3
"""How many more than the fewest an open count may get."""

_MOST = 1_000
"""Most repetitions: a count beyond it is too clever."""


class TooClever(ValueError):
    """A regular expression that is not understood here."""


def matching(pattern: str, luck: random.Random) -> str:
    """A text in which the pattern is found. Raises `TooClever`."""
    maker = _Maker(pattern, luck)
    text = maker.alternatives()
    try:
        found = re.search(pattern, text)
    except re.error as error:
        raise TooClever(str(error)) from error
    if maker.rest() or not found:
        raise TooClever(f"'{pattern}' is not understood")
    return text


class _Maker:
    """Reads the pattern from left to right and writes what it asks for."""

    def __init__(self, pattern: str, luck: random.Random) -> None:
        self._pattern, self._luck, self._place = pattern, luck, 0
        self._depth = 0

    def rest(self) -> str:
        return self._pattern[self._place :]

    def alternatives(self) -> str:
        self._depth += 1
        if self._depth > 50:
            raise TooClever("the groups are too deep")
        texts = [self._sequence()]
        while self._at("|"):
            texts.append(self._sequence())
        self._depth -= 1
        return self._luck.choice(texts)

    def _at(self, mark: str) -> bool:
        """Pass over the mark if it comes next."""
        if self._pattern.startswith(mark, self._place):
            self._place += len(mark)
            return True
        return False

    def _take(self) -> str:
        if self._place >= len(self._pattern):
            raise TooClever("the pattern stops in the middle")
        self._place += 1
        return self._pattern[self._place - 1]

    def _sequence(self) -> str:
        texts: list[str] = []
        while self.rest() and not self.rest().startswith(("|", ")")):
            texts.append(self._counted())
        return "".join(texts)

    def _counted(self) -> str:
        start = self._place
        first = self._atom()
        fewest, most = self._count()
        end = self._place
        texts = [first] if most else []
        for _ in range(self._luck.randint(fewest, most) - 1):
            self._place = start
            texts.append(self._atom())
        self._place = end
        return "".join(texts) if most and (fewest or self._luck.random() < 0.5) else ""

    def _count(self) -> tuple[int, int]:
        fewest, most = 1, 1
        if found := _COUNT.match(self._pattern, self._place):
            self._place = found.end()
            fewest = int(found[1])
            most = fewest if not found[2] else int(found[3]) if found[3] else fewest + _SPREAD
        elif self._at("?"):
            fewest = 0
        elif self._at("*"):
            fewest, most = 0, _SPREAD
        elif self._at("+"):
            most = _SPREAD
        else:
            return fewest, most
        self._at("?")  # a lazy count counts the same
        if not fewest <= most <= _MOST:
            raise TooClever("a count makes no sense")
        return fewest, most

    def _atom(self) -> str:
        match mark := self._take():
            case "^" | "$":
                return ""
            case ".":
                return self._luck.choice(_ANY)
            case "(":
                return self._group()
            case "[":
                return self._luck.choice(self._set())
            case "\\":
                return self._escaped()
            case "*" | "+" | "?" | "{":
                if mark == "{":
                    return mark
                raise TooClever("a count of nothing")
            case _:
                return mark

    def _group(self) -> str:
        if self._at("?") and not self._at(":"):
            if not (self._at("P<") or self._at("<")) or self.rest()[:1] in ("=", "!"):
                raise TooClever("a group that looks around")
            while self._take() != ">":
                pass
        text = self.alternatives()
        if not self._at(")"):
            raise TooClever("a group stays open")
        return text

    def _escaped(self) -> str:
        mark = self._take()
        if mark in _CLASSES:
            return self._luck.choice(_CLASSES[mark])
        if mark.lower() in _CLASSES:
            return self._luck.choice(_without(_CLASSES[mark.lower()]))
        if mark in ("b", "A", "Z"):
            return ""
        if mark.isalnum() and mark not in _CONTROLS:
            raise TooClever(f"'\\{mark}' is not understood")
        return _CONTROLS.get(mark, mark)

    def _set(self) -> str:
        other = self._at("^")
        marks: list[str] = []
        while not (self.rest().startswith("]") and marks):
            marks.append(self._member())
        self._take()
        known = "".join(marks)
        return _without(known) if other else known

    def _member(self) -> str:
        """One character, a class, or a range of a set."""
        mark = self._take()
        if mark == "\\":
            mark = self._take()
            if mark in _CLASSES:
                return _CLASSES[mark]
            if mark.isalnum() and mark not in _CONTROLS:
                raise TooClever(f"'\\{mark}' is not understood in a set")
            mark = _CONTROLS.get(mark, mark)
        if self.rest().startswith("-") and not self.rest().startswith("-]"):
            self._take()
            last = self._take()
            last = self._take() if last == "\\" else last
            return "".join(map(chr, range(ord(mark), min(ord(last), ord(mark) + 200) + 1)))
        return mark


def _without(marks: str) -> str:
    left = "".join(mark for mark in _ALL if mark not in marks)
    if not left:
        raise TooClever("nothing is left of a set")
    return left
