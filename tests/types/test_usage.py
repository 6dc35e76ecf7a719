"""Token classes are disjoint and add up."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from quorate.types.usage import MISSING, Usage

COUNTS = (
    "input", "cache_read", "cache_write", "cache_write_1h", "input_audio", "input_image",
    "output", "output_audio", "output_image", "reasoning", "searches",
)  # fmt: skip
counts = st.fixed_dictionaries({name: st.integers(0, 9) for name in COUNTS})
qualities = st.sampled_from(["exact", "estimated", "inconsistent", "missing"])
stated = st.none() | st.decimals(0, 5, places=3)
usages = st.builds(
    lambda numbers, quality, cost: Usage(**numbers, quality=quality, stated_cost=cost), counts, qualities, stated
)  # fmt: skip


def numbers_of(usage: Usage) -> dict[str, int]:
    return {name: getattr(usage, name) for name in COUNTS}


def test_the_totals_count_every_class_once():
    usage = Usage(
        input=1, cache_read=2, cache_write=4, cache_write_1h=8, input_audio=16, input_image=32,
        output=64, output_audio=128, output_image=256, reasoning=60, searches=9,
    )  # fmt: skip

    assert (usage.input_total, usage.output_total, usage.total) == (63, 448, 511)


@given(usages, usages)
def test_a_sum_has_the_sum_of_every_class(first: Usage, second: Usage):
    summed = numbers_of(first + second)

    assert summed == {name: numbers_of(first)[name] + numbers_of(second)[name] for name in COUNTS}
    assert (first + second).total == first.total + second.total


@given(usages, usages, usages)
def test_the_order_of_adding_does_not_matter(first: Usage, second: Usage, third: Usage):
    assert first + second == second + first
    assert (first + second) + third == first + (second + third)


@given(usages)
def test_nothing_added_changes_nothing_but_the_stated_cost(usage: Usage):
    assert numbers_of(usage + Usage()) == numbers_of(usage)
    assert (usage + Usage()).quality == usage.quality


def test_the_worse_quality_holds_for_the_sum():
    assert (Usage() + Usage(quality="estimated")).quality == "estimated"
    assert (Usage(quality="inconsistent") + Usage(quality="estimated")).quality == "inconsistent"
    assert (MISSING + Usage(quality="inconsistent")).quality == "missing"


def test_a_stated_cost_is_known_only_if_both_are():
    first, second = Usage(stated_cost=Decimal("0.1")), Usage(stated_cost=Decimal("0.2"))

    assert (first + second).stated_cost == Decimal("0.3")
    assert (first + Usage()).stated_cost is None
