"""What providers say of our accounts with them, and of what an answer has cost in the end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Protocol, TypeVar

from quorate.catalog.prices import STATED
from quorate.errors import (
    InvalidRequest,
    KeyInvalid,
    ModelUnavailable,
    OperatorError,
    QuorateError,
    Unsupported,
)
from quorate.providers.entry import Entry
from quorate.types.account import Account, AccountRequest, Bill, BillRequest
from quorate.types.chat import ChatReply
from quorate.types.target import Context, Target
from quorate.types.value import replace
from quorate.types.work import Operation

Output = TypeVar("Output")

BILL_WAITS = (0.5, 1.0, 2.0, 4.0)
"""Seconds before each further look: a bill is written some moments after its answer."""

_DOUBTFUL = frozenset({"missing", "estimated", "inconsistent"})


class Inquirer(Protocol):
    """Asks one provider about itself."""

    async def inquire(
        self, operation: Operation, request: object, target: Target, context: Context
    ) -> Any: ...


class Directory(Protocol):
    """Who is set up."""

    def entry(self, name: str) -> Entry | None: ...

    def target(self, entry: Entry, model: str) -> Target: ...

    def check(self, provider: str) -> None:
        """Raises `InvalidRequest` with the nearest names for a provider that nobody knows."""
        ...

    def missing(self, provider: str) -> OperatorError:
        """What a provider that is known still lacks."""
        ...


class Accounts:
    """Asks providers how we stand with them."""

    def __init__(
        self,
        *,
        inquirer: Inquirer,
        directory: Directory,
        context: Callable[[], Context],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._inquirer, self._directory = inquirer, directory
        self._context, self._sleep = context, sleep

    async def account(self, provider: str) -> Account:
        """What the key has spent and may spend, and what is left, as far as the provider tells it.

        Raises `Unsupported` for one that tells nothing.
        """
        target, context = self._target(provider), self._context()
        told: list[Account] = []
        refused: QuorateError | None = None
        for operation in _QUESTIONS:
            try:
                told.append(await self._inquirer.inquire(operation, AccountRequest(), target, context))
            except (Unsupported, KeyInvalid) as error:
                # Some tell of the whole account only to a key that manages it.
                refused = refused if isinstance(refused, KeyInvalid) else error
        if told:
            return replace(_together(told), provider=target.provider)
        raise refused or Unsupported(f"'{provider}' tells nothing of its accounts", settings=_QUESTIONS)

    async def bill(self, provider: str, identity: str) -> Bill:
        """What that answer of the provider has cost. One that is not there yet is waited for, some seconds."""
        if not identity:
            raise InvalidRequest("a bill is asked for by the id of its answer", where="id")
        target, context = self._target(provider), self._context()
        for wait in BILL_WAITS:
            with suppress(ModelUnavailable):
                return await self._bill(identity, target, context)
            await self._sleep(wait)
        return await self._bill(identity, target, context)

    async def _bill(self, identity: str, target: Target, context: Context) -> Bill:
        bill: Bill = await self._inquirer.inquire("bill", BillRequest(id=identity), target, context)
        return replace(bill, provider=target.provider)

    def _target(self, provider: str) -> Target:
        entry = self._directory.entry(provider)
        if entry is None:
            self._directory.check(provider)
            raise self._directory.missing(provider)
        return self._directory.target(entry, "*")


_QUESTIONS: tuple[Operation, ...] = ("account", "credits")


def _together(told: list[Account]) -> Account:
    """What the later ones say, where the first leaves it open."""
    account = told[0]
    for other in told[1:]:
        empty = {name for name in Account.__struct_fields__ if getattr(account, name) in (None, "", {})}
        account = replace(account, **{name: getattr(other, name) for name in empty})
    return account


def settled_by(reply: ChatReply[Output], bill: Bill) -> ChatReply[Output]:
    """The reply with what was really charged in place of what was reckoned.

    Its own counts of tokens stay, unless they were a guess.
    """
    usage = bill.usage
    if reply.usage.quality not in _DOUBTFUL:
        usage = replace(reply.usage, stated_cost=usage.stated_cost, upstream_cost=usage.upstream_cost)
    return replace(reply, usage=usage, cost=bill.cost, price_rule=STATED)
