"""A stream's bytes cut at random places: recorders lose where a provider's network cut them."""

from __future__ import annotations

import random

CUTTINGS = 3
"""How often each stream is cut anew."""
SMALL = 6000
"""Bytes of a stream that is cut at every place as well."""


def cuttings(body: bytes, name: str) -> list[list[bytes]]:
    """The same bytes in pieces: whole first, then at places that depend on the name alone."""
    chance = random.Random(name)
    found = [[body]]
    for _ in range(CUTTINGS):
        count = chance.randint(1, max(2, len(body) // 100))
        places = sorted({chance.randint(0, len(body)) for _ in range(count)})
        found.append([body[start:end] for start, end in zip([0, *places], [*places, len(body)], strict=True)])
    if len(body) <= SMALL:
        found.append([body[place : place + 1] for place in range(len(body))])
    return found
