"""The loop of tools: ask, run what the model calls, tell it the results, until it answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from quorate.errors import InvalidRequest, NoAnswer
from quorate.types.chat import ChatReply, ChatRequest, Message
from quorate.types.parts import ToolCall, ToolResult
from quorate.types.value import replace

from .toolbox import Toolbox

Ask = Callable[[ChatRequest], Awaitable[ChatReply[Any]]]

MOST_ROUNDS = 8
"""Times a model may ask for tools in one `run`."""


async def answered(ask: Ask, request: ChatRequest, toolbox: Toolbox, rounds: int) -> ChatReply[Any]:
    """The answer that comes when all tools have run, with usage and cost of all rounds together.

    A choice of tool that forces a call holds for the first round: it could never end otherwise.
    """
    if nameless := toolbox.without_function:
        raise InvalidRequest(f"no function stands behind the tool '{nameless[0]}'", where="tools")
    if rounds < 1:
        raise InvalidRequest("it takes at least one round", where="rounds")
    replies: list[ChatReply[Any]] = []
    for _ in range(rounds):
        reply = await ask(request)
        replies.append(reply)
        if not reply.tool_calls:
            return together(replies)
        results = await _run_all(toolbox, reply.tool_calls)
        turns = (*request.messages, reply.message, Message(role="tool", parts=results))
        forced = request.tool_choice is not None and request.tool_choice.mode in ("required", "named")
        request = replace(request, messages=turns, tool_choice=None if forced else request.tool_choice)
    error = NoAnswer(f"the model still asks for tools after {rounds} rounds")
    error.attempts = together(replies).attempts
    raise error


async def _run_all(toolbox: Toolbox, calls: Sequence[ToolCall]) -> tuple[ToolResult, ...]:
    """All at once; the results in the order of the calls."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(toolbox.run(call)) for call in calls]
    return tuple(task.result() for task in tasks)


def together(replies: Sequence[ChatReply[Any]]) -> ChatReply[Any]:
    """The last reply with the usage, cost, departures and attempts of all."""
    last = replies[-1]
    usage, cost = replies[0].usage, replies[0].cost
    for reply in replies[1:]:
        usage = usage + reply.usage
        cost = None if cost is None or reply.cost is None else cost + reply.cost
    departures = dict.fromkeys(each for reply in replies for each in reply.fidelity)
    attempts = tuple(attempt for reply in replies for attempt in reply.attempts)
    return replace(last, usage=usage, cost=cost, fidelity=tuple(departures), attempts=attempts)
