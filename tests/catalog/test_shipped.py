"""The table that ships: whole, light, and of providers we have."""

from __future__ import annotations

import zlib
from collections import Counter

from quorate.catalog.catalog import Catalog
from quorate.catalog.offers import Source
from quorate.catalog.shipped import TABLE, Shipped
from quorate.providers.book import ProviderBook

MODELS = [model for models in Shipped().values() for model in models]


def test_the_table_is_light():
    assert len(zlib.compress(TABLE.read_bytes(), 9)) < 100_000


def test_every_provider_of_the_table_has_a_row():
    assert {model.provider for model in MODELS} <= set(ProviderBook(plug_ins=dict).names)


def test_no_model_stands_there_twice():
    assert [
        key for key, count in Counter((model.provider, model.id) for model in MODELS).items() if count > 1
    ] == []


def test_every_row_has_its_source_and_day():
    assert all(model.source and model.told for model in MODELS)


def test_well_known_models_have_their_limits_and_features():
    catalog = Catalog()
    mini = catalog.get(Source(name="openai", vendor="openai"), "gpt-5-mini")
    pro = catalog.get(Source(name="google", vendor="google"), "gemini-2.5-pro")
    sonnet = catalog.get(Source(name="anthropic", vendor="anthropic"), "claude-sonnet-4-5")

    assert mini is not None
    assert pro is not None
    assert sonnet is not None
    assert (mini.context, mini.max_output) == (272_000, 128_000)
    assert {"tools", "schema", "reasoning", "vision"} <= set(mini.features)
    assert (pro.context, pro.max_output) == (1_048_576, 65_536)
    assert {"audio_in", "video_in", "files"} <= set(pro.features)
    assert (sonnet.context, sonnet.max_output) == (200_000, 64_000)


def test_a_model_at_a_host_borrows_its_makers_features():
    catalog = Catalog()

    model = catalog.get(Source(name="openrouter", vendor="openrouter"), "anthropic/claude-sonnet-4.5")

    assert model is not None
    assert "tools" in model.features
    assert "of the maker's own" in model.source
