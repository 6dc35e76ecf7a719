"""Texts beyond what a target takes in one request: asked for in several, answered as one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import reduce
from operator import add

from quorate.errors import NoAnswer, UpstreamError
from quorate.types.budget import CallBudget
from quorate.types.target import Target
from quorate.types.value import replace
from quorate.types.work import EmbedReply, EmbedRequest

from .routing.seam import Route

AT_ONCE = 8
"""Requests of one call that are under way together."""

Ask = Callable[[EmbedRequest, Route], Awaitable[EmbedReply]]


def most_at_once(targets: Iterable[Target]) -> int | None:
    """The most texts that every one of them takes; None where none has a limit."""
    return min((most for target in targets if (most := target.quirks.embed_batch)), default=None)


def count_of(request: EmbedRequest) -> int:
    return len(request.tokens or request.inputs)


async def in_batches(
    request: EmbedRequest, most: int, route: Route, ask: Ask, budget: CallBudget
) -> EmbedReply:
    """All of them by one target: vectors of two models do not go together.

    The first answer says which one; the rest follow side by side. Where it fails on the way, the next begins from
    the start. Each batch after the first brings an attempt of its own to the call's budget.
    """
    first, *rest = [_part(request, start, start + most) for start in range(0, count_of(request), most)]
    left = route
    while True:
        reply = await ask(first, left)
        chosen = _only(left, reply)
        try:
            return _together([reply, *await _side_by_side(rest, chosen, ask, budget)])
        except (UpstreamError, NoAnswer) as error:
            others = _without(left, chosen)
            if not others or (isinstance(error, UpstreamError) and error.retry == "never"):
                raise
            left = replace(route, targets=others)


async def _side_by_side(
    batches: Sequence[EmbedRequest], route: Route, ask: Ask, budget: CallBudget
) -> Sequence[EmbedReply]:
    """The replies in order. The first failure ends the others."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(batch: EmbedRequest) -> EmbedReply:
        async with gate:
            budget.return_attempt()
            return await ask(batch, route)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(batch)) for batch in batches]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]


def _part(request: EmbedRequest, start: int, end: int) -> EmbedRequest:
    return replace(request, inputs=request.inputs[start:end], tokens=request.tokens[start:end])


def _only(route: Route, reply: EmbedReply) -> Route:
    """To the target that answered."""
    answered = reply.attempts[-1].target
    return replace(route, targets=tuple(each for each in route.targets if each.name == answered))


def _without(route: Route, chosen: Route) -> tuple[Target, ...]:
    gone = {each.name for each in chosen.targets}
    return tuple(each for each in route.targets if each.name not in gone)


def _together(replies: Sequence[EmbedReply]) -> EmbedReply:
    costs = [reply.cost for reply in replies]
    known = [cost for cost in costs if cost is not None]
    return replace(
        replies[0],
        vectors=tuple(vector for reply in replies for vector in reply.vectors),
        usage=reduce(add, (reply.usage for reply in replies)),
        cost=sum(known[1:], known[0]) if len(known) == len(costs) else None,
        attempts=tuple(attempt for reply in replies for attempt in reply.attempts),
    )
