"""An answer on its way to a client, in the client's protocol, with what the engine knows of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

from quorate.types.chat import Departure
from quorate.types.value import Value

from .call import AttemptBooks


class Delivery(Value):
    """What goes to the client: a whole body, or pieces as they come."""

    headers: dict[str, str]
    provider: str
    model: str
    """As the provider calls it."""
    attempts: int
    """This one included."""
    fidelity: tuple[Departure, ...] = ()
    cost: Decimal | None = None
    """Dollars of a whole answer with a known price. What a stream costs is known when it is over."""
    body: bytes = b""
    pieces: AsyncIterator[bytes] | None = None
    """None for a whole answer."""


def delivery(
    books: AttemptBooks,
    headers: dict[str, str],
    *,
    body: bytes = b"",
    cost: Decimal | None = None,
    pieces: AsyncIterator[bytes] | None = None,
) -> Delivery:
    """Of the attempt that these books are kept of."""
    return Delivery(
        headers=headers,
        provider=books.target.provider,
        model=books.target.model,
        attempts=books.number,
        fidelity=books.fidelity,
        cost=cost,
        body=body,
        pieces=pieces,
    )
