"""A client's call as the engine takes it."""

from __future__ import annotations

import time
from collections.abc import Collection

from quorate.engine.forwarded import Forwarded
from quorate.wire.seam import Call, Front

from .visit import Visit


async def passage_of(
    visit: Visit, call: Call | None = None, front: Front | None = None, *, honoured: Collection[str] = ()
) -> Forwarded:
    """The visit's call, or another in its place; `honoured` are fields of it that the gateway itself honours.

    Raises `ForbiddenCaller` where the caller's key is not for the model, and what a hook refuses it with.
    """
    passage = Forwarded(
        call or visit.call,
        visit.found.wire,
        front or visit.found.front,
        visit.services.wires,
        identity=visit.record.identity,
        created=int(time.time()),
        honoured=honoured,
    )
    visit.asks_for(passage.model, stream=passage.outline.stream)
    if visit.services.hooks and (guards := visit.guards()) is not None:
        await passage.guard(guards)
    return passage
