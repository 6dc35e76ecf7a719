"""One shelf for limits, offers and prices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from quorate.catalog.catalog import Catalog
from quorate.catalog.model import Model
from quorate.catalog.offers import Source
from quorate.catalog.prices import PriceBook, PriceRule
from quorate.catalog.shelf import ModelShelf
from quorate.types.work import ModelInfo

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TABLE = {
    "dear": [Model(provider="dear", id="swift-1", context=1000, max_output=100)],
    "cheap": [Model(provider="cheap", id="maker/swift-1")],
    "free": [Model(provider="free", id="swift-1")],
}
RULES = (
    PriceRule(provider="dear", model="*", rates={"input": Decimal(9), "output": Decimal(20)}),
    PriceRule(provider="cheap", model="*", rates={"input": Decimal(1), "output": Decimal("2.50")}),
)


def shelf() -> ModelShelf:
    return ModelShelf(Catalog(read=lambda: TABLE), PriceBook(RULES), lambda: NOON)


def test_limits_are_those_of_the_model():
    limits = shelf().limits("dear", "Swift-1")

    assert limits is not None
    assert (limits.context, limits.max_output) == (1000, 100)
    assert shelf().limits("nobody", "swift-1") is None


def test_a_bare_name_leads_to_the_cheapest_and_to_its_name_there():
    sources = [Source(name=name, vendor=name) for name in TABLE]

    offers = shelf().offers("swift-1", sources)

    assert [offer.name for offer in offers] == ["cheap/maker/swift-1", "dear/swift-1", "free/swift-1"]
    assert shelf().providers_of("swift-1") == ["cheap", "dear", "free"]


def test_models_come_with_their_prices():
    (model,) = shelf().of_provider("cheap")

    assert (model.input_price, model.output_price) == (Decimal(1), Decimal("2.5"))
    assert model.price_rule == "settings: cheap/*"


def test_an_unknown_price_is_none():
    (model,) = shelf().of_provider("free")

    assert (model.input_price, model.output_price, model.price_rule) == (None, None, "")


def test_what_a_provider_lists_is_told_with_its_age_and_what_else_is_known():
    found = (ModelInfo(id="swift-1", context=2000), ModelInfo(id="swift-2"))

    swift, fresh = shelf().with_discovered("mine", found, 60.0, vendor="dear")

    assert (swift.context, swift.max_output, swift.input_price) == (2000, 100, Decimal(9))
    assert fresh.age(NOON) == timedelta(seconds=60)


def test_every_name_is_known():
    assert sorted(shelf().names()) == ["cheap/maker/swift-1", "dear/swift-1", "free/swift-1"]
