"""OpenTelemetry spans, one for each call and one for each try at a provider, made after the call from its record."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from quorate.errors import OperatorError
from quorate.gateway.record import AccessRecord
from quorate.types.chat import AttemptRecord
from quorate.types.usage import Usage
from quorate.types.value import Value

from . import conventions as names
from .health import Finding
from .spent import spent

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Tracer

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
SWITCHED_OFF = "OTEL_SDK_DISABLED"

MOST_WAITING = 10_000
"""Calls that wait for their spans; beyond them calls go without."""

_AT_ONCE = 10
"""Calls whose spans are made before anything else gets its turn: spans are dear."""

_FINE = ("answered", "left")
_NANO = 1_000_000_000
_log = logging.getLogger("quorate.gateway")

Attributes = dict[str, str | bool | int | float]


class Upstream(Value):
    """Whom an attempt called."""

    provider: str
    """The name of its row."""
    address: str = ""
    port: int = 0


class Spans:
    """An observer of calls."""

    def __init__(self, provider: TracerProvider, upstream: Callable[[str], Upstream]) -> None:
        """`upstream` tells of a target's name whom it means."""
        self._provider, self._upstream = provider, upstream
        self._trace, self._parent_of = _load_api()
        self._tracer: Tracer = provider.get_tracer("quorate.gateway", version("quorate"))
        self._waiting: deque[AccessRecord] = deque()
        self._turn: asyncio.Handle | None = None
        self._lost = 0

    def take(self, records: Sequence[AccessRecord]) -> None:
        for record in records:
            if not record.is_of_a_front:
                continue
            if len(self._waiting) >= MOST_WAITING:
                self._lost += 1
                continue
            self._waiting.append(record)
        if self._waiting and self._turn is None:
            self._turn = asyncio.get_running_loop().call_soon(self._some)

    def check(self) -> Finding:
        """For `/health`."""
        problem = "spans were lost: calls come faster than spans are made" if self._lost else ""
        return Finding(problem=problem, waiting=len(self._waiting), lost=self._lost)

    def close(self) -> None:
        """Make what is left and send it. It waits for whoever receives: call it beside the loop."""
        while self._waiting:
            self._make(self._waiting.popleft())
        self._provider.shutdown()

    def _some(self) -> None:
        for _ in range(min(_AT_ONCE, len(self._waiting))):
            self._make(self._waiting.popleft())
        self._turn = asyncio.get_running_loop().call_later(0.001, self._some) if self._waiting else None

    def _make(self, record: AccessRecord) -> None:
        operation = names.OPERATIONS.get(record.operation, record.operation)
        begin = int(record.started_at * _NANO)
        span = self._tracer.start_span(
            f"{operation or record.method} {record.protocol}".rstrip(),
            context=self._parent_of({"traceparent": record.traceparent}),
            kind=self._trace.SpanKind.SERVER,
            attributes=_of_call(record, operation),
            start_time=begin,
        )
        if span.is_recording():
            inside = self._trace.set_span_in_context(span)
            for attempt in record.trace:
                if attempt.began is None:
                    told = {"target": attempt.target, names.ERROR: attempt.outcome}
                    span.add_event("quorate.passed_over", told, timestamp=begin)
                else:
                    self._make_attempt(attempt, attempt.began, operation, record, inside)
            if _is_fault(record):
                span.set_status(self._trace.StatusCode.ERROR)
        span.end(begin + int(record.seconds * _NANO))

    def _make_attempt(
        self, attempt: AttemptRecord, began: float, operation: str, record: AccessRecord, inside: Context
    ) -> None:
        started = int((began + time.time() - time.monotonic()) * _NANO)
        span = self._tracer.start_span(
            f"{operation} {_model(attempt)}",
            context=inside,
            kind=self._trace.SpanKind.CLIENT,
            attributes=_of_attempt(attempt, operation, self._upstream(attempt.target), stream=record.stream),
            start_time=started,
        )
        if attempt.outcome not in _FINE:
            span.set_status(self._trace.StatusCode.ERROR)
        span.end(started + int(attempt.seconds * _NANO))


def _is_fault(record: AccessRecord) -> bool:
    """A server's span of a call that was wrong in itself is no error, by the conventions of HTTP."""
    return record.status >= 500 or (record.outcome not in _FINE and record.status < 400)


def _of_call(record: AccessRecord, operation: str) -> Attributes:
    usage, cost = spent(record.trace)
    told: Attributes = {
        names.METHOD: record.method,
        names.PATH: record.path,
        names.OUTCOME: record.outcome,
        names.DECISION: record.id,
        names.REQUEST: record.identity,
        **_used(usage),
    }
    words = {
        names.FRONT: record.protocol,
        names.OPERATION: operation,
        names.REQUEST_MODEL: record.model,
        names.RESPONSE_MODEL: record.answered_model,
        names.ROAD: record.road,
        names.KEY: record.key,
    }
    told.update((name, word) for name, word in words.items() if word)
    if record.status:
        told[names.STATUS] = record.status
    if record.stream:
        told[names.REQUEST_STREAM] = True
    if record.outcome not in _FINE:
        told[names.ERROR] = record.outcome
    if record.stream and (first := record.first_byte_seconds) is not None:
        told[names.FIRST_CHUNK] = first
    if cost is not None:
        told[names.COST] = float(cost)
    return told


def _of_attempt(attempt: AttemptRecord, operation: str, upstream: Upstream, *, stream: bool) -> Attributes:
    told: Attributes = {
        names.OPERATION: operation,
        names.PROVIDER: names.PROVIDERS.get(upstream.provider, upstream.provider),
        names.REQUEST_MODEL: _model(attempt),
        names.OUTCOME: attempt.outcome,
        **_used(attempt.usage),
    }
    if upstream.address:
        told[names.SERVER_ADDRESS], told[names.SERVER_PORT] = upstream.address, upstream.port
    if stream:
        told[names.REQUEST_STREAM] = True
    if attempt.status:
        told[names.STATUS] = attempt.status
    if attempt.outcome not in _FINE:
        told[names.ERROR] = attempt.outcome
    if attempt.cost is not None:
        told[names.COST] = float(attempt.cost)
    return told


def _used(usage: Usage) -> Attributes:
    """All tokens read count as input there, cached ones too."""
    if usage.quality == "missing":
        return {}
    told: Attributes = {names.INPUT_TOKENS: usage.input_total, names.OUTPUT_TOKENS: usage.output_total}
    parts = {
        names.CACHE_READ: usage.cache_read,
        names.CACHE_WRITE: usage.cache_write + usage.cache_write_1h,
        names.REASONING: usage.reasoning,
    }
    told.update((name, count) for name, count in parts.items() if count)
    return told


def _model(attempt: AttemptRecord) -> str:
    return attempt.target.partition("/")[2]


def are_wanted(environment: Mapping[str, str], *, otel: bool) -> bool:
    """By the settings, or by an environment that says where spans are to be sent; unless it switches them off."""
    if environment.get(SWITCHED_OFF, "").lower() == "true":
        return False
    return otel or any(environment.get(name) for name in ENDPOINTS)


def open_spans(
    environment: Mapping[str, str], upstream: Callable[[str], Upstream], *, otel: bool
) -> Spans | None:
    """None where none are wanted. Raises `OperatorError` where the settings want them and the packages are missing."""
    if not are_wanted(environment, otel=otel):
        return None
    try:
        provider = _load_provider(environment)
    except ImportError as error:
        if otel:
            raise OperatorError("spans need more packages: install 'quorate[otel]'") from error
        _log.warning("no spans are sent: they need 'quorate[otel]'")
        return None
    return Spans(provider, upstream)


def _load_api() -> tuple[Any, Callable[[Mapping[str, str]], Any]]:
    from opentelemetry import trace  # noqa: PLC0415  # only where spans are wanted
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator  # noqa: PLC0415  # as above

    return trace, TraceContextTextMapPropagator().extract


def _load_provider(environment: Mapping[str, str]) -> TracerProvider:
    """One that sends to where the environment says, as the SDK reads it by itself."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415  # optional
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415  # as above
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415  # as above
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415  # as above

    name = (
        {}
        if "service.name=" in environment.get("OTEL_RESOURCE_ATTRIBUTES", "")
        else {"service.name": "quorate"}
    )
    if environment.get("OTEL_SERVICE_NAME"):
        name = {"service.name": environment["OTEL_SERVICE_NAME"]}
    provider = TracerProvider(resource=Resource.create(name | {"service.version": version("quorate")}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider
