"""Asks what is left in an account, and what one answer has cost: OpenAI's protocol has neither, each gateway its own.

A target that tells of them has their paths as quirks; the answers are known by their fields.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from urllib.parse import parse_qsl, quote

import msgspec

from quorate.errors import ModelUnavailable, Unsupported
from quorate.types.account import Account, AccountRequest, Bill, BillRequest
from quorate.types.target import Target
from quorate.types.usage import Usage
from quorate.types.work import Operation
from quorate.wire.json_fields import Json, a_count, a_text, an_amount, an_object, identity, is_list, objects
from quorate.wire.openai_faults import broken, error_of
from quorate.wire.seam import WireAnswer, WireRequest

from .fields import NAME, vendor
from .stream import tells_error

_BLANK = "{id}"

_INSIDE = ("data", "info")
"""Objects in which the fields may stand."""

_SPENT = ("usage", "spend", "total_usage")
_LIMIT = ("limit", "max_budget")


class AccountCodec:
    """What a key has spent and may spend, or what is left in the account behind it."""

    def __init__(self, operation: Operation) -> None:
        """'account' or 'credits': where they are asked differs, how they are read does not."""
        self._operation: Operation = operation

    def write_request(self, request: AccountRequest, target: Target) -> WireRequest:
        return _asking(self._operation, "tells nothing of its accounts", target)

    def read_reply(self, answer: WireAnswer) -> Account:
        body = _object(_read(answer), answer)
        told = next((inner for name in _INSIDE if (inner := an_object(body.get(name)))), body)
        account = _account(told)
        if account == Account(vendor=account.vendor):
            raise broken("the answer says nothing of an account", answer)
        return account


def _account(told: Json) -> Account:
    limit, spent = _first(told, _LIMIT), _first(told, _SPENT)
    left = an_amount(told.get("limit_remaining"))
    if left is None and limit is not None and spent is not None:
        left = limit - spent
    balance, currency = _balance(told)
    is_free = told.get("is_free_tier")
    return Account(
        label=a_text(told.get("label")) or a_text(told.get("key_alias")),
        currency=currency,
        balance=balance,
        spent=spent,
        spent_upstream=an_amount(told.get("byok_usage")),
        limit=limit,
        limit_left=left,
        limit_resets=a_text(told.get("limit_reset")) or a_text(told.get("budget_duration")),
        is_free=is_free if isinstance(is_free, bool) else None,
        expires=_moment(told.get("expires_at") or told.get("expires")),
        vendor=vendor(told),
    )


def _balance(told: Json) -> tuple[Decimal | None, str]:
    """What is left: paid in less used, or one of several purses; in dollars where there is one of them."""
    purses = {a_text(each.get("currency")): each for each in objects(told.get("balance_infos"))}
    if purses:
        currency = "USD" if "USD" in purses else next(iter(purses))
        return an_amount(purses[currency].get("total_balance")), currency or "USD"
    paid, used = an_amount(told.get("total_credits")), an_amount(told.get("total_usage"))
    return (None if paid is None or used is None else paid - used), "USD"


class BillCodec:
    """What one answer has cost."""

    def write_request(self, request: BillRequest, target: Target) -> WireRequest:
        return _asking("bill", "tells nothing of what an answer cost", target, request.id)

    def read_reply(self, answer: WireAnswer) -> Bill:
        body = _read(answer)
        rows = objects(body) if is_list(body) else [_object(body, answer)]
        if not rows:
            raise ModelUnavailable("no answer of that id is known", status=answer.status, body=answer.body)
        told = an_object(rows[0].get("data")) or rows[0]
        stated = _first(told, ("total_cost", "usage", "spend"))
        if stated is None:
            raise broken("the answer says nothing of a cost", answer)
        is_byok = told.get("is_byok") is True
        return Bill(
            id=identity(told.get("id")) or identity(told.get("request_id")),
            model=a_text(told.get("model")),
            upstream=a_text(told.get("provider_name")) or a_text(told.get("custom_llm_provider")),
            usage=_usage(told, stated, an_amount(told.get("upstream_inference_cost")) if is_byok else None),
            vendor=vendor(told),
        )


def _usage(told: Json, stated: Decimal, upstream: Decimal | None) -> Usage:
    """The tokens as the model's maker counted them, where the provider tells of those."""
    prompt = a_count(told.get("native_tokens_prompt")) or a_count(told.get("prompt_tokens"))
    written = a_count(told.get("native_tokens_completion")) or a_count(told.get("completion_tokens"))
    cached = min(a_count(told.get("native_tokens_cached")), prompt)
    drawn = min(a_count(told.get("native_tokens_completion_images")), written)
    return Usage(
        input=prompt - cached,
        cache_read=cached,
        output=written - drawn,
        reasoning=min(a_count(told.get("native_tokens_reasoning")), written - drawn),
        output_image=drawn,
        stated_cost=stated,
        upstream_cost=upstream,
        vendor={NAME: told},
    )


def _asking(operation: Operation, lacks: str, target: Target, wanted: str = "") -> WireRequest:
    """`wanted` fills the blank `{id}`, which may stand in the path or in its query."""
    template = target.quirks.paths.get(operation)
    if not template:
        raise Unsupported(f"'{target.provider}' {lacks}", settings=(operation,))
    path, _, query = template.partition("?")
    asked = {name: text.replace(_BLANK, wanted) for name, text in parse_qsl(query)}
    return WireRequest(
        method="GET",
        path=path.replace(_BLANK, quote(wanted, safe="")),
        query=target.quirks.query | asked,
        headers=target.quirks.headers,
    )


def _read(answer: WireAnswer) -> object:
    try:
        return msgspec.json.decode(answer.body.strip())
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise broken("the answer cannot be read as JSON", answer) from error


def _object(body: object, answer: WireAnswer) -> Json:
    told = an_object(body)
    if not told:
        raise broken("the answer is no object", answer)
    if tells_error(told) and not any(name in told for name in _INSIDE):
        raise error_of(told, answer)
    return told


def _first(told: Json, names: Iterable[str]) -> Decimal | None:
    return next((amount for name in names if (amount := an_amount(told.get(name))) is not None), None)


def _moment(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(a_text(value))
    except ValueError:
        return None
