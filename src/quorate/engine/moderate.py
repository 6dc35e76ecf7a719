"""Asks a provider's moderation model about texts."""

from __future__ import annotations

from quorate.errors import Unsupported
from quorate.transport.seam import Arrival
from quorate.types.target import Target
from quorate.types.usage import Usage
from quorate.types.value import replace
from quorate.types.work import ModerateReply, ModerateRequest
from quorate.wire.seam import WireRequest, Wires

from .call import AttemptBooks, Bound
from .exchange import NOTHING, whole


class Moderating:
    """Scores for texts. Providers tell no usage of it, and ask no money for it."""

    def __init__(self, request: ModerateRequest, wires: Wires) -> None:
        self._request, self._wires, self.model = request, wires, request.model

    def bound(self) -> Bound:
        return Bound(max_output=0)

    def used(self) -> Usage:
        return NOTHING

    def write(self, target: Target) -> WireRequest:
        codec = self._wires[target.wire].work.get("moderate")
        if codec is None:
            raise Unsupported(f"'{target.provider}' has no moderation endpoint", settings=("moderate",))
        return codec.write_request(self._request, target)

    async def read(
        self, arrival: Arrival, target: Target, written: WireRequest, books: AttemptBooks
    ) -> ModerateReply:
        reply: ModerateReply = self._wires[target.wire].work["moderate"].read_reply(await whole(arrival))
        receipt = books.settle(NOTHING)
        return replace(reply, provider=receipt.provider, fidelity=receipt.fidelity, attempts=receipt.attempts)

    async def leave(self) -> None:
        """Nothing is open."""
