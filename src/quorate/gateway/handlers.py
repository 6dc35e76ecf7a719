"""What is done for each kind of call: a table, a function a kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from quorate.types.work import Operation

from .idempotency import idempotent
from .passage import passage_of
from .responses.create import respond
from .responses.shelf import look_after
from .visit import Handler, Visit
from .work import WORK_HANDLERS


async def chat(visit: Visit) -> None:
    """By one of two roads, whole or in pieces."""
    await _CHATS.get(visit.found.wire.name, _forward)(visit)


async def _forward(visit: Visit) -> None:
    passage = await passage_of(visit)
    async with visit.parts.engine.forward(passage, visit.context) as delivery:
        visit.answered_by(delivery)
        visit.record.road = passage.road
        await visit.outlet.deliver(delivery)


_CHATS: Mapping[str, Handler] = {"openai_responses": respond}
"""Protocol → who answers its chats, where there is more to them than to pass them on."""


_FREE: Sequence[Operation] = ("count", "models", "greet")

HANDLERS: Mapping[Operation, Handler] = {
    "chat": idempotent(chat),
    **{
        operation: handler if operation in _FREE else idempotent(handler)
        for operation, handler in WORK_HANDLERS.items()
    },
    "answers": look_after,
}
