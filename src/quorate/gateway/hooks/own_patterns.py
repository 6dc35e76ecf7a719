r"""Patterns that an operator writes: a part of regular expressions that takes linear time by its construction.

Literal text, classes, `\d \w \s \b`, alternatives in `(?:…|…)`, and repeats with an upper bound. Every repeat and
every group is made one that gives nothing back, so no text can make a pattern try twice at one place.
"""

from __future__ import annotations

import re

MOST_REPEATS = 64
LONGEST = 200
"""Characters of a pattern."""

_PIECE = re.compile(
    r"(?P<open>\(\?:)|(?P<close>\))|(?P<either>\|)|(?P<edge>\\b)"
    r"|(?P<atom>\[\^?+(?:\\[^A-Za-z0-9\n]|\\[dwsnt]|[^\]\\\[\n])++\]|\\[^A-Za-z0-9\n]|\\[dwsnt]|[^\\()\[\]{}|*+?^$\n])"
    r"|(?P<repeat>\?|\{[0-9]{1,3}(?:,[0-9]{1,3})?\})"
)


def compile_own(pattern: str) -> re.Pattern[str]:
    """Raises `ValueError` with what is not allowed in it, in words for whoever wrote it."""
    if not pattern or len(pattern) > LONGEST:
        raise ValueError(f"a pattern has 1 to {LONGEST} characters")
    written: list[str] = []
    place = depth = 0
    may_repeat = False
    while place < len(pattern):
        piece = _PIECE.match(pattern, place)
        if piece is None:
            raise ValueError(_refusal(pattern, place))
        place = piece.end()
        match piece.lastgroup:
            case "open":
                depth += 1
                written.append("(?>")
            case "close":
                depth -= 1
                written.append(")")
            case "repeat":
                _check_repeat(piece[0], pattern, place, may_repeat=may_repeat)
                written.append(piece[0] + "+")
            case _:
                written.append(piece[0])
        if depth < 0:
            raise ValueError("a ')' closes no group")
        if piece.lastgroup == "atom" and any(doubled in piece[0] for doubled in ("--", "&&", "~~", "||")):
            raise ValueError(f"'{piece[0]}': in a class no sign stands twice")
        # A repeated group could take any number of ways through its alternatives: only '?' may follow one.
        may_repeat = piece.lastgroup == "atom" or (
            piece.lastgroup == "close" and pattern.startswith("?", place)
        )
    if depth:
        raise ValueError("a group is not closed")
    try:
        compiled = re.compile("".join(written))
    except re.error as error:
        raise ValueError(f"it cannot be read: {error.msg}") from error
    if compiled.fullmatch("") is not None:
        raise ValueError("it fits the empty text")
    return compiled


def _check_repeat(repeat: str, pattern: str, place: int, *, may_repeat: bool) -> None:
    if not may_repeat:
        raise ValueError(f"'{repeat}' may only follow a character or a class ('?' a group too)")
    least, _, most = repeat.strip("{}").partition(",")
    if repeat == "?":
        return
    if int(most or least) > MOST_REPEATS or int(least) > int(most or least):
        raise ValueError(f"'{repeat}': at most {MOST_REPEATS} repeats, the lower bound first")
    if pattern.startswith(("?", "+"), place):
        raise ValueError(
            "a repeat cannot be made lazy or possessive: each takes as much as it can and keeps it"
        )


def _refusal(pattern: str, place: int) -> str:
    told = pattern[place]
    if told in "*+":
        return f"'{told}' has no upper bound: write '{{0,{MOST_REPEATS}}}' or less"
    if told in "^$":
        return f"'{told}' is not allowed; '\\b' stands for the edge of a word"
    if told == "(":
        return "of groups only '(?:…)' is allowed"
    return f"'{pattern[place : place + 4]}' is not allowed here"
