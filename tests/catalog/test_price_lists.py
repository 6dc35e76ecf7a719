"""Prices that a provider's own list tells: after the operator's word, before the shipped ones."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from quorate.catalog.prices import PriceBook, PriceRule, Variant
from quorate.types.usage import Charge, Usage
from quorate.types.work import ListedPrice, ModelInfo

AUTUMN = datetime(2026, 11, 20, 12, tzinfo=UTC)
YESTERDAY = datetime(2026, 11, 19, 8, tzinfo=UTC)
VARIANTS: dict[str, dict[str, Variant]] = {"market": {"free": "free", "nitro": "same"}}


def model(name: str, price: str, **longer: str) -> ModelInfo:
    rates = {"input": Decimal(price), "output": Decimal(price)}
    more = tuple(
        ListedPrice(rates={"input": Decimal(each), "output": Decimal(each)}, above=int(above[1:]))
        for above, each in longer.items()
    )
    return ModelInfo(id=name, prices=(ListedPrice(rates=rates), *more))


def book(*models: ModelInfo, rules: tuple[PriceRule, ...] = ()) -> PriceBook:
    made = PriceBook(rules, variants=VARIANTS)
    made.learn("mine", YESTERDAY, models)
    return made


def charge(
    made: PriceBook, name: str, *, tokens: int = 10, of: str = "mine", tier: str = ""
) -> Charge | None:
    return made.charge("market", name, Usage(input=tokens), at=AUTUMN, name=of, tier=tier)


def test_a_listed_price_holds_and_says_where_it_stands():
    told = charge(book(model("maker/model", "0.01")), "maker/Model")

    assert told == Charge(dollars=Decimal("0.10"), rule="list of 'mine' of 2026-11-19: maker/Model")


def test_a_longer_prompt_costs_what_the_list_says_of_it():
    told = charge(book(model("m", "0.01", _100="0.02")), "m", tokens=101)

    assert told is not None
    assert (told.dollars, told.rule.rpartition(", ")[2]) == (Decimal("2.02"), "above 100 tokens")


def test_the_operators_word_goes_before():
    rule = PriceRule(model="m", rates={"input": Decimal(1), "output": Decimal(1)})
    told = charge(book(model("m", "0.01"), rules=(rule,)), "m", tokens=1_000_000)

    assert told is not None
    assert told.dollars == 1


def test_the_list_of_another_provider_of_that_kind_says_nothing():
    made = book(model("m", "0.01"))

    assert charge(made, "m", of="other") is None


def test_a_later_list_takes_the_place_of_an_earlier_one():
    made = book(model("m", "0.01"))
    before = charge(made, "m")

    made.learn("mine", AUTUMN, [model("m", "0.02")])

    assert before is not None
    assert (before.dollars, charge(made, "m")) == (
        Decimal("0.10"),
        Charge(dollars=Decimal("0.20"), rule="list of 'mine' of 2026-11-20: m"),
    )


@pytest.mark.parametrize(
    ("name", "dollars"), [("m:nitro", "0.10"), ("m:free", "0"), ("other:free", "0"), ("m:own", "0.50")]
)
def test_the_end_of_a_name_is_priced_right(name: str, dollars: str):
    told = charge(book(model("m", "0.01"), model("m:own", "0.05")), name)

    assert told is not None
    assert told.dollars == Decimal(dollars)


@pytest.mark.parametrize("name", ["m:strange", "unknown", "unknown:nitro", ":free"])
def test_a_name_that_nobody_knows_has_no_price(name: str):
    assert charge(book(model("m", "0.01")), name) is None


def test_a_tier_that_lists_do_not_tell_of_has_no_listed_price():
    assert charge(book(model("m", "0.01")), "m", tier="priority") is None


def test_lists_that_were_kept_are_recalled_once_with_the_first_price():
    asked: list[str] = []

    def recall() -> None:
        asked.append("lists")
        made.learn("mine", YESTERDAY, [model("m", "0.01")])

    made = PriceBook(recall=recall)
    charges = [charge(made, "m"), charge(made, "m"), charge(made, "n")]

    assert asked == ["lists"]
    assert charges[0] == charges[1] == Charge(dollars=Decimal("0.10"), rule="list of 'mine' of 2026-11-19: m")


def test_what_a_gateway_charges_and_what_is_billed_behind_it_are_the_cost_together():
    usage = Usage(input=1, stated_cost=Decimal("0.0001"), upstream_cost=Decimal("0.002"))

    told = book().charge("market", "m", usage, at=AUTUMN)

    assert told == Charge(dollars=Decimal("0.0021"), rule="stated by the provider")
