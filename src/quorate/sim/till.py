"""What the simulated providers have charged, told as a gateway with credits does: key, credits, bills."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from quorate.types.usage import Usage
from quorate.wire.seam import Call

from .models import SimModel

CREDITS = Decimal(100)
"""Dollars that are paid in."""

_MILLION = 1_000_000
_MOST = 4096
"""Bills kept; the oldest goes first."""


class Till:
    """Adds up. Its pages stand under any path: `…/key`, `…/credits`, `…/generation?id=…`."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self._spent = Decimal(0)
        self._bills: dict[str, Mapping[str, Any]] = {}

    def charge(self, identity: str, model: str, usage: Usage, played: SimModel) -> None:
        """An answer has been given."""
        dollars = (
            usage.input_total * played.input_price + usage.output_total * played.output_price
        ) / _MILLION
        self._spent += dollars
        self._bills[identity] = {
            "id": identity,
            "model": model,
            "provider_name": "Quorate Simulator",
            "is_byok": False,
            "total_cost": float(dollars),
            "native_tokens_prompt": usage.input_total,
            "native_tokens_cached": usage.cache_read,
            "native_tokens_completion": usage.output_total,
            "native_tokens_reasoning": usage.reasoning,
        }
        while len(self._bills) > _MOST:
            del self._bills[next(iter(self._bills))]

    def page(self, call: Call) -> Mapping[str, Any] | None:
        """What stands there; None where nothing does."""
        spent = float(self._spent)
        match call.method, call.path.rpartition("/")[2]:
            case "GET", "key":
                told: Mapping[str, Any] | None = {"label": "simulated", "usage": spent, "limit": None}
            case "GET", "credits":
                told = {"total_credits": float(CREDITS), "total_usage": spent}
            case "GET", "generation":
                told = self._bills.get(call.query.get("id", ""))
            case _:
                told = None
        return None if told is None else {"data": told}
