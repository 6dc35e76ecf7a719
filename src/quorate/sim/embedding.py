"""Vectors made of hashed words: the same for the same text, near for texts that share words."""

from __future__ import annotations

import math
import re
from hashlib import blake2b

DIMENSIONS = 256
MOST_DIMENSIONS = 4_096

_WORD = re.compile(r"\w+")


def embed(text: str, dimensions: int = DIMENSIONS) -> tuple[float, ...]:
    """A vector of length 1. Words count more than the pieces of words, which bring spellings near."""
    vector = [0.0] * dimensions
    words = [word.lower() for word in _WORD.findall(text)] or [text]
    for word in words:
        _add(vector, word, 1.0)
        padded = f"^{word}$"
        for start in range(len(padded) - 2):
            _add(vector, padded[start : start + 3], 0.35)
    length = math.sqrt(sum(value * value for value in vector))
    if not length:
        vector[0] = length = 1.0
    return tuple(value / length for value in vector)


def _add(vector: list[float], feature: str, weight: float) -> None:
    """Each feature has its place and its sign."""
    number = int.from_bytes(blake2b(feature.encode(errors="surrogatepass"), digest_size=8).digest())
    vector[number % len(vector)] += weight if number >> 63 else -weight
