"""What the engine knows of an answer that a provider does not say."""

from __future__ import annotations

from decimal import Decimal

from quorate.types.chat import AttemptRecord, Departure
from quorate.types.value import Value


class Receipt(Value):
    """Who answered, at what price, how faithfully, and after which attempts."""

    provider: str
    cost: Decimal | None = None
    price_rule: str = ""
    fidelity: tuple[Departure, ...] = ()
    attempts: tuple[AttemptRecord, ...] = ()
