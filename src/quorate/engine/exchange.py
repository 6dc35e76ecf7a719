"""The ways to use a target: a whole reply, a streamed one, an operation that is not a chat.

Each turns a target into a request, and a provider's answer into a result. The engine runs them all
through the same steps and never asks which one it has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

from quorate.errors import Unsupported
from quorate.transport.seam import Arrival
from quorate.types.chat import ChatReply, ChatRequest
from quorate.types.target import Target
from quorate.types.usage import Usage
from quorate.types.value import replace
from quorate.types.work import Operation
from quorate.wire.framing import framer
from quorate.wire.seam import WireAnswer, WireRequest, Wires

from .call import AttemptBooks, Bound
from .estimate import is_marked, size_of, spent_so_far
from .stated import with_stated
from .stream import ReplyStream

Result = TypeVar("Result", covariant=True)

NOTHING = Usage()


class Exchange(Protocol[Result]):
    """One use of a target."""

    model: str

    def bound(self) -> Bound:
        """Above what one attempt can use."""
        ...

    def write(self, target: Target) -> WireRequest: ...

    async def read(
        self, arrival: Arrival, target: Target, written: WireRequest, books: AttemptBooks
    ) -> Result:
        """Settles, or hands out what will. Returns when the answer has begun for good: no other target is
        tried after that.
        """
        ...

    def used(self) -> Usage:
        """What the attempt has used by now, by estimate."""
        ...

    async def leave(self) -> None:
        """The caller is done with the result, at its end or before."""
        ...


class _Chat:
    def __init__(self, request: ChatRequest, wires: Wires) -> None:
        self.request, self.wires, self.model = request, wires, request.model

    def bound(self) -> Bound:
        request = self.request
        return Bound(
            size=size_of(request),
            max_output=request.max_output,
            answers=request.n or 1,
            cached=is_marked(request),
        )

    def used(self) -> Usage:
        return spent_so_far(size_of(self.request), ())

    async def leave(self) -> None:
        """Nothing is open: the reply came whole."""

    def filled(self, target: Target, request: ChatRequest | None = None) -> ChatRequest:
        """The request, or another form of it, with the entry's own settings where it leaves them open."""
        request = request or self.request
        if not target.defaults:
            return request
        missing = {key: value for key, value in target.defaults.items() if getattr(request, key) is None}
        return replace(request, **missing) if missing else request


class Whole(_Chat):
    """The reply in one piece."""

    def write(self, target: Target, request: ChatRequest | None = None) -> WireRequest:
        """`request` is what is asked of this target, where that is not the same for all."""
        return self.wires[target.wire].codec.write_request(self.filled(target, request), target, stream=False)

    async def read(
        self, arrival: Arrival, target: Target, written: WireRequest, books: AttemptBooks
    ) -> ChatReply:
        reply = self.wires[target.wire].codec.read_reply(await whole(arrival))
        usage = with_stated(reply.usage, target, arrival.headers)
        receipt = books.settle(usage)
        return replace(
            reply,
            usage=usage,
            model=reply.model or target.model,
            provider=receipt.provider,
            cost=receipt.cost,
            price_rule=receipt.price_rule,
            fidelity=receipt.fidelity,
            attempts=receipt.attempts,
        )


class Streamed(_Chat):
    """The reply as it arrives."""

    _stream: ReplyStream | None = None

    def write(self, target: Target, request: ChatRequest | None = None) -> WireRequest:
        self._stream = None
        return self.wires[target.wire].codec.write_request(self.filled(target, request), target, stream=True)

    async def read(
        self, arrival: Arrival, target: Target, written: WireRequest, books: AttemptBooks
    ) -> ReplyStream:
        self._stream = ReplyStream(
            chunks=arrival.chunks(),
            framer=framer(written.framing),
            reader=self.wires[target.wire].codec.stream_reader(),
            size=lambda: size_of(self.request),
            books=books,
        )
        await self._stream.begin()
        return self._stream

    def used(self) -> Usage:
        return super().used() if self._stream is None else self._stream.used()

    async def leave(self) -> None:
        if self._stream is not None:
            await self._stream.close()


class Inquiry:
    """A question to a provider about itself: its models, its account. Costs nothing."""

    def __init__(self, operation: Operation, request: object, wires: Wires, model: str) -> None:
        self._operation: Operation = operation
        self._request, self._wires, self.model = request, wires, model

    def bound(self) -> Bound:
        return Bound(max_output=0)

    def used(self) -> Usage:
        return NOTHING

    def write(self, target: Target) -> WireRequest:
        operation = self._operation
        codec = self._wires[target.wire].work.get(operation)
        if codec is None or target.quirks.paths.get(operation) == "":
            raise Unsupported(f"'{target.provider}' {_LACKS[operation]}", settings=(operation,))
        return codec.write_request(self._request, target)

    async def read(self, arrival: Arrival, target: Target, written: WireRequest, books: AttemptBooks) -> Any:
        told = self._wires[target.wire].work[self._operation].read_reply(await whole(arrival))
        books.settle(NOTHING)
        return told

    async def leave(self) -> None:
        """Nothing is open."""


_LACKS: Mapping[Operation, str] = {
    "models": "lists no models",
    "account": "tells nothing of its accounts",
    "credits": "tells nothing of its accounts",
    "bill": "tells nothing of what an answer cost",
}
"""What is said of a provider that does not answer such a question."""


async def whole(arrival: Arrival) -> WireAnswer:
    """The answer with its whole body."""
    body = await arrival.read()
    headers: dict[str, Any] = dict(arrival.headers)
    return WireAnswer(status=arrival.status, headers=headers, body=body)
