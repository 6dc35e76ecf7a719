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


_ZERO = Decimal(0)


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
    characters: int = 0
    """Of a text that was spoken, where the provider counts no tokens."""
    seconds: int = 0
    """Of sound that was heard, a part of one for a whole, where the provider counts no tokens."""
    images: int = 0
    """Pictures drawn, where the provider counts no tokens."""
    quality: Quality = "exact"
    stated_cost: Decimal | None = None
    """Dollars the provider itself says it charged."""
    upstream_cost: Decimal | None = None
    """Dollars that one behind the provider bills beside those, as it says: for a key of the caller's own there."""
    vendor: dict[str, Any] = {}
    """The provider's usage object as it came, keyed by protocol."""

    @property
    def stated_total(self) -> Decimal | None:
        """What the call cost by the provider's own word, whoever bills it; None where it says nothing."""
        if self.stated_cost is None or self.upstream_cost is None:
            return self.stated_cost
        return self.stated_cost + self.upstream_cost

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
        stated = upstream = None
        if self.stated_cost is not None and other.stated_cost is not None:
            stated = self.stated_cost + other.stated_cost
        if self.upstream_cost is not None or other.upstream_cost is not None:
            upstream = (self.upstream_cost or _ZERO) + (other.upstream_cost or _ZERO)
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
            characters=self.characters + other.characters,
            seconds=self.seconds + other.seconds,
            images=self.images + other.images,
            quality=self.quality if _RANK[self.quality] >= _RANK[other.quality] else other.quality,
            stated_cost=stated,
            upstream_cost=upstream,
        )


MISSING = Usage(quality="missing")


class Charge(Value):
    """What a call cost and which rule says so."""

    dollars: Decimal
    rule: str
    """Source, date and pattern of the price: enough to price it again."""
