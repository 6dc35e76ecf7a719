"""What a call used, in token classes that never overlap."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from .value import Value

Quality = Literal["exact", "estimated", "inconsistent", "missing"]
"""exact: the provider's own counts, and they add up to its own total.
estimated: counted by us, because the provider could not say (a hang-up, no usage).
inconsistent: the provider's counts contradict its total, so no cost is computed from them.
missing: nothing was said."""

_RANK: dict[Quality, int] = {"exact": 0, "estimated": 1, "inconsistent": 2, "missing": 3}


class Usage(Value):
    """Token counts of one call. The classes are disjoint: each token is in exactly one of them.

    `reasoning` alone is a part of `output`, told apart for information.
    """

    input: int = 0
    """Text read at the full price: neither from a cache nor written to one."""
    cache_read: int = 0
    cache_write: int = 0
    """Written to a cache kept for five minutes, or for as long as the provider says nothing of."""
    cache_write_1h: int = 0
    input_audio: int = 0
    input_image: int = 0
    output: int = 0
    """Text written, reasoning and refused words included."""
    reasoning: int = 0
    """The share of `output` that was reasoning."""
    output_audio: int = 0
    output_image: int = 0
    searches: int = 0
    """Web searches the provider ran, where it bills them apart."""
    quality: Quality = "exact"
    stated_cost: Decimal | None = None
    """Dollars the provider itself says it charged."""
    vendor: dict[str, Any] = {}
    """The provider's usage object as it came, keyed by protocol."""

    @property
    def input_total(self) -> int:
        """Every token read."""
        return (
            self.input
            + self.cache_read
            + self.cache_write
            + self.cache_write_1h
            + self.input_audio
            + self.input_image
        )

    @property
    def output_total(self) -> int:
        """Every token written."""
        return self.output + self.output_audio + self.output_image

    @property
    def total(self) -> int:
        return self.input_total + self.output_total

    def __add__(self, other: Usage) -> Usage:
        """The two together; the quality is the worse one, the stated cost is known if both are."""
        stated = None
        if self.stated_cost is not None and other.stated_cost is not None:
            stated = self.stated_cost + other.stated_cost
        return Usage(
            input=self.input + other.input,
            cache_read=self.cache_read + other.cache_read,
            cache_write=self.cache_write + other.cache_write,
            cache_write_1h=self.cache_write_1h + other.cache_write_1h,
            input_audio=self.input_audio + other.input_audio,
            input_image=self.input_image + other.input_image,
            output=self.output + other.output,
            reasoning=self.reasoning + other.reasoning,
            output_audio=self.output_audio + other.output_audio,
            output_image=self.output_image + other.output_image,
            searches=self.searches + other.searches,
            quality=self.quality if _RANK[self.quality] >= _RANK[other.quality] else other.quality,
            stated_cost=stated,
        )


MISSING = Usage(quality="missing")


class Charge(Value):
    """What a call cost and which rule says so."""

    dollars: Decimal
    rule: str
    """Source, date and pattern of the price: enough to price it again."""
