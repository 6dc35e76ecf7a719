"""Token counts in the shapes that providers send: disjoint classes, proven by the provider's own total."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from quorate.types.usage import Usage
from quorate.types.value import replace
from quorate.wire.openai_chat.usage import read_usage, write_usage
from tests.wire.openai_chat.given import reply


def counts(prompt: int, completion: int, total: int, **more: Any) -> dict[str, Any]:
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": total, **more}


def read(prompt: int, completion: int, total: int, **more: Any) -> Usage:
    return replace(read_usage(counts(prompt, completion, total, **more)), vendor={})


@pytest.mark.parametrize(
    ("raw", "usage"),
    [
        (counts(5, 3, 8), Usage(input=5, output=3)),
        (
            counts(
                10,
                9,
                19,
                prompt_tokens_details={"cached_tokens": 4, "audio_tokens": 1},
                completion_tokens_details={"reasoning_tokens": 5, "audio_tokens": 2},
            ),
            Usage(input=5, cache_read=4, input_audio=1, output=7, reasoning=5, output_audio=2),
        ),
        (
            counts(12, 1, 241, completion_tokens_details={"reasoning_tokens": 228}),
            Usage(input=12, output=229, reasoning=228),
        ),
        (
            counts(11, 15, 401, prompt_tokens_details={"audio_tokens": 375, "cached_tokens": 9}),
            Usage(input=2, cache_read=9, input_audio=375, output=15),
        ),
        (
            counts(30, 1, 31, prompt_cache_hit_tokens=20, prompt_cache_miss_tokens=10),
            Usage(input=10, cache_read=20, output=1),
        ),
        (counts(30, 1, 31, cached_tokens=20), Usage(input=10, cache_read=20, output=1)),
        (counts(30, 1, 31, num_cached_tokens=20), Usage(input=10, cache_read=20, output=1)),
        (
            counts(
                30,
                1,
                31,
                prompt_tokens_details={"cached_tokens": 5, "cache_write_tokens": 12},
                cache_creation={"ephemeral_1h_input_tokens": 2},
            ),
            Usage(input=13, cache_read=5, cache_write=10, cache_write_1h=2, output=1),
        ),
        (
            counts(
                30,
                9,
                39,
                prompt_tokens_details={"image_tokens": 20},
                completion_tokens_details={"image_tokens": 8},
            ),
            Usage(input=10, input_image=20, output=1, output_image=8),
        ),
        (
            counts(30, 1, 31, prompt_tokens_details={"image_tokens": 20, "cached_tokens": 25}),
            Usage(input=5, cache_read=25, output=1),
        ),
        (counts(5, 3, 8, num_search_queries=2), Usage(input=5, output=3, searches=2)),
        (
            counts(5, 3, 8, prompt_tokens_details=None, completion_tokens_details="x"),
            Usage(input=5, output=3),
        ),
        ({"prompt_tokens": 5, "completion_tokens": 3}, Usage(input=5, output=3)),
        (counts(0, 0, 0), Usage()),
        (
            counts(5, 3, 8, completion_tokens_details={"reasoning_tokens": 4}),
            Usage(input=5, output=3, reasoning=3),
        ),
    ],
    ids=[
        "plain",
        "all details",
        "thoughts counted apart",
        "sound counted apart",
        "hits and misses",
        "cached, flat",
        "cached, flat, by another name",
        "written to a cache",
        "images",
        "images from the cache",
        "searches",
        "details of wrong types",
        "no total",
        "nothing used",
        "more thoughts than words",
    ],
)
def test_the_classes_are_disjoint(raw: dict[str, Any], usage: Usage):
    assert replace(read_usage(raw), vendor={}) == usage


@pytest.mark.parametrize(
    "raw",
    [
        counts(7, 0, 8),
        counts(10, 213, 223, prompt_tokens_details={"cached_tokens": 161}),
        counts(10, 1, 11, prompt_tokens_details={"cached_tokens": 8, "audio_tokens": 5}),
        counts(10, 1, 11, completion_tokens_details={"audio_tokens": 5}),
    ],
)
def test_counts_that_contradict_each_other_are_inconsistent(raw: dict[str, Any]):
    usage = read_usage(raw)
    assert usage.quality == "inconsistent"
    assert min(usage.input, usage.output) >= 0


@pytest.mark.parametrize(
    ("more", "cost"),
    [
        (
            {"cost": 0.0014925, "is_byok": False, "cost_details": {"upstream_inference_cost": 0.001}},
            "0.0014925",
        ),
        ({"cost": 0, "is_byok": True, "cost_details": {"upstream_inference_cost": 0.00417}}, "0"),
        ({"cost": 0.0001, "is_byok": True, "cost_details": {"upstream_inference_cost": None}}, "0.0001"),
        ({"cost": {"total_cost": 0.00501}}, "0.00501"),
        ({"cost_in_usd_ticks": 1176500}, "0.00011765"),
        ({"estimated_cost": 1e-05}, "0.00001"),
    ],
)
def test_what_the_provider_says_it_charged(more: dict[str, Any], cost: str):
    assert read(5, 3, 8, **more).stated_cost == Decimal(cost)


def test_what_a_gateway_charges_and_what_is_billed_behind_it_are_kept_apart():
    raw = counts(5, 3, 8, cost=0.0001, is_byok=True, cost_details={"upstream_inference_cost": 0.00417})

    usage = read_usage(raw)
    told_anew = read_usage(write_usage(replace(usage, vendor={})))

    assert (usage.stated_cost, usage.upstream_cost) == (Decimal("0.0001"), Decimal("0.00417"))
    assert usage.stated_total == Decimal("0.00427")
    assert (told_anew.stated_cost, told_anew.upstream_cost) == (usage.stated_cost, usage.upstream_cost)


def test_what_the_gateway_itself_paid_is_not_billed_twice():
    raw = counts(5, 3, 8, cost=0.00417, is_byok=False, cost_details={"upstream_inference_cost": 0.00417})

    assert read_usage(raw).stated_total == Decimal("0.00417")


def test_what_the_provider_says_beside_its_counts():
    read = reply({"content": "a"}, usage=counts(5, 3, 8), cost={"usd": 0.0005813, "diem": 0})
    assert read.usage.stated_cost == Decimal("0.0005813")


def test_the_providers_own_object_goes_on():
    raw = counts(5, 3, 8, queue_time=0.25)
    assert write_usage(read_usage(raw)) == raw


@pytest.mark.parametrize("raw", [None, {}])
def test_no_usage_is_missing_and_not_zero(raw: Any):
    assert read_usage(raw).quality == "missing"
    assert write_usage(read_usage(raw)) is None
