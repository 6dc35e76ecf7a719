"""The operations that are not a chat: one exchange for all of them, and what each can cost, as a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from quorate.errors import Unsupported
from quorate.transport.seam import Arrival
from quorate.types.pictures import ImageRequest
from quorate.types.sound import SpeechRequest, TranscribeRequest
from quorate.types.target import Target
from quorate.types.usage import Usage
from quorate.types.value import Value, replace
from quorate.types.work import (
    EmbedRequest,
    ModerateRequest,
    Operation,
    RerankRequest,
    WorkReply,
    WorkRequest,
)
from quorate.wire.seam import WireRequest, Wires

from .call import AttemptBooks, Bound
from .estimate import BYTES_PER_HEARD_TOKEN, BYTES_PER_TOKEN, MEDIA_BOUND, spent_so_far
from .exchange import NOTHING, whole
from .stated import with_stated
from .unspoken import unspoken

Reply = TypeVar("Reply", bound=WorkReply)

MOST_PER_PICTURE = 16_384
"""Output tokens of one picture: above what the largest and best of today's take."""

LEAST_PER_SECOND = 750
"""Bytes of a second of sound, at the least."""

USUAL_PER_SECOND = 4_000
"""Bytes of a second of sound as speech is mostly kept, for estimates."""

MOST_SPOKEN = 8
"""Tokens of sound for one byte of text, at most: slow speech."""

DOCUMENTS_PER_SEARCH = 100


class Kind(Value):
    """What the engine has to know of an operation."""

    lacks: str
    """What is said of a provider that does not do it."""
    bound: Callable[[Any], Bound]
    """Above what one request can use."""
    used: Callable[[Any], Usage]
    """What a request uses, by estimate: where the provider was given up, or tells of no usage."""
    fills: bool = True
    """The estimate stands in for a provider that tells of no usage: what is billed is known from the request."""


class Work(Generic[Reply]):
    """One operation, whichever."""

    def __init__(self, operation: Operation, request: WorkRequest[Reply], wires: Wires) -> None:
        self._operation: Operation = operation
        self._kind, self._request, self._wires = KINDS[operation], request, wires
        self.model = request.model

    def bound(self) -> Bound:
        return self._kind.bound(self._request)

    def used(self) -> Usage:
        return self._kind.used(self._request)

    def write(self, target: Target) -> WireRequest:
        codec = self._wires[target.wire].work.get(self._operation)
        if codec is None or target.quirks.paths.get(self._operation) == "":
            raise Unsupported(f"'{target.provider}' {self._kind.lacks}", settings=(self._operation,))
        written = codec.write_request(self._request, target)
        lost = unspoken(self._request.vendor, target.wire)
        return replace(written, fidelity=(*written.fidelity, *lost)) if lost else written

    async def read(
        self, arrival: Arrival, target: Target, written: WireRequest, books: AttemptBooks
    ) -> Reply:
        reply: Reply = self._wires[target.wire].work[self._operation].read_reply(await whole(arrival))
        usage = with_stated(reply.usage, target, arrival.headers)
        if usage.quality == "missing" and self._kind.fills:
            usage = self.used()
        receipt = books.settle(usage)
        return replace(
            reply,
            model=reply.model or target.model,
            usage=usage,
            provider=receipt.provider,
            cost=receipt.cost,
            price_rule=receipt.price_rule,
            fidelity=receipt.fidelity,
            attempts=receipt.attempts,
        )

    async def leave(self) -> None:
        """Nothing is open."""


def _embed_size(request: EmbedRequest) -> int:
    return _size(*request.inputs) + sum(map(len, request.tokens))


def _size(*texts: str) -> int:
    return sum(len(text.encode()) for text in texts)


def _image_bound(request: ImageRequest) -> Bound:
    count = request.n or 1
    seen = MEDIA_BOUND * (len(request.images) + (request.mask is not None))
    drawn = Usage(input=_size(request.prompt), input_image=seen, output_image=MOST_PER_PICTURE * count)
    return Bound(uses=(drawn, Usage(images=count)))


def _speech_bound(request: SpeechRequest) -> Bound:
    size = _size(request.text, request.instructions)
    spoken = Usage(input=size, output_audio=MOST_SPOKEN * _size(request.text))
    return Bound(uses=(spoken, Usage(characters=len(request.text))))


def _transcribe_bound(request: TranscribeRequest) -> Bound:
    """A second has at most ten tokens of words."""
    seconds = -(-len(request.audio) // LEAST_PER_SECOND)
    heard = Usage(
        input=_size(request.prompt),
        input_audio=max(MEDIA_BOUND, len(request.audio) // BYTES_PER_HEARD_TOKEN),
        output=10 * seconds,
    )
    return Bound(uses=(heard, Usage(seconds=seconds)))


def _rerank_bound(request: RerankRequest) -> Bound:
    """The query is read with every document."""
    count = len(request.documents)
    read = Usage(input=_size(*request.documents) + count * _size(request.query))
    return Bound(uses=(read, Usage(searches=-(-count // DOCUMENTS_PER_SEARCH))))


def _rerank_used(request: RerankRequest) -> Usage:
    size = _size(request.query, *request.documents)
    return Usage(input=-(-size // BYTES_PER_TOKEN), quality="estimated")


def _moderated(_: ModerateRequest) -> Usage:
    """Where a provider tells of no usage, it asks for no money."""
    return NOTHING


KINDS: Mapping[Operation, Kind] = {
    "embed": Kind(
        lacks="offers no embeddings",
        bound=lambda request: Bound(size=_embed_size(request), max_output=0),
        used=lambda request: spent_so_far(_embed_size(request), ()),
        fills=False,
    ),
    "rerank": Kind(lacks="puts no documents in order", bound=_rerank_bound, used=_rerank_used, fills=False),
    "moderate": Kind(
        lacks="has no moderation endpoint", bound=lambda _: Bound(max_output=0), used=_moderated
    ),
    "images": Kind(
        lacks="draws no pictures",
        bound=_image_bound,
        used=lambda request: Usage(images=request.n or 1, quality="estimated"),
        fills=False,
    ),
    "speech": Kind(
        lacks="speaks no texts",
        bound=_speech_bound,
        used=lambda request: Usage(characters=len(request.text), quality="estimated"),
    ),
    "transcribe": Kind(
        lacks="writes no speech down",
        bound=_transcribe_bound,
        used=lambda request: Usage(seconds=-(-len(request.audio) // USUAL_PER_SECOND), quality="estimated"),
        fills=False,
    ),
}
