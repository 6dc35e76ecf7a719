"""The table of metrics and the examples of the log's lines, from the code that writes them."""

from __future__ import annotations

import logging
from decimal import Decimal

from quorate.gateway.operating.lines import FORMS, facts_of
from quorate.gateway.operating.metrics import BUCKETS, METRICS, Metric
from tests.gateway.operating.stage import attempt, record

from .markdown import code, table

_AT = 1769860800.25
_ID = "019c13b4-9e00-7f1e-80ce-b5c0fa4a80c8"


def metrics_table() -> str:
    return table(("metric", "kind", "labels", "meaning"), map(_row, METRICS.values()))


def _row(metric: Metric) -> tuple[str, str, str, str]:
    return f"`{metric.name}`", metric.kind, code(metric.labels), metric.meaning


def buckets() -> str:
    return f"Durations are sorted into buckets up to {', '.join(f'{end:g}' for end in BUCKETS)} seconds."


def line(form: str) -> str:
    made = record(
        attempt("openai/gpt-5-mini", cost=Decimal("0.00001775")),
        model="gpt-5-mini",
        key="key-fc13901e7954",
        road="relayed",
        id=_ID,
        identity=_ID,
    )
    written = FORMS[form].call(_AT, logging.INFO, facts_of(made, FORMS[form].word))
    return f"```{form}\n{written}```"
