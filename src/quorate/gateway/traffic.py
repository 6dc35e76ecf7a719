"""How many calls run: counted on their way in and out, read by whoever wants to know."""

from __future__ import annotations


class Traffic:
    """One for a gateway."""

    __slots__ = ("running",)

    def __init__(self) -> None:
        self.running = 0
