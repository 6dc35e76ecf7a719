"""What was counted, in the text that Prometheus reads, or as OpenMetrics where that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from quorate.errors import OperatorError

from .counted import Counted, Spread
from .metrics import BUCKETS, METRICS, Metric

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric as Family

_ENDS = (*(f"{end:g}" if end % 1 else f"{end:.1f}" for end in BUCKETS), "+Inf")


def written(counted: Counted, accept: str) -> tuple[bytes, str]:
    """The text and its content type, by the `Accept` header of who asks."""
    core, choose = _load_prometheus()
    write, kind = choose(accept)
    return write(_Collected(counted, core)), kind


class _Collected:
    """A collector, as the package's writers want one."""

    def __init__(self, counted: Counted, core: Any) -> None:
        self._counted, self._core = counted, core

    def collect(self) -> Iterator[Family]:
        for metric in METRICS.values():
            yield self._family(metric)

    def _family(self, metric: Metric) -> Family:
        core = self._core
        if metric.kind == "histogram":
            family = core.HistogramMetricFamily(metric.name, metric.meaning, labels=metric.labels)
            for labels, spread in self._counted.spreads.get(metric.name, {}).items():
                family.add_metric(labels, _buckets(spread), spread.seconds)
            return family
        made = core.CounterMetricFamily if metric.kind == "counter" else core.GaugeMetricFamily
        family = made(metric.name, metric.meaning, labels=metric.labels)
        for labels, number in self._counted.numbers.get(metric.name, {}).items():
            family.add_metric(labels, number)
        return family


def _buckets(spread: Spread) -> list[tuple[str, float]]:
    return list(zip(_ENDS, accumulate(spread.counts), strict=True))


def _load_prometheus() -> tuple[Any, Callable[[str], tuple[Callable[[Any], bytes], str]]]:
    """Raises `OperatorError` where the package is not installed."""
    try:
        from prometheus_client import core  # noqa: PLC0415  # only who is asked for metrics needs it
        from prometheus_client.exposition import choose_encoder  # noqa: PLC0415  # as above
    except ImportError as error:
        raise OperatorError("metrics need more packages: install 'quorate[server]'") from error
    return core, choose_encoder
