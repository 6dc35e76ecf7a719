"""Token counts: the classes are disjoint, and sum to the provider's own total."""

from __future__ import annotations

from typing import Any

import pytest

from quorate.types.usage import MISSING
from quorate.wire.bedrock.usage import read_usage
from tests.wire import laws

CACHED = {
    "inputTokens": 10,
    "outputTokens": 5,
    "totalTokens": 1115,
    "cacheReadInputTokens": 1000,
    "cacheReadInputTokenCount": 1000,
    "cacheWriteInputTokens": 100,
    "cacheWriteInputTokenCount": 100,
    "cacheDetails": [{"ttl": "1h", "inputTokens": 60}, {"ttl": "5m", "inputTokens": 40}],
}


def test_what_was_cached_stands_beside_the_input():
    usage = read_usage(CACHED)

    laws.usage_adds_up(usage, 1110, 5)
    assert (usage.input, usage.cache_read, usage.cache_write, usage.cache_write_1h) == (10, 1000, 40, 60)
    assert usage.vendor == {"bedrock": CACHED}


def test_older_answers_tell_a_count_under_one_name():
    told = {
        "inputTokens": 1,
        "outputTokens": 2,
        "totalTokens": 10,
        "cacheReadInputTokenCount": 3,
        "cacheWriteInputTokenCount": 4,
    }

    laws.usage_adds_up(read_usage(told), 8, 2)


@pytest.mark.parametrize(
    "change",
    [
        {"totalTokens": 1116},
        {"cacheReadInputTokens": 0},
        {"cacheDetails": [{"ttl": "1h", "inputTokens": 101}]},
    ],
)
def test_counts_that_contradict_one_another_are_not_believed(change: dict[str, Any]):
    assert read_usage(CACHED | change).quality == "inconsistent"


@pytest.mark.parametrize("told", [None, {}, [], {"totalTokens": 5}])
def test_where_nothing_is_told_the_usage_is_missing(told: object):
    assert read_usage(told) == MISSING


def test_a_missing_total_contradicts_nothing():
    assert read_usage({"inputTokens": 3, "outputTokens": 4}).quality == "exact"
