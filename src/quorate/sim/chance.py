"""Chance that is the same each time for the same names."""

from __future__ import annotations

import random
from hashlib import blake2b


def number_of(*names: object) -> int:
    """A number below 2⁶⁴, by the names alone."""
    text = "\x1f".join(map(str, names))
    return int.from_bytes(blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest())


def chance(*names: object) -> random.Random:
    return random.Random(number_of(*names))
