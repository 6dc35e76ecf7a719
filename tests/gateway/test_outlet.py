"""What the head of an answer tells of it."""

from __future__ import annotations

from quorate.engine.delivery import Delivery
from quorate.gateway.outlet import account
from quorate.types.chat import Departure


def told(count: int) -> str:
    departures = tuple(
        Departure(setting=f"messages.{place}.parts.0", kind="dropped", detail="") for place in range(count)
    )
    return account(Delivery(headers={}, provider="p", model="m", attempts=1, fidelity=departures))[
        "x-quorate-fidelity"
    ]


def test_what_a_target_did_not_take_is_told_by_name():
    assert told(2) == "messages.0.parts.0=dropped, messages.1.parts.0=dropped"


def test_a_long_conversation_does_not_swell_the_head():
    """Clients refuse heads of more than 8 or 16 KiB."""
    found = told(5_000)

    named = found.count("=dropped")
    assert len(found) < 2_100
    assert found.endswith(f", and {5_000 - named} more")
