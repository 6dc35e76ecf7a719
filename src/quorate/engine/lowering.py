"""A limit of the answer that was meant for one model, for another that cannot say so much."""

from __future__ import annotations

from typing import Any

from quorate.types.chat import ChatRequest, Departure
from quorate.types.target import Target
from quorate.types.value import replace


def lowered(request: ChatRequest, target: Target, asked: str) -> tuple[ChatRequest, tuple[Departure, ...]]:
    """The request within what the target can say, and what that changed.

    `asked` is the name that the client gave: a number for the very model that answers stays as it is, since its
    provider knows best.
    """
    limit, wish = target.max_output, request.max_output
    if limit is None or wish is None or wish <= limit or asked in (target.name, target.model):
        return request, ()
    detail = f"{wish} tokens were meant for another model: '{target.model}' says {limit} at most"
    changes: dict[str, Any] = {"max_output": limit}
    told = [Departure(setting="max_output", kind="changed", detail=detail)]
    thinking = request.thinking
    # thoughts that fitted into the answer go on doing so, with room left for words
    if thinking is not None and thinking.budget is not None and limit <= thinking.budget < wish:
        changes["thinking"] = replace(thinking, budget=max(1, limit // 2))
        detail = f"{thinking.budget} tokens leave no room in {limit}: {limit // 2} were sent"
        told.append(Departure(setting="thinking.budget", kind="changed", detail=detail))
    return replace(request, **changes), tuple(told)
