"""What is known of each provider from the calls so far: requests, failures, tokens, cost, latency."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from decimal import Decimal

from quorate.types.target import Target
from quorate.types.usage import Usage
from quorate.types.value import Value

KEPT = 512
"""Latencies of the last answers kept per provider, for the percentiles."""


class ProviderStatistics(Value):
    """Counts since the client was made."""

    requests: int = 0
    """Attempts sent to the provider."""
    answered: int = 0
    failures: int = 0
    left: int = 0
    """Attempts that the caller left before their end."""
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal = Decimal(0)
    """Dollars of what has a known price, given up attempts included by estimate."""
    unpriced: int = 0
    """Attempts that used something whose cost is not known."""
    latency: float | None = None
    """Mean seconds of whole answers, the last ones."""
    latency_p95: float | None = None
    last_error: str = ""
    """Code of the latest failure; '' after an answer."""


class _Counts:
    __slots__ = (
        "answered",
        "cost",
        "failed_in_a_row",
        "failures",
        "input_tokens",
        "last_error",
        "left",
        "output_tokens",
        "requests",
        "seconds",
        "unpriced",
    )

    def __init__(self) -> None:
        self.requests = self.answered = self.failures = self.left = self.unpriced = 0
        self.input_tokens = self.output_tokens = self.failed_in_a_row = 0
        self.cost = Decimal(0)
        self.last_error = ""
        self.seconds: deque[float] = deque(maxlen=KEPT)


class Statistics:
    """The books of one client. Also the `Health` that plans are told of."""

    def __init__(self) -> None:
        self._counts: dict[str, _Counts] = {}

    def answered(self, provider: str, seconds: float) -> None:
        counts = self._of(provider)
        counts.requests += 1
        counts.answered += 1
        counts.seconds.append(seconds)
        counts.failed_in_a_row, counts.last_error = 0, ""

    def failed(self, provider: str, code: str) -> None:
        counts = self._of(provider)
        counts.requests += 1
        counts.failures += 1
        counts.failed_in_a_row += 1
        counts.last_error = code

    def left(self, provider: str) -> None:
        counts = self._of(provider)
        counts.requests += 1
        counts.left += 1

    def used(self, provider: str, usage: Usage, cost: Decimal | None) -> None:
        """What an attempt used, however it ended."""
        counts = self._of(provider)
        counts.input_tokens += usage.input_total
        counts.output_tokens += usage.output_total
        if cost is None:
            counts.unpriced += 1
        else:
            counts.cost += cost

    def failures_in_a_row(self, target: Target) -> int:
        counts = self._counts.get(target.provider)
        return counts.failed_in_a_row if counts else 0

    def read(self) -> dict[str, ProviderStatistics]:
        """By provider name."""
        return {name: _told(counts) for name, counts in self._counts.items()}

    def _of(self, provider: str) -> _Counts:
        counts = self._counts.get(provider)
        if counts is None:
            counts = self._counts[provider] = _Counts()
        return counts


def _told(counts: _Counts) -> ProviderStatistics:
    return ProviderStatistics(
        requests=counts.requests,
        answered=counts.answered,
        failures=counts.failures,
        left=counts.left,
        input_tokens=counts.input_tokens,
        output_tokens=counts.output_tokens,
        cost=counts.cost,
        unpriced=counts.unpriced,
        latency=sum(counts.seconds) / len(counts.seconds) if counts.seconds else None,
        latency_p95=percentile(counts.seconds, 0.95),
        last_error=counts.last_error,
    )


def percentile(values: Iterable[float], share: float) -> float | None:
    """The nearest-rank percentile; None of nothing."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None
