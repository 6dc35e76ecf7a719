"""What is done for each kind of call: a table, a function a kind."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from quorate.engine.delivery import Delivery
from quorate.engine.forwarded import Forwarded
from quorate.errors import Unsupported
from quorate.types.value import replace
from quorate.types.work import EmbedReply, EmbedRequest, Operation
from quorate.wire.seam import WorkFront

from .listing import list_models
from .visit import Handler, Visit


async def chat(visit: Visit) -> None:
    """By one of two roads, whole or in pieces."""
    found, record = visit.found, visit.record
    passage = Forwarded(
        visit.call,
        found.wire,
        found.front,
        visit.services.wires,
        identity=record.identity,
        created=int(time.time()),
    )
    visit.asks_for(passage.model, stream=passage.outline.stream)
    async with visit.parts.engine.forward(passage, visit.context) as delivery:
        visit.answered_by(delivery)
        record.road = passage.road
        await visit.outlet.deliver(delivery)


async def embed(visit: Visit) -> None:
    work: WorkFront[EmbedRequest, EmbedReply] = _work(visit)
    request = work.read_request(visit.call)
    visit.asks_for(request.model)
    reply = await visit.parts.engine.embed(request, visit.context)
    visit.answered_by(reply)
    visit.record.road = "translated"
    answer = work.write_reply(reply if reply.model else replace(reply, model=request.model), visit.call)
    await visit.outlet.deliver(
        Delivery(
            headers=answer.headers,
            provider=reply.provider,
            model=reply.model or request.model,
            attempts=len(reply.attempts),
            fidelity=reply.fidelity,
            cost=reply.cost,
            body=answer.body,
        )
    )


async def models(visit: Visit) -> None:
    """Those that the caller's key may ask for."""
    _, _, wanted = visit.call.path.partition("/models/")
    listed = await list_models(visit.parts, wanted, visit.caller)
    answer = _work(visit).write_reply(listed, visit.call)
    await visit.outlet.whole(answer.status, answer.headers, answer.body)


def _work(visit: Visit) -> WorkFront[Any, Any]:
    if visit.found.work is None:
        raise Unsupported(f"'{visit.found.wire.name}' has no {visit.found.operation}")
    return visit.found.work


HANDLERS: Mapping[Operation, Handler] = {"chat": chat, "embed": embed, "models": models}
