"""Asks the simulator as a client of each protocol does: the codec writes and reads, aiohttp carries."""

from __future__ import annotations

from typing import Any

import aiohttp

from quorate.sim import Simulator
from quorate.types.chat import ChatReply, ChatRequest, Message
from quorate.types.events import Event, assemble
from quorate.types.parts import Text
from quorate.types.target import Target
from quorate.types.value import replace
from quorate.wire.framing import framer
from quorate.wire.seam import WireAnswer, WireRequest
from quorate.wire.wires import WIRES

PROTOCOLS = tuple(name for name in WIRES if name != "replicate")
"""Those of conversations. Predictions know neither tools nor thoughts, and take more than one request."""


def question(
    text: str = "Name three rivers in France", model: str = "sim-swift", **settings: Any
) -> ChatRequest:
    message = Message(role="user", parts=(Text(text=text),))
    return ChatRequest(model=model, messages=(message,), **settings)


def target(sim: Simulator, protocol: str, model: str) -> Target:
    return Target(provider="sim", model=model, wire=protocol, base_url=sim.base_url(protocol))


async def send(
    session: aiohttp.ClientSession, sim: Simulator, protocol: str, sent: WireRequest, **more: str
) -> WireAnswer:
    """The whole answer to what a codec wrote, whatever its status; `more` are headers."""
    headers = {"content-type": "application/json"} | sent.headers | more
    url = sim.base_url(protocol) + sent.path
    async with session.request(
        sent.method, url, data=sent.body, params=sent.query, headers=headers
    ) as answer:
        body = await answer.read()
        told = {name.lower(): value for name, value in answer.headers.items()}
        return WireAnswer(status=answer.status, headers=told, body=body)


async def ask(
    sim: Simulator, protocol: str, request: ChatRequest, *, stream: bool = False, fault: str = ""
) -> ChatReply:
    """The reply, or the codec's error."""
    codec = WIRES[protocol].codec
    sent = codec.write_request(request, target(sim, protocol, request.model), stream=stream)
    more = {"x-sim-fault": fault} if fault else {}
    async with aiohttp.ClientSession() as session:
        answer = await send(session, sim, protocol, sent, **more)
    if answer.status >= 400:
        raise codec.read_error(answer)
    reply = assemble(read_events(protocol, sent, answer.body)) if stream else codec.read_reply(answer)
    # Where a protocol's answers tell no model, the engine says the one that was asked.
    return replace(reply, model=reply.model or request.model)


def read_events(protocol: str, sent: WireRequest, body: bytes) -> list[Event]:
    cutter, reader = framer(sent.framing), WIRES[protocol].codec.stream_reader()
    events: list[Event] = []
    for frame in [*cutter.feed(body), *cutter.close()]:
        events.extend(reader.read(frame))
    events.extend(reader.close())
    return events


def plain(reply: ChatReply) -> ChatReply:
    """What a stream and a whole reply have in common in every protocol."""
    usage = replace(reply.usage, vendor={})
    return replace(reply, id="", created=0, usage=usage, vendor={}, finish=replace(reply.finish, detail=""))
