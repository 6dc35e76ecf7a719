"""What a client asks about its kept answers: one of them, its input, to delete it, to stop its making."""

from __future__ import annotations

from typing import Any

from quorate.errors import InvalidRequest, UnknownAnswer
from quorate.gateway.answers.answers import Answers
from quorate.gateway.visit import Visit
from quorate.store.answers import KeptAnswer
from quorate.wire.json_fields import Json
from quorate.wire.openai_responses.kept import KeptRequest, deleted
from quorate.wire.openai_responses.line import page, shown_items
from quorate.wire.seam import WorkFront

from .create import link_of


async def look_after(visit: Visit) -> None:
    """Whatever it is."""
    front: WorkFront[KeptRequest, Any] | None = visit.found.work
    answers = visit.services.answers
    if front is None or answers is None:
        raise UnknownAnswer("this gateway keeps no answers")
    request = front.read_request(visit.call)
    row = await answers.keeper.find(visit.caller.scope, request.id)
    if row is None:
        raise UnknownAnswer(f"Response with id '{request.id}' not found.")
    row = await answers.runs.current(row)
    if request.action == "show" and request.stream:
        _check_stream(row)
        await visit.outlet.deliver(answers.runs.streamed(row, "", request.starting_after))
        return
    told = front.write_reply(await _done(answers, request, row), visit.call)
    await visit.outlet.whole(told.status, told.headers, told.body)


async def _done(answers: Answers, request: KeptRequest, row: KeptAnswer) -> bytes | Json:
    match request.action:
        case "delete":
            if row.is_running:
                await answers.runs.cancel(row)
            await answers.keeper.delete(row.scope, row.name)
            return deleted(row.name)
        case "cancel":
            if not row.background:
                raise InvalidRequest("only an answer that is made in the background can be cancelled")
            return (await answers.runs.cancel(row)).answer.encode()
        case "list_input":
            return await _input(answers, request, row)
        case "show":
            return row.answer.encode()


async def _input(answers: Answers, request: KeptRequest, row: KeptAnswer) -> Json:
    line = await answers.keeper.line(row)
    items = shown_items([link_of(each) for each in line])
    found = page(items, limit=request.limit, is_ascending=request.is_ascending, after=request.after)
    if found is None:
        raise InvalidRequest(f"there is no item '{request.after}'", where="after")
    return found


def _check_stream(row: KeptAnswer) -> None:
    if not row.background or not row.stream:
        raise InvalidRequest(
            "only an answer made with 'background' and 'stream' can be streamed again", where="stream"
        )
