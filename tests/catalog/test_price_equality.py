"""Our sums are the price package's own, for every model it knows and any usage."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from genai_prices.types import Usage as PackageUsage
from hypothesis import given
from hypothesis import strategies as st

from quorate.catalog.price_data import load
from quorate.catalog.prices import PriceBook
from quorate.types.usage import Usage

DATA = load()
BOOK = PriceBook()
CONTEXTS = {
    "": None,
    "flex": {"service_tier": "flex"},
    "priority": {"service_tier": "priority"},
    "fast": {"service_tier": "fast", "speed": "fast"},
    "batch": {"processing": "batch"},
}
MODELS = [(provider, model) for provider in DATA.every for model in provider.models]
COUNTS = st.just(0) | st.integers(0, 600_000)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 6, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001


@st.composite
def usages(draw) -> Usage:
    output = draw(COUNTS)
    return Usage(
        input=draw(COUNTS),
        cache_read=draw(COUNTS),
        cache_write=draw(COUNTS),
        cache_write_1h=draw(COUNTS),
        input_audio=draw(COUNTS),
        input_image=draw(COUNTS),
        output=output,
        reasoning=draw(st.integers(0, output)),
        output_audio=draw(COUNTS),
        output_image=draw(COUNTS),
        searches=draw(st.just(0) | st.integers(0, 20)),
    )


def as_the_package_counts(usage: Usage) -> PackageUsage:
    return PackageUsage(
        input_tokens=usage.input_total,
        cache_read_tokens=usage.cache_read,
        cache_write_tokens=usage.cache_write + usage.cache_write_1h,
        cache_write_1h_tokens=usage.cache_write_1h,
        input_audio_tokens=usage.input_audio,
        input_image_tokens=usage.input_image,
        input_video_tokens=0,
        cache_audio_read_tokens=0,
        cache_image_read_tokens=0,
        output_tokens=usage.output_total,
        output_reasoning_tokens=usage.reasoning,
        output_citation_tokens=0,
        output_audio_tokens=usage.output_audio,
        output_image_tokens=usage.output_image,
        output_video_tokens=0,
        web_searches=usage.searches,
    )


def package_price(provider, model, usage, at, tier):
    return model.calc_price(
        as_the_package_counts(usage), provider, genai_request_timestamp=at, price_context=CONTEXTS[tier]
    ).total_price


@given(st.sampled_from(MODELS), usages(), MOMENTS, st.just("") | st.sampled_from(sorted(CONTEXTS)))
def test_a_charge_is_what_the_package_reckons(pair, usage, at, tier):
    provider, named = pair
    found = provider.find_model(named.id, all_providers=DATA.every)

    charge = BOOK.charge(provider.id, named.id, usage, at=at, tier=tier)

    assert charge is None or charge.dollars == package_price(provider, found or named, usage, at, tier)


USED = Usage(
    input=150_000, cache_read=70_000, cache_write=60_000, cache_write_1h=50_000, output=900, reasoning=300
)
"""Above every length at which a price changes, but one."""


@pytest.mark.parametrize("hours", [0, 3, 9, 20])
def test_every_model_with_prices_of_text_is_priced_like_the_package(hours):
    at = datetime(2026, 11, 20, tzinfo=UTC) + timedelta(hours=hours)
    charges = {
        (provider.id, model.id): BOOK.charge(provider.id, model.id, USED, at=at) for provider, model in MODELS
    }
    priced = {
        (provider.id, model.id): package_price(provider, found, USED, at, "")
        for provider, model in MODELS
        if (found := provider.find_model(model.id)) is not None
        and found.get_prices(at).input_mtok is not None
        and found.get_prices(at).output_mtok is not None
    }

    ours = {key: charge.dollars for key, charge in charges.items() if charge is not None}

    assert len(priced) > 1_900
    assert {key: ours.get(key) for key in priced} == priced
