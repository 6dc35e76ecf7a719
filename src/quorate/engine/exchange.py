"""The ways to use a target: a whole reply, a streamed one, an operation that is not a chat.

Each turns a target into a request, and a provider's answer into a result. The engine runs them all
through the same steps and never asks which one it has.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from quorate.errors import Unsupported
from quorate.transport.seam import Arrival
from quorate.types.chat import ChatReply, ChatRequest
from quorate.types.target import Target
from quorate.types.usage import MISSING, Usage
from quorate.types.value import replace
from quorate.types.work import EmbedReply, EmbedRequest, ModelList, ModelsRequest
from quorate.wire.framing import framer
from quorate.wire.seam import WireAnswer, WireRequest, Wires

from .estimate import size_of
from .receipt import Receipt
from .stream import ReplyStream

Settle = Callable[[Usage], Receipt]
"""Books what an answer used, once. Returns what the reply says of it."""

Result = TypeVar("Result", covariant=True)


class Exchange(Protocol[Result]):
    """One use of a target."""

    model: str
    max_output: int | None

    def size(self) -> int:
        """An upper bound of the input's tokens."""
        ...

    def write(self, target: Target) -> WireRequest: ...

    async def read(self, arrival: Arrival, target: Target, written: WireRequest, settle: Settle) -> Result:
        """Returns when the answer has begun for good: no other target is tried after that."""
        ...

    def leave(self) -> None:
        """The caller is done with the result, at its end or before."""
        ...


class _Chat:
    def __init__(self, request: ChatRequest, wires: Wires) -> None:
        self.request, self.wires = request, wires
        self.model, self.max_output = request.model, request.max_output

    def size(self) -> int:
        return size_of(self.request)

    def filled(self, target: Target) -> ChatRequest:
        """The request with the entry's own settings where it leaves them open."""
        if not target.defaults:
            return self.request
        missing = {key: value for key, value in target.defaults.items() if getattr(self.request, key) is None}
        return replace(self.request, **missing) if missing else self.request


class Whole(_Chat):
    """The reply in one piece."""

    def write(self, target: Target) -> WireRequest:
        return self.wires[target.wire].codec.write_request(self.filled(target), target, stream=False)

    async def read(self, arrival: Arrival, target: Target, written: WireRequest, settle: Settle) -> ChatReply:
        reply = self.wires[target.wire].codec.read_reply(await whole(arrival))
        receipt = settle(reply.usage)
        return replace(
            reply,
            provider=receipt.provider,
            cost=receipt.cost,
            price_rule=receipt.price_rule,
            fidelity=receipt.fidelity,
            attempts=receipt.attempts,
        )

    def leave(self) -> None:
        """Nothing is open: the reply came whole."""


class Streamed(_Chat):
    """The reply as it arrives."""

    _stream: ReplyStream | None = None

    def write(self, target: Target) -> WireRequest:
        return self.wires[target.wire].codec.write_request(self.filled(target), target, stream=True)

    async def read(
        self, arrival: Arrival, target: Target, written: WireRequest, settle: Settle
    ) -> ReplyStream:
        stream = ReplyStream(
            chunks=arrival.chunks(),
            framer=framer(written.framing),
            reader=self.wires[target.wire].codec.stream_reader(),
            target=target,
            size=self.size,
            settle=settle,
        )
        await stream.begin()
        self._stream = stream
        return stream

    def leave(self) -> None:
        if self._stream is not None:
            self._stream.stop()


class Embedding:
    """Vectors for texts."""

    max_output: int | None = 0

    def __init__(self, request: EmbedRequest, wires: Wires) -> None:
        self._request, self._wires, self.model = request, wires, request.model

    def size(self) -> int:
        return sum(len(text.encode()) for text in self._request.inputs)

    def write(self, target: Target) -> WireRequest:
        codec = self._wires[target.wire].work.get("embed")
        if codec is None:
            raise Unsupported(f"'{target.provider}' offers no embeddings", settings=("embed",))
        return codec.write_request(self._request, target)

    async def read(
        self, arrival: Arrival, target: Target, written: WireRequest, settle: Settle
    ) -> EmbedReply:
        reply: EmbedReply = self._wires[target.wire].work["embed"].read_reply(await whole(arrival))
        receipt = settle(reply.usage)
        return replace(
            reply,
            provider=receipt.provider,
            cost=receipt.cost,
            price_rule=receipt.price_rule,
            fidelity=receipt.fidelity,
            attempts=receipt.attempts,
        )

    def leave(self) -> None:
        """Nothing is open."""


class Listing:
    """One page of a provider's models. Costs nothing and is not counted."""

    max_output: int | None = 0

    def __init__(self, request: ModelsRequest, wires: Wires, model: str) -> None:
        self._request, self._wires, self.model = request, wires, model

    def size(self) -> int:
        return 0

    def write(self, target: Target) -> WireRequest:
        codec = self._wires[target.wire].work.get("models")
        if codec is None:
            raise Unsupported(f"'{target.provider}' lists no models", settings=("models",))
        return codec.write_request(self._request, target)

    async def read(self, arrival: Arrival, target: Target, written: WireRequest, settle: Settle) -> ModelList:
        listed: ModelList = self._wires[target.wire].work["models"].read_reply(await whole(arrival))
        settle(MISSING)
        return listed

    def leave(self) -> None:
        """Nothing is open."""


async def whole(arrival: Arrival) -> WireAnswer:
    """The answer with its whole body."""
    body = await arrival.read()
    headers: dict[str, Any] = dict(arrival.headers)
    return WireAnswer(status=arrival.status, headers=headers, body=body)
