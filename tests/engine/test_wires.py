"""One call over every protocol: a target of one fails, a target of another answers."""

from __future__ import annotations

import pytest

from quorate.engine.call import Books
from quorate.engine.engine import Engine
from quorate.engine.routing.seam import Route
from quorate.engine.routing.strategies import priority
from quorate.engine.statistics import Statistics
from quorate.errors import StreamInterrupted
from quorate.sim.wires import SIMULATED
from quorate.transport.scripted import Scripted, ScriptedTransport
from quorate.types.budget import CallBudget
from quorate.types.chat import ChatReply, Finish, Message
from quorate.types.events import assemble
from quorate.types.parts import Text
from quorate.types.target import Context
from quorate.types.usage import Usage
from quorate.wire.seam import Call
from quorate.wire.wires import WIRES
from tests.wire.laws import call_of, events_of

from .stage import QUESTION, Clock, Prices, target

FOLLOWED = frozenset(("replicate",))
"""Protocols whose answers are asked for more than once; `test_followed.py` has them."""

PLAYED = {name: wire for name, wire in SIMULATED.items() if wire.front is not None and name not in FOLLOWED}
"""Protocols in which a provider can be played here."""
NEXT_WIRE = dict(zip(PLAYED, [*list(PLAYED)[1:], *list(PLAYED)[:1]], strict=True))
REPLY: ChatReply = ChatReply(
    id="r1",
    model="b",
    message=Message(role="assistant", parts=(Text(text="Lima, of course"),)),
    finish=Finish(reason="stop"),
    usage=Usage(input=3, output=5),
)
FULL = Scripted(status=503, chunks=(b"{}",))


def call(wire: str, *, stream: bool) -> Call:
    """What a provider of that protocol is sent."""
    return call_of(WIRES[wire].codec.write_request(QUESTION, target("b", wire=wire), stream=stream))


def whole(wire: str) -> bytes:
    front = PLAYED[wire].front
    assert front is not None
    return front.write_reply(REPLY, call(wire, stream=False)).body


def streamed(wire: str) -> tuple[bytes, ...]:
    front = PLAYED[wire].front
    assert front is not None
    writer = front.stream_writer(call(wire, stream=True))
    return (*(writer.write(event) for event in events_of(REPLY)), writer.close())


def engine(wire: str, *answers: Scripted) -> Engine:
    """Its first target speaks the protocol before `wire` in the table, its second that one."""
    first = next(name for name, following in NEXT_WIRE.items() if following == wire)
    route = Route(targets=(target("a", wire=first), target("b", wire=wire)), strategy=priority)

    return Engine(
        resolve=lambda name, purpose="chat": route,
        wires=WIRES,
        transport=ScriptedTransport(answers),
        sign=lambda target, request: (target.base_url + request.path, request.headers),
        books=Books(clock=Clock(), prices=Prices(), statistics=Statistics()),
    )


def context() -> Context:
    return Context(budget=CallBudget(clock=Clock()))


@pytest.mark.parametrize("wire", PLAYED)
async def test_a_whole_answer_falls_back_from_one_protocol_to_another(wire: str):
    reply = await engine(wire, FULL, Scripted(chunks=(whole(wire),))).answer(QUESTION, context())

    assert (reply.text, reply.provider, reply.usage.total) == (REPLY.text, "of-b", 8)
    assert [each.outcome for each in reply.attempts] == ["upstream_busy", "answered"]


@pytest.mark.parametrize("wire", PLAYED)
async def test_a_stream_falls_back_from_one_protocol_to_another(wire: str):
    async with engine(wire, FULL, Scripted(chunks=streamed(wire))).stream(QUESTION, context()) as events:
        reply = assemble([event async for event in events])

    assert (reply.text, reply.provider, reply.usage.total) == (REPLY.text, "of-b", 8)
    assert [each.outcome for each in reply.attempts] == ["upstream_busy", "answered"]


@pytest.mark.parametrize("wire", PLAYED)
async def test_a_stream_that_stops_too_soon_is_interrupted_in_every_protocol(wire: str):
    pieces = streamed(wire)
    cut = pieces[: next(place for place, piece in enumerate(pieces) if b"ourse" in piece)]

    with pytest.raises(StreamInterrupted) as caught:
        async with engine(wire, FULL, Scripted(chunks=cut)).stream(QUESTION, context()) as events:
            [event async for event in events]

    assert isinstance(caught.value.partial, ChatReply)
    assert caught.value.partial.text
    assert REPLY.text.startswith(caught.value.partial.text)
