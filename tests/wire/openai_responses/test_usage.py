"""Token counts in disjoint classes, proved against the provider's total."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from quorate.types.chat import ChatReply, Finish
from quorate.types.usage import MISSING, Usage
from quorate.types.value import replace
from tests.wire.laws import assistant
from tests.wire.openai_responses.given import answered, reply


def usage(raw: dict[str, Any], **fields: Any) -> Usage:
    return replace(reply(usage=raw, **fields).usage, vendor={})


def counts(read: int, written: int, **more: Any) -> dict[str, Any]:
    return {"input_tokens": read, "output_tokens": written, "total_tokens": read + written} | more


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (counts(10, 5), Usage(input=10, output=5)),
        (
            counts(
                10,
                5,
                input_tokens_details={"cached_tokens": 4, "cache_write_tokens": 3},
                output_tokens_details={"reasoning_tokens": 2},
            ),
            Usage(input=3, cache_read=4, cache_write=3, output=5, reasoning=2),
        ),
        (
            counts(
                10,
                9,
                input_tokens_details={"audio_tokens": 2, "image_tokens": 3},
                output_tokens_details={"audio_tokens": 4, "image_tokens": 1},
            ),
            Usage(input=5, input_audio=2, input_image=3, output=4, output_audio=4, output_image=1),
        ),
        ({"input_tokens": 10, "output_tokens": 5}, Usage(input=10, output=5)),
        (
            counts(10, 5, output_tokens_details={"reasoning_tokens": 8}),
            Usage(input=10, output=5, reasoning=5),
        ),
        (
            counts(10, 5, cost_in_usd_ticks=123456),
            Usage(input=10, output=5, stated_cost=Decimal("0.0000123456")),
        ),
        (counts(10, 5, cost=0.5), Usage(input=10, output=5, stated_cost=Decimal("0.5"))),
        (
            counts(10, 5, cost=0, is_byok=True, cost_details={"upstream_inference_cost": 0.25}),
            Usage(input=10, output=5, stated_cost=Decimal(0), upstream_cost=Decimal("0.25")),
        ),
        (
            counts(10, 5, server_side_tool_usage_details={"web_search_calls": 2}),
            Usage(input=10, output=5, searches=2),
        ),
    ],
)
def test_each_token_is_counted_once(raw: dict[str, Any], told: Usage):
    assert usage(raw) == told


def test_searches_stand_beside_the_counts():
    assert usage(counts(1, 1), tool_usage={"web_search": {"num_requests": 3}}).searches == 3


@pytest.mark.parametrize(
    "raw",
    [
        counts(10, 5) | {"total_tokens": 99},
        counts(10, 5, input_tokens_details={"cached_tokens": 11}),
        counts(10, 5, output_tokens_details={"audio_tokens": 6}),
    ],
)
def test_counts_that_contradict_one_another_are_told_as_such(raw: dict[str, Any]):
    assert usage(raw).quality == "inconsistent"


@pytest.mark.parametrize("raw", [None, {}, 3])
def test_no_counts_are_missing_counts(raw: Any):
    assert reply(usage=raw).usage == MISSING


def test_foreign_counts_are_written_in_the_protocols_words():
    foreign = Usage(input=3, cache_read=4, cache_write=1, cache_write_1h=2, output=5, reasoning=2, searches=1)
    whole = ChatReply(id="r", model="m", message=assistant(), finish=Finish(reason="stop"), usage=foreign)

    told = answered(whole)

    assert told["usage"] == {
        "input_tokens": 10,
        "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 3},
        "output_tokens": 5,
        "output_tokens_details": {"reasoning_tokens": 2},
        "total_tokens": 15,
    }
    assert told["tool_usage"] == {"web_search": {"num_requests": 1}}
