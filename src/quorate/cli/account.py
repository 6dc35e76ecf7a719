"""`quorate account`: what a provider says is left and spent, or what one answer has cost there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from quorate.client.client import Quorate
from quorate.types.account import Account, Bill

from .tables import print_table
from .terminal import as_json, dollars


def account(provider: str, *, bill: str = "", json: bool = False, config: Path | None = None) -> int:
    """Show how an account stands.

    Parameters
    ----------
    provider
        The provider to ask.
    bill
        The id of an answer: what has that one cost?
    json
        Print JSON.
    config
        The settings file to use.
    """
    told = asyncio.run(_ask(provider, bill, config))
    if json:
        print(as_json(told))
        return 0
    rows = _of_bill(told) if isinstance(told, Bill) else _of_account(told)
    print_table(("", ""), [(name, text) for name, text in rows if text])
    return 0


async def _ask(provider: str, answer: str, config: Path | None) -> Account | Bill:
    async with Quorate.from_file(config) if config else Quorate() as q:
        return await (q.bill(provider, answer) if answer else q.account(provider))


def _of_account(account: Account) -> Iterator[tuple[str, str]]:
    yield "key", account.label
    yield "left in the account", _amount(account.balance, account)
    yield "spent", _amount(account.spent, account)
    yield "billed by others", _amount(account.spent_upstream, account)
    yield "limit", _amount(account.limit, account)
    yield "left of the limit", _amount(account.limit_left, account)
    yield "limit begins anew", account.limit_resets
    yield "free models only", "yes" if account.is_free else ""
    yield "valid until", str(account.expires or "")


def _of_bill(bill: Bill) -> Iterator[tuple[str, str]]:
    usage = bill.usage
    yield "answer", bill.id
    yield "model", bill.model
    yield "made by", bill.upstream
    yield "tokens", f"{usage.input_total} in, {usage.output_total} out"
    yield "cost", dollars(bill.cost)
    if usage.upstream_cost is not None:
        yield "of that here", dollars(usage.stated_cost)
        yield "of that at others", dollars(usage.upstream_cost)


def _amount(amount: Decimal | None, account: Account) -> str:
    if amount is None:
        return ""
    return dollars(amount) if account.currency == "USD" else f"{amount.normalize():f} {account.currency}"
