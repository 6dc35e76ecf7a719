"""What can be right or wrong about an answer: sums, and choices among lettered options.

Models of different quality answer these differently, so that their agreement can be measured.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Literal

from quorate.types.value import Value

from .chance import chance

_NUMBER = r"\d{1,15}(?:\.\d{1,9})?"
_SUM = re.compile(rf"(?<![\w.])[-\u2212(]*{_NUMBER}(?:[\s()]*[-+*/×x÷\u2212][\s(-]*{_NUMBER})+(?:\s*\))*")
_DATE = re.compile(r"\d+([-/])\d+\1\d+")
_PIECE = re.compile(rf"{_NUMBER}|[-+*/()]")
_SPOKEN = (
    (re.compile(r"\bplus\b", re.IGNORECASE), "+"),
    (re.compile(r"\bminus\b", re.IGNORECASE), "-"),
    (re.compile(r"\b(?:times|multiplied by)\b", re.IGNORECASE), "*"),
    (re.compile(r"\b(?:divided by|over)\b(?=\s*\d)", re.IGNORECASE), "/"),
)
_SIGNS = str.maketrans({"×": "*", "x": "*", "÷": "/", "\u2212": "-"})
_LONG = 200
"""Characters of a sum; what is longer is none."""

_READ = 4_000
"""Characters of a question in which a riddle is looked for."""

_OPTION = re.compile(r"(?:^|\s)\(?([A-H])[).:]\s+(.+?)(?=\s+\(?[A-H][).:]\s|\n|$)")

Kind = Literal["sum", "choice"]

_APPLY: Mapping[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": lambda one, other: one / other,
}


class Riddle(Value):
    """A question that has a right answer."""

    kind: Kind
    asked: str
    """The sum as it stood, or the stem of the choice."""
    right: str
    wrong: tuple[str, ...]
    """Likely mistakes."""


def riddle_of(words: str) -> Riddle | None:
    """The riddle in a question's words; None where nothing in them is right or wrong."""
    text = words[:_READ]
    return _choice(text) or _sum(text)


def guess(riddle: Riddle, quality: float, *names: object) -> str:
    """Right as often as the quality says; by the names alone, so the same each time."""
    luck = chance("guess", *names)
    return riddle.right if luck.random() < quality else luck.choice(riddle.wrong)


def _sum(text: str) -> Riddle | None:
    found = _value(text)
    if found is None:
        return None
    asked, value = found
    near = {value + step for step in (1, -1, 2, 10, -10)} | {value * 2}
    wrong = tuple(written(each) for each in sorted(near - {value}))
    return Riddle(kind="sum", asked=asked, right=written(value), wrong=wrong)


def _value(text: str) -> tuple[str, Fraction] | None:
    """The first sum in the words, and what it comes to."""
    for pattern, sign in _SPOKEN:
        text = pattern.sub(sign, text)
    found = _SUM.search(text)
    if found is None:
        return None
    asked = found.group().strip()
    asked = asked if asked.count("(") == asked.count(")") else asked.strip("() ")
    if len(asked) > _LONG or _DATE.fullmatch(asked):
        return None
    try:
        return asked, _Reckoner(asked.translate(_SIGNS)).result()
    except (ArithmeticError, IndexError, ValueError):
        return None


def written(value: Fraction) -> str:
    """A number as a person writes it: whole, or with six places at most."""
    if value.denominator == 1:
        return str(value.numerator)
    return f"{float(value):.6f}".rstrip("0")


class _Reckoner:
    """Works out + - * / and brackets, in the usual order."""

    def __init__(self, text: str) -> None:
        self._pieces = [*_PIECE.findall(text), ""]
        self._place = 0

    def result(self) -> Fraction:
        value = self._terms()
        if self._next():
            raise ValueError("something is left over")
        return value

    def _next(self) -> str:
        return self._pieces[self._place]

    def _take(self) -> str:
        self._place += 1
        return self._pieces[self._place - 1]

    def _terms(self) -> Fraction:
        value = self._factors()
        while self._next() in ("+", "-"):
            value = _APPLY[self._take()](value, self._factors())
        return value

    def _factors(self) -> Fraction:
        value = self._atom()
        while self._next() in ("*", "/"):
            value = _APPLY[self._take()](value, self._atom())
        return value

    def _atom(self) -> Fraction:
        part = self._take()
        if part == "-":
            return -self._atom()
        if part != "(":
            return Fraction(part)
        value = self._terms()
        if self._take() != ")":
            raise ValueError("a bracket stays open")
        return value


def _choice(text: str) -> Riddle | None:
    """The right option is what the sum in the question comes to; else one that all models hold for right."""
    options = dict(_OPTION.findall(text))
    letters = sorted(options)
    if len(letters) < 2 or letters[0] != "A":
        return None
    stem = text[: text.index(options["A"])]
    found = _value(stem)
    value = written(found[1]) if found else ""
    right = next((letter for letter in letters if options[letter].strip(" .") == value), "")
    right = right or chance("the right option", text).choice(letters)
    wrong = tuple(letter for letter in letters if letter != right)
    return Riddle(kind="choice", asked=stem.strip(), right=right, wrong=wrong)
