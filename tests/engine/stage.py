"""A stage for the engine: a transport that plays a script, a small protocol, a clock that is moved by hand."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

from quorate.engine.call import Books
from quorate.engine.engine import Engine
from quorate.engine.routing.seam import Route, RoutingStrategy
from quorate.engine.routing.strategies import priority
from quorate.engine.statistics import Statistics
from quorate.errors import QuorateError, UpstreamBroken, UpstreamError
from quorate.providers.cloud import Clouds
from quorate.transport.seam import Arrival, Send
from quorate.types.budget import CallBudget
from quorate.types.chat import AttemptRecord, ChatReply, ChatRequest, Departure, Finish, Message
from quorate.types.events import Event, ReplyEnd, ReplyStart
from quorate.types.parts import Text
from quorate.types.secret import Secret
from quorate.types.target import Context, Quirks, Target
from quorate.types.usage import Charge, Usage
from quorate.types.value import Value
from quorate.types.work import (
    CountReply,
    CountRequest,
    EmbedReply,
    EmbedRequest,
    ModelInfo,
    ModelList,
    ModelsRequest,
)
from quorate.wire.builder import PartBuilder
from quorate.wire.failures import failure
from quorate.wire.seam import Frame, Wire, WireAnswer, WireRequest


class Silence(Value):
    """Nothing comes any more, for as long as somebody waits."""


Piece = bytes | UpstreamError | Silence


class Scene(Value):
    """What a provider does with one request: a failure to connect, or a status and the pieces of a body."""

    pieces: tuple[Piece, ...] = ()
    status: int = 200
    headers: dict[str, str] = {}
    failure: UpstreamError | None = None


class Acted(Arrival):
    """The answer of one scene."""

    def __init__(self, scene: Scene, stage: Stage) -> None:
        self._scene, self._stage = scene, stage
        self.status, self.headers = scene.status, scene.headers

    async def read(self) -> bytes:
        return b"".join([piece async for piece in self.chunks()])

    async def chunks(self) -> AsyncIterator[bytes]:
        self._stage.reading += 1
        try:
            for piece in self._scene.pieces:
                await asyncio.sleep(0)
                match piece:
                    case bytes():
                        yield piece
                    case Silence():
                        await asyncio.Event().wait()
                    case _:
                        raise piece
        finally:
            self._stage.reading -= 1


class Stage:
    """A transport that plays its scenes one after the other. `open` and `reading` count what was not given back."""

    def __init__(self, *scenes: Scene) -> None:
        self._scenes = list(scenes)
        self.sent: list[Send] = []
        self.open = self.reading = 0

    @asynccontextmanager
    async def send(self, request: Send) -> AsyncGenerator[Arrival]:
        self.sent.append(request)
        scene = self._scenes.pop(0)
        await asyncio.sleep(0)
        if scene.failure is not None:
            raise scene.failure
        self.open += 1
        try:
            yield Acted(scene, self)
        finally:
            self.open -= 1

    async def close(self) -> None:
        """Nothing is pooled."""

    @property
    def called(self) -> list[str]:
        return [json.loads(send.body)["model"] for send in self.sent]


class Codec:
    """Lines of JSON: `{"text"}` in pieces, `{"end", "input", "output"}` last, `{"error"}` at any time."""

    def write_request(self, request: ChatRequest, target: Target, *, stream: bool) -> WireRequest:
        dropped = tuple(
            Departure(setting=name, kind="dropped", detail=f"{name} is not known here")
            for name in sorted(target.quirks.drop)
            if getattr(request, name) is not None
        )
        body = {"model": target.model, "stream": stream, "max": request.max_output}
        return WireRequest(
            path="/ask",
            body=json.dumps(body).encode(),
            framing="ndjson" if stream else "json",
            fidelity=dropped,
        )

    def read_reply(self, answer: WireAnswer) -> ChatReply:
        told = read_json(answer.body)
        return ChatReply(
            id="r",
            model="m",
            message=Message(role="assistant", parts=(Text(text=told["text"]),)),
            finish=Finish(reason="stop"),
            usage=usage_of(told),
        )

    def read_error(self, answer: WireAnswer) -> UpstreamError:
        return failure(answer)

    def stream_reader(self) -> Reader:
        return Reader()


class Reader:
    """Reads one stream of the protocol."""

    def __init__(self) -> None:
        self._parts = PartBuilder()
        self._ended = False

    def read(self, frame: Frame) -> Iterable[Event]:
        told = read_json(frame.data)
        if "start" in told:
            return [ReplyStart(id="r", model="m")]
        if "end" in told:
            self._ended = True
            return [*self._parts.close(), ReplyEnd(finish=Finish(reason="stop"), usage=usage_of(told))]
        return [*self._parts.open("text", Text(text="")), *self._parts.grow(told["text"])]

    def close(self) -> Iterable[Event]:
        if not self._ended:
            raise UpstreamBroken("cut off")
        return ()


class EmbedCodec:
    """One number for each input."""

    def write_request(self, request: EmbedRequest, target: Target) -> WireRequest:
        return WireRequest(path="/embed", body=json.dumps({"model": target.model}).encode())

    def read_reply(self, answer: WireAnswer) -> EmbedReply:
        told = read_json(answer.body)
        return EmbedReply(model="m", vectors=tuple(map(tuple, told["vectors"])), usage=usage_of(told))


class CountCodec:
    """Counts tokens."""

    def write_request(self, request: CountRequest, target: Target) -> WireRequest:
        return WireRequest(path="/count", body=json.dumps({"model": target.model}).encode())

    def read_reply(self, answer: WireAnswer) -> CountReply:
        return CountReply(tokens=read_json(answer.body)["count"])


class ModelsCodec:
    """The models by their ids."""

    def write_request(self, request: ModelsRequest, target: Target) -> WireRequest:
        return WireRequest(path="/models", method="GET", body=b'{"model": ""}')

    def read_reply(self, answer: WireAnswer) -> ModelList:
        return ModelList(models=tuple(ModelInfo(id=name) for name in read_json(answer.body)["models"]))


def read_json(data: bytes) -> dict[str, Any]:
    """Raises what a codec raises of garbled bytes and of errors in an answer."""
    try:
        told = json.loads(data)
    except ValueError as error:
        raise UpstreamBroken("garbled") from error
    if "error" in told:
        raise failure(WireAnswer(body=data), codes=(told["error"],), words=told["error"])
    return told


def usage_of(told: Mapping[str, Any]) -> Usage:
    """`{"input", "output"}`, or missing."""
    return Usage(input=told["input"], output=told["output"]) if "input" in told else Usage(quality="missing")


TOY = Wire(
    name="toy", codec=Codec(), work={"embed": EmbedCodec(), "models": ModelsCodec(), "count": CountCodec()}
)
DEAF = Wire(name="deaf", codec=Codec())


class Prices:
    """A tenth of a cent for a token in, a cent for a token out; models called 'unpriced…' have no price."""

    def charge(self, target: Target, usage: Usage, at: datetime, tier: str) -> Charge | None:
        if target.model.startswith("unpriced") or usage.quality == "missing":
            return None
        tokens_in = usage.input + 2 * usage.cache_write_1h
        dollars = Decimal("0.001") * tokens_in + Decimal("0.01") * usage.output
        return Charge(dollars=dollars * (2 if tier == "fast" else 1), rule="test prices")


class Clock:
    """Stands still but for `sleep`, which moves it and takes no time."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.naps: list[float] = []

    def __call__(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.time += seconds
        await asyncio.sleep(0)


class Play:
    """An engine on a stage, with all that can be looked at afterwards."""

    def __init__(
        self,
        *scenes: Scene,
        targets: Sequence[Target] = (),
        strategy: RoutingStrategy = priority,
        wires: Sequence[Wire] = (),
        clouds: Clouds | None = None,
    ) -> None:
        self.stage, self.clock, self.statistics = Stage(*scenes), Clock(), Statistics()
        self.targets = tuple(targets) or (target("a"), target("b"))
        route = Route(targets=self.targets, strategy=strategy)
        self.books = Books(clock=self.clock, prices=Prices(), statistics=self.statistics)
        self.engine = Engine(
            resolve=lambda name, purpose="chat": route,
            wires={wire.name: wire for wire in (TOY, DEAF, *wires)},
            transport=self.stage,
            sign=lambda target, request: (target.base_url + request.path, {"key": target.secret.reveal()}),
            books=self.books,
            clouds=clouds,
            sleep=self.clock.sleep,
        )
        self.context = self.within()

    def within(self, **limits: Any) -> Context:
        """A context with these limits; `seconds` from this moment, the others as `CallBudget` has them."""
        strict, seconds = limits.pop("strict", False), limits.pop("seconds", None)
        deadline = None if seconds is None else self.clock.time + seconds
        budget = CallBudget(clock=self.clock, deadline=deadline, **limits)
        self.context = Context(budget=budget, strict=strict)
        return self.context


SECRET = Secret("sk-canary-0123456789")


def target(model: str, *, wire: str = "toy", drop: Iterable[str] = (), **fields: Any) -> Target:
    """A model at a provider of its own."""
    return Target(
        provider=f"of-{model}",
        model=model,
        wire=wire,
        base_url="https://example.com",
        secret=SECRET,
        quirks=Quirks(drop=frozenset(drop)),
        **fields,
    )


def answers(text: str = "hello", tokens_in: int = 3, tokens_out: int = 5) -> Scene:
    """A whole answer."""
    return Scene(pieces=(json.dumps({"text": text, "input": tokens_in, "output": tokens_out}).encode(),))


def fails(error: UpstreamError) -> Scene:
    """No connection, or none in time."""
    return Scene(failure=error)


def refuses(status: int, body: bytes = b"no", **headers: str) -> Scene:
    """An answer that is an error; header names are written with '_'."""
    return Scene(
        status=status,
        pieces=(body,),
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


START = b'{"start": 1}\n'
END = b'{"end": 1, "input": 3, "output": 5}\n'


def says(*words: str) -> tuple[bytes, ...]:
    """A line for each word."""
    return tuple(json.dumps({"text": word}).encode() + b"\n" for word in words)


def streams(*words: str) -> Scene:
    """A stream that comes to its end."""
    return Scene(pieces=(START, *says(*words), END))


QUESTION = ChatRequest(model="any", messages=(Message(role="user", parts=(Text(text="12345678" * 5),)),))
"""40 bytes: 14 tokens by estimate, 56 at most."""

INPUT_GUESSED = 14


async def raised_by(call: Any) -> QuorateError:
    """The error that a call ends with."""
    try:
        await call
    except QuorateError as error:
        return error
    raise AssertionError("it should have failed")


def outcomes_of(error: QuorateError) -> list[str]:
    """What became of each try of a call that failed."""
    return [each.outcome for each in error.attempts if isinstance(each, AttemptRecord)]
