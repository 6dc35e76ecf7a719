"""Models are found by name, shipped under discovered under the operator's word; offers come in a fair order."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from quorate.catalog.catalog import Catalog, Listing
from quorate.catalog.listings import read_listings, write_listings
from quorate.catalog.model import Model
from quorate.catalog.offers import Offer, Source, in_order, offer
from quorate.types.work import ModelInfo

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
TABLE = [
    Model(
        provider="maker",
        id="swift-1",
        context=1000,
        max_output=100,
        features=("chat",),
        source="table",
        told=MONDAY,
    ),
    Model(provider="maker", id="swift-1-mini", context=500, last_day=date(2026, 12, 1)),
    Model(provider="host", id="maker/swift-1", context=900),
    Model(provider="host", id="maker/swift-1:free"),
    Model(provider="deep", id="accounts/deep/models/swift-1"),
]
VENDORS = ("maker", "host", "deep")
MAKER = Source(name="maker", vendor="maker", makes=("swift-*",))
HOST = Source(name="host", vendor="host")
DEEP = Source(name="deep", vendor="deep")
MINE = Source(name="mine", vendor="maker", priority=1)
SOURCES = (DEEP, HOST, MAKER)


def catalog(*words: Model) -> Catalog:
    return Catalog(words, read=lambda: {each: [m for m in TABLE if m.provider == each] for each in VENDORS})


def nobody_knows(_: Offer) -> Decimal | None:
    return None


def test_a_model_is_found_in_any_case():
    model = catalog().get(MAKER, "Swift-1")

    assert model is not None
    assert (model.name, model.context, model.max_output) == ("maker/swift-1", 1000, 100)


@pytest.mark.parametrize(
    "name",
    [
        "swift-1-2026-03-01",
        "swift-1-20260301",
        "swift-1@20260301",
        "swift-1-latest",
        "swift-1:latest",
        "swift-1:online",
    ],
)
def test_a_dated_or_routed_name_is_known_by_the_plain_one(name):
    model = catalog().get(MAKER, name)

    assert model is not None
    assert (model.context, model.last_day) == (1000, None)


def test_what_nobody_has_heard_of_is_none():
    assert catalog().get(MAKER, "swift-9") is None
    assert catalog().get(Source(name="x", vendor="unheard"), "swift-1") is None


def test_a_providers_list_lies_over_the_table_and_has_an_age():
    known = catalog()
    listed = (
        ModelInfo(id="swift-1", name="Swift One", context=2000, features=("vision", "nonsense")),
        ModelInfo(id="swift-2"),
    )

    known.learn(Listing(provider="maker", told=MONDAY, models=listed))
    model, fresh = known.get(MAKER, "swift-1"), known.get(MAKER, "swift-2")

    assert model is not None
    assert fresh is not None
    assert (model.title, model.context, model.max_output, model.features) == (
        "Swift One",
        2000,
        100,
        ("vision",),
    )
    assert model.source == "the provider's own list, table"
    assert fresh.age(MONDAY + timedelta(hours=3)) == timedelta(hours=3)


def test_a_list_belongs_to_the_entry_that_told_it():
    known = catalog()

    known.learn(Listing(provider="mine", told=MONDAY, models=(ModelInfo(id="private"),)))

    assert known.get(MINE, "private") is not None
    assert known.get(MAKER, "private") is None


def test_a_younger_list_takes_the_place_of_an_older_one():
    known = catalog()
    known.learn(Listing(provider="maker", told=MONDAY, models=(ModelInfo(id="old"),)))
    known.get(MAKER, "old")

    known.learn(Listing(provider="maker", told=MONDAY, models=(ModelInfo(id="young"),)))

    assert known.get(MAKER, "old") is None
    assert known.get(MAKER, "young") is not None


def test_the_operators_word_lies_on_top():
    words = (
        Model(provider="maker", id="swift-*", context=64),
        Model(provider="*", id="swift-1", max_output=7),
    )

    model = catalog(*words).get(MAKER, "swift-1")

    assert model is not None
    assert (model.context, model.max_output, model.features) == (64, 7, ("chat",))


def test_the_operators_word_may_name_a_model_nobody_else_knows():
    known = catalog(Model(provider="maker", id="house-model", context=64))

    assert [each.name for each in known.offers("house-model", SOURCES)] == ["maker/house-model"]


def test_a_pattern_of_the_operators_tells_of_models_nobody_listed():
    known = catalog(Model(provider="mine", id="local-*", context=4096))

    model = known.get(MINE, "local-7b")

    assert model is not None
    assert model.context == 4096
    assert known.offers("local-7b", SOURCES) == []


def test_a_bare_name_is_offered_by_all_whose_names_end_in_it():
    names = [each.name for each in catalog().offers("swift-1", SOURCES)]

    assert names == ["deep/accounts/deep/models/swift-1", "host/maker/swift-1", "maker/swift-1"]


def test_the_maker_comes_first_though_another_has_a_lower_number():
    host = Source(name="host", vendor="host", priority=-5)

    offers = in_order(catalog().offers("swift-1", [host, MAKER]), nobody_knows)

    assert [each.provider for each in offers] == ["maker", "host"]


def test_then_the_lowest_number_then_the_cheapest_then_the_name():
    model = TABLE[0]
    offers = [
        offer(Source(name=name, vendor=name, priority=priority), model)
        for name, priority in [("dear", 1), ("unknown", 1), ("cheap", 1), ("alike", 1), ("first", 0)]
    ]
    prices = {"dear": Decimal(9), "cheap": Decimal(2), "alike": Decimal(2), "first": Decimal(99)}

    ordered = in_order(offers, lambda each: prices.get(each.provider))

    assert [each.provider for each in ordered] == ["first", "alike", "cheap", "dear", "unknown"]


def test_no_price_is_asked_where_none_is_needed():
    asked: list[Offer] = []

    in_order(catalog().offers("swift-1", [HOST, MAKER]), asked.append)

    assert asked == []


def test_the_nearest_names_are_ones_that_can_be_had():
    assert catalog().nearest("swft-1", [MAKER]) == ["swift-1", "swift-1-mini"]
    assert catalog().nearest("maker/swift-mini", [MAKER])[0] == "swift-1-mini"
    assert catalog().nearest("zzz", [MAKER]) == []


def test_a_model_that_was_taken_away_says_so():
    model = catalog().get(MAKER, "swift-1-mini")

    assert model is not None
    assert not model.is_gone(date(2026, 12, 1))
    assert model.is_gone(date(2026, 12, 2))


def test_lists_are_kept_in_a_file(tmp_path):
    file = tmp_path / "cache" / "listings.json"
    told = (Listing(provider="maker", told=MONDAY, models=(ModelInfo(id="m", vendor={"x": [1]}),)),)

    write_listings(file, told)

    assert read_listings(file) == told
    assert [path.name for path in file.parent.iterdir()] == ["listings.json"]


def test_a_spoilt_or_absent_file_keeps_nothing(tmp_path):
    (tmp_path / "spoilt.json").write_bytes(b'[{"provider": 7')

    assert read_listings(tmp_path / "spoilt.json") == ()
    assert read_listings(tmp_path / "absent.json") == ()
