"""Where in a text personal data stand. Each finder takes time in proportion to the text, whatever the text.

A pattern begins only where a word does, and repeats without giving back: so no place is read twice.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from quorate.types.value import Value

from .proofs import iban_length, is_card, is_iban, is_ip4, is_ip6

Span = tuple[int, int]
Finder = Callable[[str], Iterable[Span]]

_EMAIL = re.compile(r"(?<![\w.%+-])[\w.%+-]++@[\w-]++(?:\.[\w-]++)++")
_KEY = re.compile(
    r"(?<![\w-])(?:(?:sk-|qk-|xai-|gsk_|(?:sk|pk|rk)_(?:live|test)_)(?=[\w-]{0,64}?[0-9])[\w-]{16,}+|(?:AKIA|ASIA)[0-9A-Z]{16}+|gh[pousr]_\w{20,}+"
    r"|github_pat_\w{20,}+|glpat-[\w-]{16,}+|xox[abeoprs]-[\w-]{10,}+|AIza[\w-]{30,}+|hf_\w{20,}+|npm_\w{30,}+"
    r"|ya29\.[\w-]{20,}+|eyJ[\w-]{8,}+\.[\w-]{8,}+\.[\w-]{8,}+)"
    r"|-----BEGIN (?:[A-Z]{1,12} ){0,3}PRIVATE KEY-----(?:[^-]|-(?!----))*+"
    r"-----END (?:[A-Z]{1,12} ){0,3}PRIVATE KEY-----"
)
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[0-9]{2}(?=[ -]?[A-Za-z0-9])")
_DIGITS = re.compile(r"(?<![0-9.])[0-9]++(?:[ -][0-9]++)*+(?![0-9])")
_GROUP = re.compile(r"[0-9]++")
_IP4 = re.compile(r"(?<![\w.])[0-9]{1,3}+(?:\.[0-9]{1,3}+){3}(?!\w|\.[0-9])")
_IP6 = re.compile(r"(?<![\w:.])(?=[0-9A-Fa-f]{0,4}:)[0-9A-Fa-f:]++(?:\.[0-9]{1,3}+){0,3}+(?!\w)")
_SSN = re.compile(r"(?<![0-9-])(?!000|666|9)[0-9]{3}-(?!00)[0-9]{2}-(?!0000)[0-9]{4}(?![0-9]|-[0-9])")
_PHONE = re.compile(
    r"(?<![\w+.-])(?:\+[0-9](?:[ ().\-/]{0,3}[0-9]){7,14}"
    r"|00[1-9](?:[ ().\-/]{0,3}[0-9]){7,14}"
    r"|(?:\([0-9]{3}\) ?|[0-9]{3}[-. ])[0-9]{3}[-. ][0-9]{4}"
    r"|\(?0[1-9][0-9]{1,4}\)?[ /-][0-9]{3,8}(?:[ -]?[0-9]{2,4}){0,3})(?![\w-])"
)
_LEAST_IN_PHONE = 8
"""Digits of a number that a country writes for itself; fewer are dates and prices too often."""

_SHORTEST_CARD, _LONGEST_CARD = 12, 19


class Found(Value):
    """A piece of a text, and of what kind it is."""

    start: int
    end: int
    kind: str


def _emails(text: str) -> Iterator[Span]:
    return (match.span() for match in _EMAIL.finditer(text)) if "@" in text else iter(())


def _keys(text: str) -> Iterator[Span]:
    return (match.span() for match in _KEY.finditer(text))


def _ibans(text: str) -> Iterator[Span]:
    for match in _IBAN.finditer(text):
        start, length = match.start(), iban_length(match[0][:2])
        compact, place = "", start
        while len(compact) < length and place < len(text):
            letter = text[place]
            if letter.isascii() and letter.isalnum():
                compact += letter.upper()
            elif letter not in " -" or text[place - 1] in " -":
                break
            place += 1
        if length and is_iban(compact) and not text[place : place + 1].isalnum():
            yield start, place


def _cards(text: str) -> Iterator[Span]:
    """Groups of digits that lie side by side: some of them in a row may be a card, beside a date or a code."""
    for run in _DIGITS.finditer(text):
        groups = [match.span() for match in _GROUP.finditer(text, *run.span())]
        place = 0
        while place < len(groups):
            place = _after_card(text, groups, place, found := [])
            yield from found


def _after_card(text: str, groups: Sequence[Span], first: int, found: list[Span]) -> int:
    """The group to go on with; what begins at the first one goes into `found`, the longest that it can be."""
    digits, last = "", first
    best: int | None = None
    while last < len(groups) and len(digits) < _LONGEST_CARD:
        digits += text[slice(*groups[last])]
        last += 1
        if _SHORTEST_CARD <= len(digits) <= _LONGEST_CARD and is_card(digits):
            best = last
    if best is None:
        return first + 1
    found.append((groups[first][0], groups[best - 1][1]))
    return best


def _addresses(text: str) -> Iterator[Span]:
    if ":" in text:
        yield from (_trimmed(match) for match in _IP6.finditer(text) if is_ip6(text[slice(*_trimmed(match))]))
    if "." in text:
        yield from (match.span() for match in _IP4.finditer(text) if is_ip4(match[0]))


def _trimmed(match: re.Match[str]) -> Span:
    """Without the colon that follows an address in a sentence."""
    start, end = match.span()
    told = match[0]
    return (start, end - 1) if told.endswith(":") and not told.endswith("::") else (start, end)


def _numbers(text: str) -> Iterator[Span]:
    return (match.span() for match in _SSN.finditer(text)) if "-" in text else iter(())


def _phones(text: str) -> Iterator[Span]:
    for match in _PHONE.finditer(text):
        if sum(letter.isdigit() for letter in match[0]) >= _LEAST_IN_PHONE:
            yield match.span()


FINDERS: Mapping[str, Finder] = {
    "API_KEY": _keys,
    "EMAIL": _emails,
    "IBAN": _ibans,
    "CARD": _cards,
    "IP": _addresses,
    "SSN": _numbers,
    "PHONE": _phones,
}
"""Kind → who finds it. Where two find the same, the one above has it."""


def matching(pattern: re.Pattern[str]) -> Finder:
    """Finds what a pattern fits; what is empty is nothing."""
    return lambda text: (match.span() for match in pattern.finditer(text) if match.end() > match.start())


class Detector:
    """Several finders, in the order in which they have their way."""

    def __init__(self, finders: Mapping[str, Finder]) -> None:
        self.kinds = tuple(finders)
        self._finders = tuple(finders.items())

    def find(self, text: str) -> list[Found]:
        """In the order of the text; none lies in another."""
        starts: list[int] = []
        kept: list[Found] = []
        for kind, finder in self._finders:
            for start, end in finder(text):
                place = bisect_left(starts, start)
                if place and kept[place - 1].end > start:
                    continue
                if place < len(kept) and kept[place].start < end:
                    continue
                starts.insert(place, start)
                kept.insert(place, Found(start=start, end=end, kind=kind))
        return kept
