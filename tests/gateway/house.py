"""A gateway in this process, and a client that calls it as a server would: message by message."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from quorate.assemble import Household, assemble
from quorate.cli.simulated import NAMES, simulated_settings
from quorate.gateway.answers.answers import Answers
from quorate.gateway.app import Gateway
from quorate.gateway.callers import KeyRing
from quorate.gateway.handlers import HANDLERS
from quorate.gateway.journal import Journal, Observer
from quorate.gateway.limits import Limits
from quorate.gateway.visit import Services
from quorate.providers.entry import Entry
from quorate.settings.settings import Fallback, RouteSettings, ServerSettings, Settings
from quorate.sim.simulator import BASE_PATHS, Simulator
from quorate.transport.seam import Transport
from quorate.types.chat import ChatReply, ChatRequest
from quorate.types.events import assemble as assemble_events
from quorate.types.secret import Secret
from quorate.types.target import Target
from quorate.types.value import replace
from quorate.wire.seam import WireAnswer
from quorate.wire.wires import WIRES
from tests.sim.asking import read_events

PROTOCOLS = tuple(NAMES)
KEY = "key-of-the-tests-0123456789"
HOST = "127.0.0.1:4747"
PLAIN = {"host": HOST, "authorization": f"Bearer {KEY}"}


def settings_for(url: str, **changes: Any) -> Settings:
    """The simulator's providers, tried once each and without a pause; a key for callers."""
    server = changes.pop("server", {})
    settings = simulated_settings(url)
    for row in settings.rows.values():
        row["quirks"] = {"schema": "native"}  # as the protocols' own makers have it
    return replace(
        settings,
        entries=tuple(Entry(provider=name, name=name) for name in NAMES.values()),
        fallback=Fallback(tries=1, delay=0),
        server=ServerSettings(**({"keys": (Secret(KEY),)} | server)),
        **changes,
    )


def route(*targets: str) -> RouteSettings:
    return RouteSettings(targets=targets, fallback=Fallback(tries=1, delay=0))


def gateway_for(
    settings: Settings,
    transport: Transport | None = None,
    *,
    callers: KeyRing | None = None,
    observers: Sequence[Observer] = (),
    answers: Answers | None = None,
    **more: Any,
) -> tuple[Gateway, Household]:
    household = assemble(settings, environment={}, transport=transport)
    services = Services(
        wires=WIRES,
        callers=callers or KeyRing(),
        journal=Journal(observers),
        limits=Limits(),
        handlers=HANDLERS,
        answers=answers,
        **more,
    )
    return Gateway(household, services, host="127.0.0.1"), household


@dataclass
class Answered:
    """What came back, piece by piece."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    pieces: list[bytes] = field(default_factory=list)
    is_whole: bool = False

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)


async def call(
    gateway: Gateway,
    path: str,
    body: bytes = b"",
    *,
    method: str = "POST",
    headers: Mapping[str, str] | Sequence[tuple[str, str]] = PLAIN,
    query: str = "",
    leave_after: int | None = None,
    peer: str = "127.0.0.1",
) -> Answered:
    """One call. `leave_after` pieces of the answer the client hangs up."""
    answered, gone, sent = Answered(), asyncio.Event(), asyncio.Event()

    async def receive() -> dict[str, Any]:
        if not sent.is_set():
            sent.set()
            return {"type": "http.request", "body": body, "more_body": False}
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answered.status = message["status"]
            answered.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            return
        answered.pieces += [message["body"]] if message["body"] else []
        answered.is_whole = not message.get("more_body", False)
        if answered.is_whole or (leave_after is not None and len(answered.pieces) >= leave_after):
            gone.set()
        await asyncio.sleep(0)

    scope = {"type": "http", "client": (peer, 5000), "method": method, "path": path}
    scope |= {"query_string": query.encode(), "headers": _pairs(headers)}
    await asyncio.wait_for(gateway(scope, receive, send), 20)
    return answered


def _pairs(headers: Mapping[str, str] | Sequence[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    return [(name.encode(), value.encode()) for name, value in pairs]


@dataclass(frozen=True)
class Written:
    """A question as a client of one protocol sends it."""

    path: str
    query: str
    body: bytes
    framing: str

    @property
    def address(self) -> dict[str, str]:
        return {"path": self.path, "query": self.query}


def written(protocol: str, request: ChatRequest, *, stream: bool = False) -> Written:
    """In a client's words; `request.model` is the name it knows."""
    target = Target(provider="gateway", model=request.model, wire=protocol, base_url="http://gateway")
    sent = WIRES[protocol].codec.write_request(request, target, stream=stream)
    query = "&".join(f"{name}={value}" for name, value in sent.query.items())
    path = unquote(BASE_PATHS.get(protocol, "") + sent.path)  # as a server hands it on
    return Written(path=path, query=query, body=sent.body, framing=sent.framing)


async def ask(
    gateway: Gateway, protocol: str, request: ChatRequest, *, stream: bool = False
) -> tuple[ChatReply, Answered]:
    """What a client of the protocol understands, or its codec's error; and the answer itself."""
    asked = written(protocol, request, stream=stream)
    codec = WIRES[protocol].codec
    answered = await call(gateway, asked.path, asked.body, query=asked.query)
    told = WireAnswer(status=answered.status, headers=answered.headers, body=answered.body)
    if answered.status >= 400:
        raise codec.read_error(told)
    if not stream:
        return codec.read_reply(told), answered
    frames = codec.write_request(
        request, Target(provider="", model=request.model, wire=protocol, base_url=""), stream=True
    )
    return assemble_events(read_events(protocol, frames, answered.body)), answered


def simulator() -> Simulator:
    return Simulator(seed=7, speed=0)


async def seen(what: Callable[[], bool]) -> None:
    """Wait until it is so; a test that waits in vain fails."""
    async with asyncio.timeout(10):
        while not what():  # noqa: ASYNC110 nobody tells of it
            await asyncio.sleep(0.01)
