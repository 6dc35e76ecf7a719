"""How many tokens a chat's input has: counted by the provider, or by us where it cannot say."""

from __future__ import annotations

from quorate.errors import Unsupported, UpstreamError
from quorate.transport.seam import Arrival
from quorate.types.chat import Departure
from quorate.types.target import Target
from quorate.types.usage import Usage
from quorate.types.value import replace
from quorate.types.work import CountReply, CountRequest
from quorate.wire.seam import WireRequest, Wires

from .call import AttemptBooks, Bound, CallRecord
from .estimate import BYTES_PER_TOKEN, size_of
from .exchange import NOTHING, whole
from .routing.seam import Route
from .routing.strategies import priority


class Counting:
    """The provider's own count. Costs nothing."""

    def __init__(self, request: CountRequest, wires: Wires) -> None:
        self._request, self._wires, self.model = request, wires, request.model

    def bound(self) -> Bound:
        return Bound(max_output=0)

    def used(self) -> Usage:
        return NOTHING

    def write(self, target: Target) -> WireRequest:
        codec = self._wires[target.wire].work.get("count")
        if codec is None:
            raise Unsupported(f"'{target.provider}' counts no tokens", settings=("count",))
        return codec.write_request(self._request, target)

    async def read(
        self, arrival: Arrival, target: Target, written: WireRequest, books: AttemptBooks
    ) -> CountReply:
        reply: CountReply = self._wires[target.wire].work["count"].read_reply(await whole(arrival))
        receipt = books.settle(NOTHING)
        return replace(
            reply,
            model=target.model,
            provider=receipt.provider,
            fidelity=receipt.fidelity,
            attempts=receipt.attempts,
        )

    async def leave(self) -> None:
        """Nothing is open."""


def favourite(route: Route) -> Route:
    """The target that comes first by priority, alone: each model counts in its own way.

    The route's own strategy is not asked: one that keeps a turn would lose it to a count.
    """
    return Route(targets=(min(route.targets, key=lambda each: each.priority),), strategy=priority)


_NOT_THERE = (404, 405, 501)
"""What servers say of a path that they do not have."""


def estimated(
    request: CountRequest, target: Target, error: Unsupported | UpstreamError, record: CallRecord
) -> CountReply:
    """A count of ours. Raises the error where the provider says that the request itself is wrong."""
    if isinstance(error, UpstreamError) and error.retry == "never" and error.status not in _NOT_THERE:
        raise error
    reason = Departure(setting="tokens", kind="emulated", detail=f"counted by its length: {error}")
    return CountReply(
        tokens=-(-size_of(request.request) // BYTES_PER_TOKEN),
        estimated=True,
        model=target.model,
        provider=target.provider,
        fidelity=(reason,),
        attempts=tuple(record.attempts),
    )
