"""Tokens: disjoint classes, counts that come in two halves, and counts that contradict one another."""

from __future__ import annotations

import pytest

from quorate.types.usage import MISSING, Usage
from quorate.wire.anthropic.usage import read_usage, write_usage

from .making import ended, frame, message, reply_of, started, streamed


def counted(**counts) -> Usage:
    return reply_of(message(usage=counts)).usage


def test_caches_are_counted_apart():
    usage = counted(
        input_tokens=10,
        cache_creation_input_tokens=70,
        cache_read_input_tokens=500,
        cache_creation={"ephemeral_5m_input_tokens": 30, "ephemeral_1h_input_tokens": 40},
        output_tokens=9,
        output_tokens_details={"thinking_tokens": 4},
        server_tool_use={"web_search_requests": 2},
    )

    assert (usage.input, usage.cache_read, usage.cache_write, usage.cache_write_1h) == (10, 500, 30, 40)
    assert (usage.output, usage.reasoning, usage.searches, usage.quality) == (9, 4, 2, "exact")
    assert usage.input_total == 580


def test_what_the_split_does_not_place_was_kept_for_no_told_time():
    usage = counted(input_tokens=1, output_tokens=1, cache_creation_input_tokens=70, cache_creation={})

    assert (usage.cache_write, usage.cache_write_1h, usage.quality) == (70, 0, "exact")


def test_the_providers_object_is_kept_and_written_back():
    counts = {"input_tokens": 1, "output_tokens": 2, "service_tier": "batch", "x_new": {"a": None}}
    usage = counted(**counts)

    assert usage.vendor == {"anthropic": counts}
    assert write_usage(usage) == counts


def test_later_counts_of_a_stream_replace_earlier_ones():
    usage = streamed(
        started(input_tokens=10, cache_read_input_tokens=5, output_tokens=1, service_tier="standard"),
        ended(usage={"input_tokens": 30, "cache_read_input_tokens": None, "output_tokens": 20}),
    ).usage

    assert (usage.input, usage.cache_read, usage.output) == (30, 5, 20)
    assert usage.vendor["anthropic"]["service_tier"] == "standard"


def test_counts_may_come_with_the_last_event_alone():
    usage = streamed(
        frame("message_start", message=message(usage=None)),
        ended(usage={"input_tokens": 3, "output_tokens": 4}),
    ).usage

    assert (usage.input, usage.output) == (3, 4)


def test_a_split_older_than_its_total_stays_as_far_as_it_goes():
    usage = streamed(
        started(
            input_tokens=1,
            cache_creation_input_tokens=10,
            cache_creation={"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 10},
        ),
        ended(usage={"cache_creation_input_tokens": 50, "output_tokens": 4}),
    ).usage

    assert (usage.cache_write, usage.cache_write_1h, usage.quality) == (40, 10, "exact")


def test_a_pass_that_compacts_is_counted_although_the_totals_leave_it_out():
    usage = counted(
        input_tokens=200,
        output_tokens=20,
        iterations=[
            {"type": "compaction", "input_tokens": 8000, "output_tokens": 150, "cache_read_input_tokens": 5},
            {"type": "message", "input_tokens": 150, "output_tokens": 15},
            {"type": "message", "input_tokens": 50, "output_tokens": 5},
        ],
    )

    assert (usage.input, usage.cache_read, usage.output, usage.quality) == (8200, 5, 170, "exact")


@pytest.mark.parametrize(
    "counts",
    [
        {"cache_creation_input_tokens": 5, "cache_creation": {"ephemeral_1h_input_tokens": 9}},
        {"output_tokens": 5, "output_tokens_details": {"thinking_tokens": 6}},
        {"input_tokens": 5, "iterations": [{"type": "message", "input_tokens": 6}]},
        {
            "input_tokens": 5,
            "iterations": [
                {"type": "message", "input_tokens": 5},
                {"type": "advisor_message", "input_tokens": 0, "model": "claude-y"},
            ],
        },
    ],
)
def test_counts_that_contradict_or_mix_prices_make_no_cost(counts):
    assert counted(**({"input_tokens": 0, "output_tokens": 0} | counts)).quality == "inconsistent"


@pytest.mark.parametrize("raw", [None, {}, [], "3"])
def test_nothing_said_is_missing(raw):
    assert read_usage(raw) == MISSING


def test_counts_of_other_protocols_are_told_in_the_classes_this_one_knows():
    usage = Usage(input=1, input_audio=2, input_image=3, cache_write=4, output=5, output_audio=6)

    assert write_usage(usage) == {
        "input_tokens": 6,
        "cache_creation_input_tokens": 4,
        "cache_read_input_tokens": 0,
        "output_tokens": 11,
    }
