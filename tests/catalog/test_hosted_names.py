"""Names that say more than the model: regions and addresses before it, as Amazon Bedrock has them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from quorate.catalog.catalog import Catalog
from quorate.catalog.offers import Source
from quorate.catalog.prices import PriceBook
from quorate.providers.book import ProviderBook

BEDROCK = Source(name="bedrock", vendor="bedrock")
NOW = datetime(2026, 11, 20, tzinfo=UTC)
CLAUDE = "anthropic.claude-sonnet-4-5-20250929-v1:0"
NAMES = [
    CLAUDE,
    f"us.{CLAUDE}",
    f"global.{CLAUDE}",
    f"arn:aws:bedrock:us-east-1:1:inference-profile/eu.{CLAUDE}",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_models_limits_are_known_wherever_it_is_served(name: str):
    known = Catalog().get(BEDROCK, name)

    assert known is not None
    assert (known.id, known.context, known.max_output) == (name, 200_000, 64_000)
    assert "tools" in known.features


@pytest.mark.parametrize("name", [*NAMES, "us.amazon.nova-lite-v1:0", "amazon.titan-embed-text-v2:0"])
def test_a_models_price_is_known_wherever_it_is_served(name: str):
    prices = PriceBook(ids={row.name: row.catalog for row in ProviderBook(plug_ins=dict) if row.catalog})
    prices.load()

    assert prices.quote("bedrock", name, at=NOW) is not None


def test_a_regions_price_is_its_own():
    prices = PriceBook(ids={"bedrock": "aws"})
    prices.load()
    here, anywhere = (prices.quote("bedrock", f"{region}.{CLAUDE}", at=NOW) for region in ("us", "global"))

    assert here is not None
    assert anywhere is not None
    assert here.input is not None
    assert anywhere.input is not None
    assert here.input > anywhere.input


def test_an_address_of_ones_own_has_no_price():
    prices = PriceBook(ids={"bedrock": "aws"})
    prices.load()

    assert (
        prices.quote("bedrock", "arn:aws:bedrock:us-east-1:1:application-inference-profile/abc", at=NOW)
        is None
    )
