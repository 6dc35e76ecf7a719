"""Every metric that the gateway tells: its name, its labels and what it means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from quorate.types.value import Value

BUCKETS = (
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
    20.0,
    30.0,
    60.0,
    120.0,
    300.0,
    600.0,
)
"""Upper ends, in seconds, of what durations are sorted into; a last one has no end."""

Labels = tuple[str, ...]


class Metric(Value):
    """One name under `/metrics`. Counters and gauges of several workers add up."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    labels: Labels
    meaning: str


_CALL = ("front", "operation", "provider", "model")
_TARGET = ("provider", "model")

METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric(
            name="quorate_requests_total",
            kind="counter",
            labels=(*_CALL, "outcome", "status"),
            meaning="Calls that ended. outcome: answered, left (the client hung up), or the error's code. "
            "status: 2xx, 4xx, 5xx.",
        ),
        Metric(
            name="quorate_request_seconds",
            kind="histogram",
            labels=_CALL,
            meaning="From a call's head to the last byte of its answer.",
        ),
        Metric(
            name="quorate_first_byte_seconds",
            kind="histogram",
            labels=_CALL,
            meaning="From a call's head to the first byte of its answer.",
        ),
        Metric(
            name="quorate_refused_total",
            kind="counter",
            labels=("reason",),
            meaning="Calls that no provider was asked for: no key, a limit, a bad request.",
        ),
        Metric(
            name="quorate_attempts_total",
            kind="counter",
            labels=(*_TARGET, "outcome"),
            meaning="Tries at a provider.",
        ),
        Metric(
            name="quorate_attempt_seconds",
            kind="histogram",
            labels=_TARGET,
            meaning="How long tries took.",
        ),
        Metric(
            name="quorate_fallbacks_total",
            kind="counter",
            labels=_TARGET,
            meaning="Tries after which the call went on to another target.",
        ),
        Metric(
            name="quorate_tokens_total",
            kind="counter",
            labels=(*_TARGET, "class"),
            meaning="Tokens used. The classes do not overlap.",
        ),
        Metric(
            name="quorate_reasoning_tokens_total",
            kind="counter",
            labels=_TARGET,
            meaning="The share of the class `output` that was reasoning.",
        ),
        Metric(
            name="quorate_cost_dollars_total",
            kind="counter",
            labels=_TARGET,
            meaning="What tries cost, as far as the price is known.",
        ),
        Metric(
            name="quorate_unpriced_attempts_total",
            kind="counter",
            labels=_TARGET,
            meaning="Tries that used tokens at a price that is not known.",
        ),
        Metric(
            name="quorate_requests_in_flight",
            kind="gauge",
            labels=(),
            meaning="Calls that run.",
        ),
        Metric(
            name="quorate_degraded",
            kind="gauge",
            labels=("part",),
            meaning="Workers in which that part works less well than it should; `/health` says how.",
        ),
        Metric(
            name="quorate_queue_waiting",
            kind="gauge",
            labels=("queue",),
            meaning="What waits to be written or sent.",
        ),
        Metric(
            name="quorate_queue_lost_total",
            kind="counter",
            labels=("queue",),
            meaning="What could not be written or sent, and was dropped.",
        ),
        Metric(
            name="quorate_workers",
            kind="gauge",
            labels=("version",),
            meaning="Processes that serve.",
        ),
        Metric(
            name="process_cpu_seconds_total",
            kind="counter",
            labels=(),
            meaning="Processor time of all workers.",
        ),
        Metric(
            name="process_resident_memory_bytes",
            kind="gauge",
            labels=(),
            meaning="Memory of all workers, what they share counted for each.",
        ),
    )
}
"""By name, in the order in which they are told."""
