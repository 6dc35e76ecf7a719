"""What is done for the calls that are not a chat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quorate.engine.delivery import Delivery
from quorate.errors import Unsupported
from quorate.types.value import replace
from quorate.types.work import (
    CountReply,
    CountRequest,
    EmbedReply,
    EmbedRequest,
    ModelList,
    ModelsRequest,
    Operation,
    WorkReply,
    WorkRequest,
)
from quorate.wire.seam import WorkFront

from .listing import list_models
from .page import PAGE, PAGE_HEADERS
from .texts import guarded
from .visit import Handler, Visit


async def embed(visit: Visit) -> None:
    work: WorkFront[EmbedRequest, EmbedReply] = _work(visit)
    request = work.read_request(visit.call)
    visit.asks_for(request.model)
    if visit.services.hooks and (guards := visit.guards()) is not None:
        request = await guards.before_embed(request)
    await _deliver(visit, request.model, await visit.parts.engine.embed(request, visit.context))


async def perform(visit: Visit) -> None:
    """Any operation that has one request and one reply."""
    operation = visit.found.operation
    request: WorkRequest[WorkReply] = _work(visit).read_request(visit.call)
    visit.asks_for(request.model)
    if visit.services.hooks and (guards := visit.guards()) is not None:
        request = await guarded(operation, request, guards)
    await _deliver(visit, request.model, await visit.parts.engine.perform(operation, request, visit.context))


async def _deliver(visit: Visit, asked: str, reply: WorkReply) -> None:
    visit.answered_by(reply)
    visit.record.road = "translated"
    answer = _work(visit).write_reply(reply if reply.model else replace(reply, model=asked), visit.call)
    await visit.outlet.deliver(
        Delivery(
            headers=answer.headers,
            provider=reply.provider,
            model=reply.model or asked,
            attempts=len(reply.attempts),
            fidelity=reply.fidelity,
            cost=reply.cost,
            body=answer.body,
        )
    )


async def models(visit: Visit) -> None:
    """Those that the caller's key may ask for."""
    work: WorkFront[ModelsRequest, ModelList] = _work(visit)
    listed = await list_models(visit.parts, work.read_request(visit.call).wanted, visit.caller)
    answer = work.write_reply(listed, visit.call)
    await visit.outlet.whole(answer.status, answer.headers, answer.body)


async def count(visit: Visit) -> None:
    """The tokens of a chat's input: the provider's count, or an estimate that says it is one."""
    work: WorkFront[CountRequest, CountReply] = _work(visit)
    request = work.read_request(visit.call)
    visit.asks_for(request.model)
    if visit.services.hooks and (guards := visit.guards()) is not None:
        request = replace(request, request=await guards.before(request.request))
    reply = await visit.parts.engine.count(request, visit.context)
    visit.answered_by(reply)
    visit.record.outcome = "answered"  # an estimate too, though nobody was left to ask
    answer = work.write_reply(reply, visit.call)
    await visit.outlet.deliver(
        Delivery(
            headers=answer.headers,
            provider=reply.provider,
            model=reply.model,
            attempts=len(reply.attempts),
            fidelity=reply.fidelity,
            body=answer.body,
        )
    )


async def greet(visit: Visit) -> None:
    """Somebody is there: no provider is asked, and no key is needed. A browser is told in its own form."""
    if "text/html" in visit.call.headers.get("accept", "") and visit.call.path == "/":
        await visit.outlet.whole(200, PAGE_HEADERS, PAGE)
        return
    answer = _work(visit).write_reply(None, visit.call)
    await visit.outlet.whole(answer.status, answer.headers, answer.body)


def _work(visit: Visit) -> WorkFront[Any, Any]:
    if visit.found.work is None:
        raise Unsupported(f"'{visit.found.wire.name}' has no {visit.found.operation}")
    return visit.found.work


WORK_HANDLERS: Mapping[Operation, Handler] = {
    "embed": embed,
    "rerank": perform,
    "moderate": perform,
    "images": perform,
    "speech": perform,
    "transcribe": perform,
    "count": count,
    "models": models,
    "greet": greet,
}
