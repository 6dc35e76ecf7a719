"""What providers' own lists tell of models beyond their names."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

from quorate.types.value import replace
from quorate.types.work import ListedPrice, ModelInfo
from quorate.wire.openai_chat import OPENAI_CHAT
from quorate.wire.seam import Call
from tests.wire.openai_chat.test_account import answer

MARKET: dict[str, Any] = {
    "id": "maker/model",
    "name": "Maker: Model",
    "created": 1_700_000_000,
    "context_length": 400_000,
    "architecture": {"input_modalities": ["text", "image", "file"], "output_modalities": ["text"]},
    "pricing": {
        "prompt": "0.00000125",
        "completion": "0.00001",
        "request": "0",
        "input_cache_read": "0.000000125",
        "web_search": "0.01",
        "overrides": [
            {"min_prompt_tokens": 200_000, "prompt": "0.0000025"},
            {"utc_start": 100, "utc_end": 400, "min_prompt_tokens": 5, "prompt": "0.0000001"},
        ],
    },
    "top_provider": {"context_length": 400_000, "max_completion_tokens": 128_000},
    "supported_parameters": ["tools", "structured_outputs", "reasoning", "temperature"],
    "expiration_date": "2027-06-01",
}

DEPLOYED: dict[str, Any] = {
    "model_name": "mini",
    "litellm_params": {"api_base": "http://127.0.0.1:9/secret", "model": "openai/mini"},
    "model_info": {
        "id": "806e",
        "mode": "chat",
        "max_input_tokens": 128_000,
        "max_output_tokens": 16_384,
        "input_cost_per_token": 1.5e-07,
        "output_cost_per_token": 6e-07,
        "input_cost_per_token_above_200k_tokens": 3e-07,
        "cache_creation_input_token_cost": None,
        "supports_function_calling": True,
        "supports_vision": True,
        "supports_reasoning": None,
    },
}


def listed(*items: Any) -> tuple[ModelInfo, ...]:
    return OPENAI_CHAT.work["models"].read_reply(answer({"data": list(items)})).models


def deployed(name: str = "mini", **info: Any) -> dict[str, Any]:
    return {**DEPLOYED, "model_name": name, "model_info": DEPLOYED["model_info"] | info}


def test_a_market_tells_limits_features_prices_and_the_last_day():
    (model,) = listed(MARKET)

    usual = {
        "input": Decimal("0.00000125"),
        "output": Decimal("0.00001"),
        "cache_read": Decimal("0.000000125"),
        "search": Decimal("0.01"),
    }
    assert (model.id, model.name, model.context, model.max_output) == (
        "maker/model",
        "Maker: Model",
        400_000,
        128_000,
    )
    assert set(model.features) == {
        "chat",
        "stream",
        "tools",
        "schema",
        "reasoning",
        "vision",
        "files",
        "cache",
    }
    assert model.prices == (
        ListedPrice(rates=usual),
        ListedPrice(rates=usual | {"input": Decimal("0.0000025")}, above=200_000),
    )
    assert model.last_day == date(2027, 6, 1)


def test_what_the_list_says_beside_that_goes_on_to_clients():
    models = OPENAI_CHAT.work["models"].read_reply(answer({"data": [MARKET]}))

    told = OPENAI_CHAT.work_fronts["models"].write_reply(models, Call(method="GET", path="/v1/models"))

    (entry,) = json.loads(told.body)["data"]
    assert entry | MARKET == entry


def test_a_model_without_price_costs_nothing_and_one_whose_price_varies_is_not_known():
    free = {"id": "maker/model:free", "pricing": {"prompt": "0", "completion": "0", "request": "0"}}
    varying = {"id": "auto", "pricing": {"prompt": "-1", "completion": "-1"}}
    silent = {"id": "old"}

    prices = [model.prices for model in listed(free, varying, silent)]

    assert [price.rates["input"] for price in prices[0]] == [Decimal(0)]
    assert prices[1:] == [(), ()]


def test_a_proxy_tells_of_its_deployments_and_not_of_what_is_behind_them():
    (model,) = listed(DEPLOYED)

    usual = {"input": Decimal("1.5E-7"), "output": Decimal("6E-7")}
    assert model == ModelInfo(
        id="mini",
        context=128_000,
        max_output=16_384,
        features=("tools", "vision", "chat", "stream"),
        prices=(
            ListedPrice(rates=usual),
            ListedPrice(rates=usual | {"input": Decimal("3E-7")}, above=200_000),
        ),
    )


def test_nothing_but_zeros_is_a_price_only_where_somebody_has_set_it():
    zeros = {
        "input_cost_per_token": 0,
        "output_cost_per_token": 0,
        "input_cost_per_token_above_200k_tokens": None,
    }
    chosen = ["input_cost_per_token", "output_cost_per_token"]

    unknown, free = listed(deployed("a", **zeros), deployed("b", **zeros, pricing_overrides=chosen))

    assert unknown.prices == ()
    assert free.prices == (ListedPrice(rates={"input": Decimal(0), "output": Decimal(0)}),)


def test_of_several_deployments_under_one_name_the_dearest_counts():
    models = listed(
        deployed(),
        deployed(output_cost_per_token=9e-07),
        deployed(output_cost_per_token=1e-07),
        deployed("*"),
    )

    assert [model.id for model in models] == ["mini"]
    assert models[0].prices[0].rates["output"] == Decimal("9E-7")


def test_odd_entries_are_passed_over():
    models = listed({"id": 7}, "text", None, {"id": "a", "pricing": [], "architecture": "x"})

    assert [replace(model, vendor={}) for model in models] == [ModelInfo(id="a")]


def test_a_list_that_names_a_model_twice_is_told_as_it_is():
    assert [model.id for model in listed({"id": "a"}, {"id": "b"}, {"id": "a"})] == ["a", "b", "a"]
