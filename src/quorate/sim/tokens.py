"""How the simulator cuts text into tokens: a rule anyone can check by hand.

A token is a word, or eight letters of a longer one, with the blanks before it; or a mark with the
blanks before it; or blanks at the end. The tokens of a text, joined, are that text.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\s*\w{1,8}|\s*[^\w\s]|\s+")


def cut(text: str) -> list[str]:
    return _TOKEN.findall(text)


def count(text: str) -> int:
    return len(_TOKEN.findall(text))
