"""Counts calls and attempts in plain numbers, for each call a few additions; what they are called is in `metrics`."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from decimal import Decimal

from quorate.gateway.record import AccessRecord
from quorate.types.chat import AttemptRecord
from quorate.types.usage import Usage

from .counted import Counted, Spread
from .metrics import BUCKETS, Labels

MOST_MODELS = 100
"""Models that are told apart. The rest, and what never answered, is counted as `OTHER`: clients invent names."""

MOST_PROVIDERS = 200
OTHER = "other"

TOKEN_CLASSES = (
    "input",
    "cache_read",
    "cache_write",
    "cache_write_1h",
    "input_audio",
    "input_image",
    "output",
    "output_audio",
    "output_image",
)
"""Those fields of `Usage` that do not overlap."""


class Tally:
    """An observer of calls."""

    def __init__(self) -> None:
        self._calls: dict[tuple[str, str, str, str, str, int], _Calls] = {}
        self._times: dict[Labels, _Times] = {}
        self._refused: dict[str, int] = {}
        self._targets: dict[str, _Target] = {}
        self._others: dict[str, _Target] = {}

    def take(self, records: Sequence[AccessRecord]) -> None:
        for record in records:
            if record.is_of_a_front:
                self._count(record)

    def _count(self, record: AccessRecord) -> None:
        trace, provider, model = record.trace, "", ""
        if trace:
            target = self._tried(trace)
            provider, model = target.provider, target.model
        elif record.outcome not in ("answered", "left"):
            self._refused[record.outcome] = self._refused.get(record.outcome, 0) + 1
        key = (
            record.protocol,
            record.operation,
            provider,
            model,
            record.outcome,
            record.status // 100,
        )
        calls = self._calls.get(key)
        if calls is None:
            times = self._times.get(key[:4])
            if times is None:
                times = self._times[key[:4]] = _Times()
            calls = self._calls[key] = _Calls(times)
        calls.count += 1
        calls.times.whole.add(record.ended - record.began)
        if record.first_byte:
            calls.times.first_byte.add(record.first_byte - record.began)

    def _tried(self, trace: Sequence[AttemptRecord]) -> _Target:
        """Count every attempt; the target of the last one."""
        last = self._try(trace[0])
        for attempt in trace[1:]:
            target = self._try(attempt)
            if target is not last:
                last.fallbacks += 1
            last = target
        return last

    def _try(self, attempt: AttemptRecord) -> _Target:
        target = self._targets.get(attempt.target) or self._met(attempt)
        target.add(attempt)
        return target

    def _met(self, attempt: AttemptRecord) -> _Target:
        """A target that is not among the known ones: it becomes one by an answer."""
        provider, _, model = attempt.target.partition("/")
        if attempt.outcome == "answered" and len(self._targets) < MOST_MODELS:
            made = self._targets[attempt.target] = _Target(provider, model)
            return made
        if provider not in self._others and len(self._others) >= MOST_PROVIDERS:
            provider = OTHER
        return self._others.setdefault(provider, _Target(provider, OTHER))

    def counted(self) -> Counted:
        numbers: dict[str, dict[Labels, float]] = {
            "quorate_requests_total": {
                (*key[:5], f"{key[5]}xx" if key[5] else ""): calls.count for key, calls in self._calls.items()
            },
            "quorate_refused_total": {(reason,): count for reason, count in self._refused.items()},
        }
        spreads = {
            "quorate_request_seconds": {labels: each.whole.spread() for labels, each in self._times.items()},
            "quorate_first_byte_seconds": {
                labels: each.first_byte.spread() for labels, each in self._times.items()
            },
            "quorate_attempt_seconds": {each.labels: each.seconds.spread() for each in self._met_so_far()},
        }
        for target in self._met_so_far():
            for name, series in target.numbers().items():
                numbers.setdefault(name, {}).update(series)
        return Counted(numbers=numbers, spreads=spreads)

    def _met_so_far(self) -> list[_Target]:
        return [*self._targets.values(), *self._others.values()]


class _Timed:
    __slots__ = ("_counts", "_seconds")

    def __init__(self) -> None:
        self._counts = [0] * (len(BUCKETS) + 1)
        self._seconds = 0.0

    def add(self, seconds: float) -> None:
        self._counts[bisect_left(BUCKETS, seconds)] += 1
        self._seconds += seconds

    def spread(self) -> Spread:
        return Spread(counts=tuple(self._counts), seconds=self._seconds)


class _Times:
    """Of calls of one kind, however they ended."""

    __slots__ = ("first_byte", "whole")

    def __init__(self) -> None:
        self.whole, self.first_byte = _Timed(), _Timed()


class _Calls:
    """Calls of one kind that ended alike."""

    __slots__ = ("count", "times")

    def __init__(self, times: _Times) -> None:
        self.count = 0
        self.times = times


class _Target:
    """All attempts at one target."""

    __slots__ = (
        "cost",
        "fallbacks",
        "model",
        "outcomes",
        "provider",
        "reasoning",
        "seconds",
        "tokens",
        "unpriced",
    )

    def __init__(self, provider: str, model: str) -> None:
        self.provider, self.model = provider, model
        self.outcomes: dict[str, int] = {}
        self.tokens: dict[str, int] = {}
        self.seconds = _Timed()
        self.fallbacks = self.reasoning = self.unpriced = 0
        self.cost = Decimal(0)

    @property
    def labels(self) -> Labels:
        return self.provider, self.model

    def add(self, attempt: AttemptRecord) -> None:
        self.outcomes[attempt.outcome] = self.outcomes.get(attempt.outcome, 0) + 1
        self.seconds.add(attempt.seconds)
        usage = attempt.usage
        if usage.quality != "missing":
            self._use(usage)
            if attempt.cost is not None:
                self.cost += attempt.cost
            elif usage.total:
                self.unpriced += 1

    def _use(self, usage: Usage) -> None:
        tokens = self.tokens
        for name in TOKEN_CLASSES:
            if count := getattr(usage, name):
                tokens[name] = tokens.get(name, 0) + count
        self.reasoning += usage.reasoning

    def numbers(self) -> Mapping[str, dict[Labels, float]]:
        own = self.labels
        return {
            "quorate_attempts_total": {(*own, outcome): count for outcome, count in self.outcomes.items()},
            "quorate_fallbacks_total": {own: self.fallbacks},
            "quorate_tokens_total": {(*own, name): count for name, count in self.tokens.items()},
            "quorate_reasoning_tokens_total": {own: self.reasoning},
            "quorate_cost_dollars_total": {own: float(self.cost)},
            "quorate_unpriced_attempts_total": {own: self.unpriced},
        }
