"""What the simulator has seen: counts that prove to a test what reached the other side."""

from __future__ import annotations

from collections import Counter

from quorate.types.usage import Usage
from quorate.types.value import Value


class StatsReport(Value):
    """The counts so far."""

    requests: int
    """Calls to a protocol, refused ones included; pages of the simulator itself are not counted."""
    answered: int
    """Sent to their end, whatever their end was."""
    cancelled: int
    """The client hung up before the end."""
    open: int
    """In work."""
    connections: int
    """Connections accepted."""
    streams: int
    by_protocol: dict[str, int]
    by_operation: dict[str, int]
    by_model: dict[str, int]
    by_status: dict[str, int]
    faults: dict[str, int]
    input_tokens: int
    output_tokens: int


class Stats:
    """Counts as they grow."""

    def __init__(self) -> None:
        self.connections = 0
        self.clear()

    def clear(self) -> None:
        self.requests = self.answered = self.cancelled = self.streams = 0
        self.input_tokens = self.output_tokens = 0
        self.by_protocol: Counter[str] = Counter()
        self.by_operation: Counter[str] = Counter()
        self.by_model: Counter[str] = Counter()
        self.by_status: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()

    def connected(self) -> None:
        self.connections += 1

    def used(self, usage: Usage) -> None:
        self.input_tokens += usage.input_total
        self.output_tokens += usage.output_total

    def report(self) -> StatsReport:
        return StatsReport(
            requests=self.requests,
            answered=self.answered,
            cancelled=self.cancelled,
            open=self.requests - self.answered - self.cancelled,
            connections=self.connections,
            streams=self.streams,
            by_protocol=dict(self.by_protocol),
            by_operation=dict(self.by_operation),
            by_model=dict(self.by_model),
            by_status=dict(self.by_status),
            faults=dict(self.faults),
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
        )
