"""What calls cost, against sums done by hand from the providers' own price pages."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from quorate.catalog.price_data import load
from quorate.catalog.prices import STATED, PriceBook, PriceRule
from quorate.catalog.rates import RateClass
from quorate.types.usage import MISSING, Usage
from quorate.types.value import replace

AUTUMN = datetime(2026, 11, 20, 12, tzinfo=UTC)
SHIPPED = PriceBook(ids={"google": "google", "xai": "x-ai", "huggingface": "huggingface_{suffix}"})


def dollars(provider: str, model: str, usage: Usage, **how) -> Decimal | None:
    charge = SHIPPED.charge(provider, model, usage, at=how.pop("at", AUTUMN), **how)
    return charge and charge.dollars


def per_million(*sums: tuple[int, str]) -> Decimal:
    return sum((count * Decimal(price) / 1_000_000 for count, price in sums), Decimal(0))


def test_openai_bills_cached_input_at_a_tenth():
    usage = Usage(input=1_000, cache_read=9_000, output=500, reasoning=200)

    assert dollars("openai", "gpt-5-mini", usage) == per_million(
        (1_000, "0.25"), (9_000, "0.025"), (500, "2")
    )


def test_anthropic_bills_short_and_long_cache_writes_apart():
    usage = Usage(input=100, cache_read=10_000, cache_write=2_000, cache_write_1h=3_000, output=50)

    assert dollars("anthropic", "claude-sonnet-4-5", usage) == per_million(
        (100, "3"), (10_000, "0.30"), (2_000, "3.75"), (3_000, "6"), (50, "15")
    )


def test_anthropic_bills_web_searches_by_the_piece():
    usage = Usage(input=100, output=50, searches=3)

    assert dollars("anthropic", "claude-sonnet-4-5", usage) == per_million((100, "3"), (50, "15")) + Decimal(
        "0.03"
    )


def test_gemini_bills_sound_apart():
    usage = Usage(input=1_000, input_audio=2_000, output=100)

    assert dollars("google", "gemini-2.5-flash", usage) == per_million(
        (1_000, "0.30"), (2_000, "1"), (100, "2.5")
    )


def test_gemini_bills_a_long_prompt_dearer_and_all_of_it():
    short = Usage(input=150_000, cache_read=50_000, output=100)
    long = replace(short, input=150_001)

    assert dollars("google", "gemini-2.5-pro", short) == per_million(
        (150_000, "1.25"), (50_000, "0.125"), (100, "10")
    )
    assert dollars("google", "gemini-2.5-pro", long) == per_million(
        (150_001, "2.50"), (50_000, "0.25"), (100, "15")
    )


def test_deepseek_bills_a_cache_hit_and_the_time_of_day():
    usage = Usage(input=1_000_000, cache_read=1_000_000, output=1_000_000)
    midday = datetime(2026, 11, 20, 12, tzinfo=UTC)
    morning = datetime(2026, 11, 20, 3, 59, tzinfo=timezone(timedelta(hours=0)))

    assert dollars("deepseek", "deepseek-v4-pro", usage, at=midday) == Decimal("0.66") + Decimal(
        "0.022"
    ) + Decimal("1.98")
    assert dollars("deepseek", "deepseek-v4-pro", usage, at=morning) == Decimal("1.32") + Decimal(
        "0.044"
    ) + Decimal("3.96")


@pytest.mark.parametrize(
    ("tier", "batch", "price"),
    [
        ("", False, "5"),
        ("default", False, "5"),
        ("auto", False, "5"),
        ("Standard", False, "5"),
        ("flex", False, "2.5"),
        ("priority", False, "12.5"),
        ("fast", False, "12.5"),
        ("batch", False, "2.5"),
        ("flex", True, "2.5"),
        ("", True, "2.5"),
    ],
)
def test_each_service_tier_has_its_price(tier, batch, price):
    usage = Usage(input=1_000)

    assert dollars("openai", "gpt-5.5", usage, tier=tier, batch=batch) == per_million((1_000, price))


@pytest.mark.parametrize(
    ("provider", "model", "tier"),
    [
        ("openai", "gpt-5.5", "scale"),
        ("openai", "gpt-4o-mini", "turbo"),
        ("anthropic", "claude-sonnet-4-5", "priority"),
        ("mistral", "mistral-large-latest", "flex"),
        ("azure", "gpt-5.5", "flex"),
    ],
)
def test_a_tier_without_a_price_is_unpriced_and_never_the_standard_price(provider, model, tier):
    assert dollars(provider, model, Usage(input=1_000)) is not None
    assert dollars(provider, model, Usage(input=1_000), tier=tier) is None


def test_a_tier_that_costs_the_same_is_priced_so():
    usage = Usage(input=1_000, output=10)

    assert dollars("groq", "llama-3.3-70b-versatile", usage, tier="flex") == dollars(
        "groq", "llama-3.3-70b-versatile", usage
    )


def test_azure_borrows_the_prices_of_the_models_it_hosts():
    assert dollars("azure", "gpt-5-mini", Usage(input=1_000_000)) == Decimal("0.25")


def test_the_router_is_priced_by_the_host_behind_it():
    usage = Usage(input=1_000_000)

    assert dollars("huggingface", "openai/gpt-oss-120b:cerebras", usage) is not None
    assert dollars("huggingface", "openai/gpt-oss-120b", usage) is None


def test_what_the_provider_states_wins_over_all():
    usage = Usage(input=5, quality="inconsistent", stated_cost=Decimal("0.25"))

    charge = SHIPPED.charge("nobody", "nothing", usage, at=AUTUMN)

    assert charge is not None
    assert (charge.dollars, charge.rule) == (Decimal("0.25"), STATED)


@pytest.mark.parametrize(
    ("provider", "model", "usage"),
    [
        ("openai", "gpt-5-mini", MISSING),
        ("openai", "gpt-5-mini", Usage(input=5, quality="inconsistent")),
        ("openai", "gpt-99", Usage(input=5)),
        ("nobody", "gpt-5-mini", Usage(input=5)),
        ("my-openai-proxy", "gpt-5-mini", Usage(input=5)),
        ("google", "gemma-3", Usage(input=5)),
        ("openai", "text-embedding-3-small", Usage(input=5, output=5)),
        ("mistral", "mistral-small-latest", Usage(input=5, searches=1)),
        ("openai", "gpt-5-mini", Usage(input=5, output=1, reasoning=2)),
    ],
)
def test_the_unknown_is_none_and_never_nothing(provider, model, usage):
    assert dollars(provider, model, usage) is None


def test_an_estimated_usage_is_priced():
    assert dollars("openai", "gpt-5-mini", Usage(input=4, quality="estimated")) == Decimal("0.000001")


def test_a_charge_says_by_which_rule():
    def rule(provider, model, **how):
        charge = SHIPPED.charge(provider, model, Usage(input=300_000), at=AUTUMN, **how)
        return charge.rule if charge else None

    version = load().version
    assert rule("openai", "gpt-4o-mini") == f"genai-prices {version}: openai/gpt-4o-mini, since 2026-10-14"
    assert rule("openai", "gpt-5.5", tier="flex") == (
        f"genai-prices {version}: openai/gpt-5.5, flex, since 2026-10-14, above 272000 tokens"
    )
    assert rule("deepseek", "deepseek-v4-pro") == (
        f"genai-prices {version}: deepseek/deepseek-v4-pro, at 2026-11-20 12:00 UTC"
    )


def test_a_price_changes_on_its_day_though_it_was_looked_up_before():
    book = PriceBook()
    usage = Usage(input=1_000_000)
    early = book.charge("deepseek", "deepseek-v4-flash", usage, at=datetime(2026, 8, 16, 12, tzinfo=UTC))
    flex_before = book.charge(
        "openai", "gpt-5.5", usage, at=datetime(2026, 10, 11, 23, tzinfo=UTC), tier="flex"
    )
    flex_after = book.charge("openai", "gpt-5.5", usage, at=datetime(2026, 10, 12, tzinfo=UTC), tier="flex")

    assert early is not None
    assert early.dollars == Decimal("0.14")
    assert flex_before is None
    assert flex_after is not None


def test_a_moment_without_a_zone_is_universal_time():
    usage = Usage(input=1_000)

    assert dollars("openai", "gpt-5-mini", usage, at=datetime(2026, 11, 20, 12)) == Decimal("0.00025")  # noqa: DTZ001
    assert dollars("openai", "gpt-5-mini", usage, at=datetime(2026, 11, 20, 12)) == Decimal("0.00025")  # noqa: DTZ001


# The operator's own prices.


def own(*rules: PriceRule) -> PriceBook:
    return PriceBook(rules)


def test_an_operators_price_comes_before_the_shipped_one_and_loads_nothing():
    book = own(
        PriceRule(provider="openai", model="gpt-5*", rates={"input": Decimal(1), "output": Decimal(2)})
    )

    charge = book.charge(
        "openai", "gpt-5-mini", Usage(input=1_000, cache_read=1_000, output=1_000), at=AUTUMN
    )

    assert charge is not None
    assert (charge.dollars, charge.rule) == (Decimal("0.004"), "settings: openai/gpt-5*")
    assert not book.is_loaded


def test_an_operators_rules_know_tiers_lengths_and_days():
    base: dict[RateClass, Decimal] = {"input": Decimal(1)}
    long: dict[RateClass, Decimal] = {"input": Decimal(3)}
    book = own(
        PriceRule(model="m", rates=base),
        PriceRule(model="m", rates=long, above=1_000),
        PriceRule(model="m", rates={"input": Decimal(5)}, tier="flex"),
        PriceRule(model="m", rates={"input": Decimal(7)}, since=date(2026, 12, 1)),
    )
    usage = Usage(input=1_000)

    def paid(at=AUTUMN, **how):
        charge = book.charge("any", "m", how.pop("usage", usage), at=at, **how)
        return charge.dollars * 1_000_000 if charge else None

    assert paid() == 1_000
    assert paid(usage=Usage(input=1_001)) == 3_003
    assert paid(tier="flex") == 5_000
    assert paid(at=datetime(2026, 12, 1, tzinfo=UTC)) == 7_000
    assert paid() == 1_000


def test_a_price_that_begins_later_leaves_the_shipped_one_until_then():
    book = own(PriceRule(model="gpt-5-mini", rates={"input": Decimal(9)}, since=date(2027, 1, 1)))
    usage = Usage(input=1_000_000)

    before = book.charge("openai", "gpt-5-mini", usage, at=AUTUMN)
    after = book.charge("openai", "gpt-5-mini", usage, at=datetime(2027, 1, 1, tzinfo=UTC))

    assert before is not None
    assert after is not None
    assert (before.dollars, after.dollars) == (Decimal("0.25"), Decimal(9))


def test_searches_and_requests_are_priced_by_the_piece():
    rates: dict[RateClass, Decimal] = {
        "input": Decimal(1),
        "search": Decimal("0.01"),
        "request": Decimal("0.005"),
    }
    book = own(PriceRule(model="m", rates=rates))

    charge = book.charge("p", "m", Usage(input=1_000_000, searches=2), at=AUTUMN)

    assert charge is not None
    assert charge.dollars == Decimal("1.025")


def test_a_rule_that_holds_for_long_prompts_only_says_nothing_of_short_ones():
    book = own(PriceRule(provider="p", model="m", rates={"input": Decimal(1)}, above=100))

    assert book.charge("p", "m", Usage(input=50), at=AUTUMN) is None


def test_the_whole_tariff_can_be_seen():
    tariff = SHIPPED.tariff("google", "gemini-2.5-pro", at=AUTUMN)

    assert tariff is not None
    assert [band.above for band in tariff.bands] == [200_000, -1]
    assert SHIPPED.tariff("openai", "gpt-99", at=AUTUMN) is None


def test_a_quote_is_that_of_a_short_prompt():
    pro = SHIPPED.quote("google", "gemini-2.5-pro", at=AUTUMN)
    mini = SHIPPED.quote("openai", "gpt-5-mini", at=AUTUMN)

    assert pro is not None
    assert mini is not None
    assert (pro.input, pro.output, pro.cache_read) == (Decimal("1.25"), Decimal(10), Decimal("0.125"))
    assert (pro.dearer_above, mini.dearer_above) == (200_000, None)
    assert SHIPPED.quote("openai", "gpt-99", at=AUTUMN) is None


def test_memory_of_prices_has_an_end(monkeypatch):
    monkeypatch.setattr("quorate.catalog.prices._MOST", 3)
    book = PriceBook()

    charges = [book.charge("openai", f"made-up-{n}", Usage(input=1), at=AUTUMN) for n in range(10)]

    assert charges == [None] * 10
    assert len(book._known) <= 3


def test_neither_the_import_nor_the_book_loads_the_prices():
    code = (
        "import sys; from quorate.catalog.prices import PriceBook; from quorate.catalog.catalog import Catalog;"
        "book, catalog = PriceBook(), Catalog(); assert not book.is_loaded;"
        "assert not {'genai_prices', 'pydantic'} & set(sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
