"""Answers a call of the responses protocol: what it goes on from is put before it, what comes of it is kept."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator

from quorate.engine.delivery import Delivery
from quorate.errors import InvalidRequest, UnknownPrevious, Unsupported
from quorate.gateway.answers.answers import Answers
from quorate.gateway.answers.front import HONOURED, Asked, KeptFront
from quorate.gateway.answers.runs import Order
from quorate.gateway.passage import passage_of
from quorate.gateway.visit import Visit
from quorate.store.answers import KeptAnswer
from quorate.store.identity import new_identity
from quorate.types.value import replace
from quorate.wire.openai_responses.ids import made_response_id
from quorate.wire.openai_responses.line import Link, joined
from quorate.wire.openai_responses.told import Retelling, ended_response, read_head, retold
from quorate.wire.openai_responses.wishes import Wishes, made_at_once, read_wishes
from quorate.wire.seam import Call

_PREVIOUS = "previous_response_id"


async def respond(visit: Visit) -> None:
    """By one of two roads, whole or in pieces, at once or later."""
    wishes = read_wishes(visit.call.body)
    answers = visit.services.answers if visit.parts.settings.server.responses else None
    if wishes.background:
        _check_background(wishes, answers)
    before = await _before(visit, answers, wishes) if answers and wishes.previous else ()
    asked = Asked(
        call=visit.call,
        wishes=wishes,
        name=made_response_id(visit.record.id),
        line=tuple(map(link_of, before)),
        is_kept=answers is not None and wishes.keep,
    )
    parent = before[-1].id if before else ""
    try:
        if wishes.background and answers is not None:
            await _answer_later(visit, answers, asked, parent)
        else:
            await _answer(visit, answers, asked, parent)
    except Unsupported as error:
        if not asked.is_unknown or _PREVIOUS not in error.settings:
            raise
        raise _unknown(wishes.previous) from error


async def _answer(visit: Visit, answers: Answers | None, asked: Asked, parent: str) -> None:
    front = KeptFront(visit.found.front, asked)
    honoured = HONOURED if answers or not asked.wishes.keep else HONOURED - {"store"}
    passage = await passage_of(visit, _whole_call(asked), front, honoured=honoured)
    if answers is not None and asked.is_kept:
        visit.outlet.taps.append(_Tap(visit, answers, asked, parent, is_streamed=passage.outline.stream))
    async with visit.parts.engine.forward(passage, visit.context) as delivery:
        visit.answered_by(delivery)
        visit.record.road = passage.road
        is_changed = asked.line and passage.road == "relayed"
        await visit.outlet.deliver(_as_asked(delivery, asked) if is_changed else delivery)


async def _answer_later(visit: Visit, answers: Answers, asked: Asked, parent: str) -> None:
    asked = replace(asked, call=replace(visit.call, body=made_at_once(visit.call.body)))
    front = KeptFront(visit.found.front, asked)
    passage = await passage_of(visit, _whole_call(asked), front, honoured=HONOURED)
    visit.parts.resolver(passage.model, "chat")  # a model that nobody has is told of at once
    services = visit.services
    order = Order(
        passage=passage,
        front=front,
        caller=visit.caller,
        record=visit.record,
        parts=visit.parts,
        journal=services.journal,
        limits=services.limits,
    )
    row = await answers.runs.begin(order, _row(visit, asked, parent))
    if not asked.wishes.stream:
        await visit.outlet.whole(200, {"content-type": "application/json"}, row.answer.encode())
        return
    await visit.outlet.deliver(answers.runs.streamed(row, passage.model))


class _Tap:
    """Hears what the client is told, and keeps the answer before its last bytes are sent."""

    def __init__(
        self, visit: Visit, answers: Answers, asked: Asked, parent: str, *, is_streamed: bool
    ) -> None:
        self._visit, self._answers, self._is_streamed = visit, answers, is_streamed
        self._asked, self._parent = asked, parent

    def __call__(self, piece: bytes) -> None:
        response = ended_response(piece) if self._is_streamed else piece
        head = read_head(response) if response else None
        if response is None or head is None:
            return
        row = _row(
            self._visit,
            self._asked,
            self._parent,
            name=head.id,
            status=head.status,
            answer=response.decode(errors="replace"),
        )
        self._answers.keeper.put(row)


def _row(
    visit: Visit, asked: Asked, parent: str, *, name: str = "", status: str = "queued", answer: str = ""
) -> KeptAnswer:
    return KeptAnswer(
        id=new_identity(),
        scope=visit.caller.scope,
        name=name or asked.name,
        parent=parent,
        is_whole=asked.is_whole,
        provider=visit.record.provider,
        status=status,
        input=asked.wishes.input.decode(),
        answer=answer,
    )


def link_of(row: KeptAnswer) -> Link:
    return Link(name=row.name, provider=row.provider, input=row.input.encode(), answer=row.answer.encode())


async def _before(visit: Visit, answers: Answers, wishes: Wishes) -> list[KeptAnswer]:
    """What the call goes on from, the oldest first; [] where not all of that is here."""
    last = await answers.keeper.find(visit.caller.scope, wishes.previous)
    if last is None:
        return []
    last = await answers.runs.current(last)
    if last.is_running:
        raise InvalidRequest(f"'{wishes.previous}' is not at its end yet", where=_PREVIOUS)
    if not last.is_whole:
        return []
    line = await answers.keeper.line(last)
    return line if all(each.is_whole for each in line) else []


def _check_background(wishes: Wishes, answers: Answers | None) -> None:
    if not wishes.keep:
        raise InvalidRequest("'background' needs 'store' to be true", where="background")
    if answers is None:
        raise Unsupported(
            "this gateway keeps no answers, and so makes none in the background", settings=["background"]
        )


def _whole_call(asked: Asked) -> Call:
    """With all that it goes on from."""
    if not asked.line:
        return asked.call
    return replace(asked.call, body=joined(asked.call.body, asked.line)[0])


def _as_asked(delivery: Delivery, asked: Asked) -> Delivery:
    """A relayed answer to a call that we put something before: it names what the client went on from."""
    changes = {_PREVIOUS: asked.wishes.previous}
    if delivery.pieces is None:
        return replace(delivery, body=retold(delivery.body, changes))
    return replace(delivery, pieces=_retold(delivery.pieces, Retelling(changes)))


async def _retold(pieces: AsyncIterator[bytes], retelling: Retelling) -> AsyncGenerator[bytes]:
    async for piece in pieces:
        if data := retelling.bytes_of(piece):
            yield data


def _unknown(name: str) -> UnknownPrevious:
    return UnknownPrevious(f"Previous response with id '{name}' not found.", where=_PREVIOUS)
