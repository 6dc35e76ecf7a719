"""Spans made from records, by the conventions, and sent to a receiver that speaks OTLP over HTTP."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes
from opentelemetry.semconv.attributes import (
    error_attributes,
    http_attributes,
    server_attributes,
    url_attributes,
)
from opentelemetry.trace import SpanKind, StatusCode

from quorate.errors import OperatorError
from quorate.gateway.operating import conventions, spans
from quorate.gateway.operating.spans import MOST_WAITING, Spans, Upstream, open_spans
from quorate.providers.book import ProviderBook
from quorate.sim.simulator import Simulator
from quorate.transport.scripted import ScriptedTransport, answer
from tests.gateway.house import PLAIN, call, route, settings_for
from tests.gateway.house import written as asked
from tests.sim.asking import question

from .stage import attempt, operated, record

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Kept:
    """Spans that stay here."""

    def __init__(self) -> None:
        self.exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.spans = Spans(
            provider, lambda target: Upstream(provider="google", address="api.example", port=443)
        )

    async def of(self, *records) -> list[Any]:
        """The call's own span first."""
        self.spans.take(records)
        made = await asyncio.to_thread(self.spans.close)
        assert made is None
        return sorted(self.exporter.get_finished_spans(), key=lambda span: span.kind is SpanKind.CLIENT)


async def test_a_call_has_a_span_and_each_attempt_has_one_below_it():
    began = time.monotonic() - 2
    failed = attempt("main/one", "upstream_busy", status=429, began=began, seconds=0.5)
    answered = attempt("other/two", began=began + 1, seconds=0.5)

    whole, first, second = await Kept().of(record(failed, answered, traceparent=PARENT, stream=True))

    assert (whole.name, whole.kind) == ("chat openai_chat", SpanKind.SERVER)
    assert (first.name, first.kind) == ("chat one", SpanKind.CLIENT)
    assert (first.status.status_code, second.status.status_code) == (StatusCode.ERROR, StatusCode.UNSET)
    assert {span.context.trace_id for span in (whole, first, second)} == {int(PARENT[3:35], 16)}
    assert whole.parent.span_id == int(PARENT[36:52], 16)
    assert {first.parent.span_id, second.parent.span_id} == {whole.context.span_id}
    assert (second.start_time - first.start_time) / 1e9 == pytest.approx(1, abs=0.05)
    assert (second.end_time - second.start_time) / 1e9 == pytest.approx(0.5)
    assert (whole.end_time - whole.start_time) / 1e9 == pytest.approx(1)
    assert dict(second.attributes) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "gcp.gemini",
        "gen_ai.request.model": "two",
        "gen_ai.request.stream": True,
        "gen_ai.usage.input_tokens": 15,
        "gen_ai.usage.output_tokens": 7,
        "gen_ai.usage.cache_read.input_tokens": 5,
        "gen_ai.usage.reasoning.output_tokens": 3,
        "http.response.status_code": 200,
        "quorate.cost": 0.25,
        "quorate.outcome": "answered",
        "server.address": "api.example",
        "server.port": 443,
    }
    assert first.attributes["error.type"] == "upstream_busy"
    assert whole.attributes["gen_ai.response.time_to_first_chunk"] == 0.25


async def test_a_call_of_nobody_has_a_trace_of_its_own():
    (one,) = await Kept().of(
        record(outcome="unknown_caller", status=401, operation="", protocol="", traceparent="x")
    )

    assert one.parent is None
    assert one.name == "POST"
    assert (one.attributes["error.type"], one.status.status_code) == ("unknown_caller", StatusCode.UNSET)


async def test_a_parent_that_is_not_sampled_is_followed():
    assert await Kept().of(record(attempt(), traceparent=PARENT[:-2] + "00")) == []


async def test_a_target_that_was_passed_over_is_an_event():
    passed = attempt("main/one", "unsupported", began=None, seconds=0.0, status=0)

    whole, only = await Kept().of(record(passed, attempt("main/two")))

    assert [(event.name, event.attributes["target"]) for event in whole.events] == [
        ("quorate.passed_over", "main/one")
    ]
    assert only.name == "chat two"


async def test_many_calls_are_taken_a_few_at_a_time():
    kept = Kept()
    kept.spans.take([record(attempt()) for _ in range(MOST_WAITING + 5)])
    first = kept.spans.check()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    after = kept.spans.check()
    kept.spans._waiting.clear()
    await asyncio.to_thread(kept.spans.close)

    assert (first.waiting, first.lost) == (MOST_WAITING, 5)
    assert MOST_WAITING - 20 <= (after.waiting or 0) < MOST_WAITING


def known(kind: str) -> set[str]:
    """The words of one of the package's enumerations, whose names are moving to another package."""
    return {each.value for each in getattr(gen_ai_attributes, kind)}


def test_our_names_are_those_of_the_conventions():
    theirs = {
        value
        for module in (
            gen_ai_attributes,
            error_attributes,
            http_attributes,
            server_attributes,
            url_attributes,
        )
        for value in vars(module).values()
        if isinstance(value, str)
    }
    ours = {
        value
        for name, value in vars(conventions).items()
        if name.isupper() and isinstance(value, str) and not value.startswith("quorate.")
    }

    assert ours <= theirs
    assert set(conventions.PROVIDERS.values()) <= known("GenAiProviderNameValues")
    assert set(conventions.PROVIDERS) <= set(ProviderBook({}).names)
    assert set(conventions.OPERATIONS.values()) <= known("GenAiOperationNameValues")


@pytest.mark.parametrize(
    ("environment", "otel", "expected"),
    [
        ({}, False, False),
        ({}, True, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}, False, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:1"}, False, True),
        ({"OTEL_SDK_DISABLED": "true"}, True, False),
    ],
)
def test_spans_are_sent_where_settings_or_environment_want_them(
    environment: dict, otel: bool, expected: bool
):
    assert spans.are_wanted(environment, otel=otel) is expected


def test_settings_that_want_spans_without_the_packages_are_refused(monkeypatch: pytest.MonkeyPatch):
    def absent(environment: object) -> None:
        raise ImportError

    monkeypatch.setattr(spans, "_load_provider", absent)
    where = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}

    assert open_spans(where, lambda target: Upstream(provider=target), otel=False) is None
    with pytest.raises(OperatorError, match=r"quorate\[otel\]"):
        open_spans(where, lambda target: Upstream(provider=target), otel=True)


@asynccontextmanager
async def sink(received: list[ExportTraceServiceRequest]) -> AsyncGenerator[str]:
    """What receives traces; its address."""

    async def take(request: web.Request) -> web.Response:
        told = ExportTraceServiceRequest()
        told.ParseFromString(await request.read())
        received.append(told)
        return web.Response(content_type="application/x-protobuf")

    application = web.Application()
    application.router.add_post("/v1/traces", take)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_spans_reach_a_receiver_and_hold_no_content(sim: Simulator, monkeypatch: pytest.MonkeyPatch):
    received: list[ExportTraceServiceRequest] = []
    routes = {"two": route("sim-openai/sim-swift+error-503", "sim-anthropic/sim-swift")}
    async with sink(received) as url:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": url}
        async with operated(settings_for(sim.url, routes=routes), environment=environment) as stage:
            sent = asked("openai_chat", question("my canary is yellow", model="route/two"))
            answered = await call(
                stage.gateway, sent.path, sent.body, headers=PLAIN | {"traceparent": PARENT}
            )

    made = [
        span
        for each in received
        for group in each.resource_spans
        for scope in group.scope_spans
        for span in scope.spans
    ]
    resource = {
        each.key: each.value.string_value for each in received[0].resource_spans[0].resource.attributes
    }
    attributes = [{each.key: each.value for each in span.attributes} for span in made]
    assert resource["service.name"] == "quorate"
    assert sorted(span.name for span in made) == [
        "chat openai_chat",
        "chat sim-swift",
        "chat sim-swift+error-503",
    ]
    assert {span.trace_id.hex() for span in made} == {PARENT[3:35]}
    assert {each["server.address"].string_value for each in attributes if "server.address" in each} == {
        "127.0.0.1"
    }
    assert {
        each["quorate.decision.id"].string_value for each in attributes if "quorate.decision.id" in each
    } == {answered.headers["x-quorate-decision"]}
    assert "yellow" not in str(received)


async def test_the_trace_of_a_client_does_not_reach_its_provider():
    transport = ScriptedTransport(lambda request: answer(b"{}", 500))
    async with operated(settings_for("http://127.0.0.1:1"), transport) as stage:
        for model in ("sim-openai/sim-swift", "sim-anthropic/sim-swift"):
            sent = asked("openai_chat", question(model=model))
            await call(stage.gateway, sent.path, sent.body, headers=PLAIN | {"traceparent": PARENT})

    assert len(transport.sent) == 2
    assert [name for each in transport.sent for name in each.headers if name.lower() == "traceparent"] == []
