"""Makes the strings of a JSON Schema: by pattern, by format, by length, else in the question's words."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

from .pattern import TooClever, matching

_WORDS = (
    "amber birch cedar delta ember fjord grove harbor island juniper kelp lumen maple north ocean".split()
)
_LONGEST = 100_000

_FORMATS: Mapping[str, Callable[[random.Random], str]] = {
    "date": lambda luck: f"2026-{luck.randint(1, 12):02}-{luck.randint(1, 28):02}",
    "time": lambda luck: f"{luck.randint(0, 23):02}:{luck.randint(0, 59):02}:00Z",
    "date-time": lambda luck: f"2026-{luck.randint(1, 12):02}-{luck.randint(1, 28):02}T12:00:00Z",
    "duration": lambda luck: f"PT{luck.randint(1, 59)}M",
    "email": lambda luck: f"{luck.choice(_WORDS)}@example.com",
    "hostname": lambda luck: f"{luck.choice(_WORDS)}.example.com",
    "ipv4": lambda luck: f"192.0.2.{luck.randint(1, 254)}",
    "ipv6": lambda luck: f"2001:db8::{luck.randint(1, 254):x}",
    "uri": lambda luck: f"https://example.com/{luck.choice(_WORDS)}",
    "uri-reference": lambda luck: f"/{luck.choice(_WORDS)}",
    "uuid": lambda luck: "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}".format(
        *(luck.getrandbits(bits) for bits in (32, 16, 12, 12, 48))
    ),
}


def make_text(schema: Mapping[str, Any], luck: random.Random, hint: Callable[[], str | None]) -> str:
    if form := _FORMATS.get(schema.get("format", "")):
        return form(luck)
    fewest = min(int(schema.get("minLength", 0)), _LONGEST)
    most = int(schema.get("maxLength", _LONGEST))
    if pattern := schema.get("pattern"):
        try:
            return _fitting(pattern, luck, fewest, most)
        except TooClever:
            pass  # the words below are as good as any: the schema asks for what is not understood
    text = hint() or " ".join(luck.sample(_WORDS, 2))
    while len(text) < fewest:
        text += f" {luck.choice(_WORDS)}"
    return text[: max(most, 0)]


def _fitting(pattern: str, luck: random.Random, fewest: int, most: int) -> str:
    """Several tries: an open count may make a text too short or too long."""
    texts = [matching(pattern, luck) for _ in range(20)]
    return next((text for text in texts if fewest <= len(text) <= most), texts[0])
