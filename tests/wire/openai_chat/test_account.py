"""How accounts stand and what answers cost, in the shapes of those who tell it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from quorate.errors import KeyInvalid, ModelUnavailable, Unsupported, UpstreamBroken
from quorate.types.account import Account, AccountRequest, Bill, BillRequest
from quorate.types.target import Quirks
from quorate.types.usage import Usage
from quorate.types.value import replace
from quorate.wire.openai_chat import OPENAI_CHAT
from quorate.wire.seam import WireAnswer

from .given import target

PATHS = Quirks(paths={"account": "/key", "bill": "/generation?id={id}"}, query={"v": "1"})


def answer(body: Any, status: int = 200) -> WireAnswer:
    return WireAnswer(status=status, body=json.dumps(body).encode())


def account(body: Any) -> Account:
    return replace(OPENAI_CHAT.work["account"].read_reply(answer(body)), vendor={})


def bill(body: Any) -> Bill:
    return OPENAI_CHAT.work["bill"].read_reply(answer(body))


def test_a_key_tells_what_it_spent_and_may_spend():
    told = {
        "label": "sk-…890",
        "usage": 25.5,
        "byok_usage": 17.38,
        "limit": 100,
        "limit_remaining": 74.5,
        "limit_reset": "monthly",
        "is_free_tier": False,
        "expires_at": "2027-12-31T23:59:59Z",
    }

    read = account({"data": told})

    assert (read.label, read.limit_resets, read.is_free) == ("sk-…890", "monthly", False)
    assert (read.spent, read.spent_upstream) == (Decimal("25.5"), Decimal("17.38"))
    assert (read.limit, read.limit_left, read.balance) == (Decimal(100), Decimal("74.5"), None)
    assert str(read.expires) == "2027-12-31 23:59:59+00:00"


def test_credits_less_what_was_used_is_what_is_left():
    read = account({"data": {"total_credits": 100.5, "total_usage": 25.75}})

    assert (read.balance, read.spent) == (Decimal("74.75"), Decimal("25.75"))


def test_a_proxy_tells_of_its_key():
    told = {
        "key": "hash",
        "info": {"spend": 0.25, "max_budget": 1, "budget_duration": "30d", "key_alias": "ci"},
    }

    read = account(told)

    assert read == Account(
        label="ci", spent=Decimal("0.25"), limit=Decimal(1), limit_left=Decimal("0.75"), limit_resets="30d"
    )


def test_of_several_purses_the_one_of_dollars_counts():
    purses = [{"currency": "CNY", "total_balance": "7.00"}, {"currency": "USD", "total_balance": "110.00"}]

    several = account({"is_available": True, "balance_infos": purses})
    other = account({"is_available": True, "balance_infos": purses[:1]})

    assert (several.balance, several.currency) == (Decimal(110), "USD")
    assert (other.balance, other.currency) == (Decimal(7), "CNY")


def test_a_bill_keeps_apart_who_is_paid():
    told = {
        "id": "gen-1",
        "model": "maker/model",
        "provider_name": "Maker",
        "is_byok": True,
        "total_cost": 0.0001,
        "upstream_inference_cost": 0.002,
        "native_tokens_prompt": 10,
        "native_tokens_cached": 4,
        "native_tokens_completion": 25,
        "native_tokens_reasoning": 5,
    }

    read = bill({"data": told})

    assert (read.id, read.model, read.upstream, read.cost) == (
        "gen-1",
        "maker/model",
        "Maker",
        Decimal("0.0021"),
    )
    assert replace(read.usage, vendor={}) == Usage(
        input=6,
        cache_read=4,
        output=25,
        reasoning=5,
        stated_cost=Decimal("0.0001"),
        upstream_cost=Decimal("0.002"),
    )


def test_what_the_gateway_paid_upstream_is_no_second_cost():
    assert bill(
        {"data": {"id": "g", "total_cost": 0.0015, "upstream_inference_cost": 0.0012}}
    ).cost == Decimal("0.0015")


def test_a_log_of_spending_is_a_bill():
    read = bill([{"request_id": "chatcmpl-1", "spend": 1.5e-06, "prompt_tokens": 3, "completion_tokens": 2}])

    assert (read.id, read.cost, read.usage.total) == ("chatcmpl-1", Decimal("0.0000015"), 5)


def test_the_id_stands_where_the_target_wants_it():
    asked = OPENAI_CHAT.work["bill"].write_request(BillRequest(id="gen 1/&?"), target(PATHS))

    assert (asked.method, asked.path, asked.query) == ("GET", "/generation", {"v": "1", "id": "gen 1/&?"})


def test_a_target_without_a_path_tells_nothing():
    with pytest.raises(Unsupported, match="tells nothing of its accounts"):
        OPENAI_CHAT.work["credits"].write_request(AccountRequest(), target(PATHS))


@pytest.mark.parametrize(
    ("operation", "body", "error"),
    [
        ("account", {"error": {"code": 401, "message": "no key"}}, KeyInvalid),
        ("account", {"data": {}}, UpstreamBroken),
        ("account", {"hello": 1}, UpstreamBroken),
        ("account", [], UpstreamBroken),
        ("bill", [], ModelUnavailable),
        ("bill", {"data": {"id": "gen-1"}}, UpstreamBroken),
        ("bill", {"data": {"id": "gen-1", "total_cost": "much"}}, UpstreamBroken),
        ("bill", "text", UpstreamBroken),
    ],
)
def test_an_answer_without_sense_is_one_of_our_errors(operation: Any, body: Any, error: type[Exception]):
    with pytest.raises(error):
        OPENAI_CHAT.work[operation].read_reply(answer(body))


def test_an_answer_that_is_no_json_is_broken():
    with pytest.raises(UpstreamBroken):
        OPENAI_CHAT.work["account"].read_reply(WireAnswer(body=b"<html>"))
