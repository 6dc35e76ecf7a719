"""Every error shape that OpenAI-shaped providers send, and our own errors for clients."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quorate.errors import (
    BudgetExceeded,
    InvalidRequest,
    KeyInvalid,
    ModelUnavailable,
    NoAnswer,
    QuorateError,
    QuotaExhausted,
    RateLimited,
    TooLong,
    UnknownModel,
    UpstreamBroken,
    UpstreamBusy,
    UpstreamError,
    UpstreamRefused,
    UpstreamRejected,
    UpstreamTimeout,
)
from quorate.wire.openai_chat import OPENAI_CHAT
from quorate.wire.seam import WireAnswer
from tests.wire.openai_chat.given import call


def nested(message: str, **more: Any) -> dict[str, Any]:
    return {"error": {"message": message, "type": None, "param": None, "code": None} | more}


def failed(status: int, body: Any, **headers: str) -> UpstreamError:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return OPENAI_CHAT.codec.read_error(WireAnswer(status=status, body=data, headers=headers))


@pytest.mark.parametrize(
    ("status", "body", "kind", "code", "words"),
    [
        (
            401,
            nested("Incorrect API key", type="invalid_request_error", code="invalid_api_key"),
            KeyInvalid,
            "invalid_api_key",
            "Incorrect API key",
        ),
        (
            404,
            nested("no such model", code="model_not_found"),
            ModelUnavailable,
            "model_not_found",
            "no such model",
        ),
        (
            400,
            nested("no such model", code="model_not_found"),
            ModelUnavailable,
            "model_not_found",
            "no such model",
        ),
        (
            400,
            nested("too much", type="invalid_request_error", code="context_length_exceeded"),
            TooLong,
            "context_length_exceeded",
            "too much",
        ),
        (
            429,
            nested("slow down", code="rate_limit_exceeded"),
            UpstreamBusy,
            "rate_limit_exceeded",
            "slow down",
        ),
        (
            429,
            nested("no money", code="insufficient_quota"),
            QuotaExhausted,
            "insufficient_quota",
            "no money",
        ),
        (500, nested("oops", type="server_error"), UpstreamBroken, "server_error", "oops"),
        (503, nested("busy"), UpstreamBusy, "", "busy"),
        (529, nested("busy"), UpstreamBusy, "", "busy"),
        (
            400,
            nested(
                "filtered",
                code="content_filter",
                innererror={"code": "ResponsibleAIPolicyViolation", "content_filter_result": {}},
            ),
            UpstreamRefused,
            "content_filter",
            "filtered",
        ),
        (401, {"error": {"code": "401", "message": "denied"}}, KeyInvalid, "", "denied"),
        (
            400,
            {"object": "error", "message": "Invalid model: x", "type": "invalid_model", "code": "1500"},
            ModelUnavailable,
            "invalid_model",
            "Invalid model: x",
        ),
        (401, {"detail": "Invalid API Key"}, KeyInvalid, "", "Invalid API Key"),
        (
            422,
            {"detail": [{"type": "missing", "loc": ["body", "model"], "msg": "Field required"}]},
            UpstreamRejected,
            "missing",
            "Field required",
        ),
        (
            422,
            {
                "object": "error",
                "message": {"detail": [{"type": "extra", "msg": "Extra inputs"}]},
                "code": "1",
            },
            UpstreamRejected,
            "extra",
            "Extra inputs",
        ),
        (
            400,
            {"code": "invalid-argument", "error": "Incorrect API key provided. Get one."},
            KeyInvalid,
            "invalid-argument",
            "Incorrect API key provided. Get one.",
        ),
        (
            404,
            {"error": "Specified model not found: x"},
            ModelUnavailable,
            "",
            "Specified model not found: x",
        ),
        (422, {"error": "too long", "error_type": "validation"}, UpstreamRejected, "validation", "too long"),
        (400, {"code": 400, "message": "bad", "type": "Bad Request"}, UpstreamRejected, "Bad Request", "bad"),
        (
            422,
            b"Failed to read the body: expected a list",
            UpstreamRejected,
            "",
            "Failed to read the body: expected a list",
        ),
        (
            429,
            nested(
                "Provider returned error",
                code=429,
                metadata={"provider_name": "G", "raw": "limited upstream"},
            ),
            UpstreamBusy,
            "",
            "Provider returned error: limited upstream",
        ),
        (
            400,
            nested(
                "Provider returned error",
                code=400,
                metadata={"raw": '{"error":{"message":"too much","code":"context_length_exceeded"}}'},
            ),
            TooLong,
            "context_length_exceeded",
            "Provider returned error: too much",
        ),
        (
            402,
            nested("Insufficient Balance", code="invalid_request_error"),
            QuotaExhausted,
            "invalid_request_error",
            "Insufficient Balance",
        ),
        (
            400,
            {
                "error": {
                    "code": 400,
                    "message": "does not fit",
                    "n_ctx": 5,
                    "type": "exceed_context_size_error",
                }
            },
            TooLong,
            "exceed_context_size_error",
            "does not fit",
        ),
        (
            501,
            nested("no embeddings", code=501, type="not_supported_error"),
            UpstreamBroken,
            "not_supported_error",
            "no embeddings",
        ),
        (
            400,
            nested(
                "did not match", type="invalid_request_error", code="tool_use_failed", failed_generation="{"
            ),
            UpstreamRejected,
            "tool_use_failed",
            "did not match",
        ),
        (
            429,
            nested("litellm.RateLimitError: slow", type="throttling_error", code="429"),
            UpstreamBusy,
            "throttling_error",
            "litellm.RateLimitError: slow",
        ),
        (
            446,
            {"error": {"message": "denied by guardrail", "type": "hooks_failed"}},
            UpstreamRejected,
            "hooks_failed",
            "denied by guardrail",
        ),
        (
            400,
            [{"error": {"code": 400, "message": "bad", "status": "INVALID_ARGUMENT"}}],
            UpstreamRejected,
            "",
            "bad",
        ),
        (408, nested("too slow"), UpstreamTimeout, "", "too slow"),
        (
            400,
            {"error": {"message": "No connected db.", "type": "no_db_connection", "code": "400"}},
            KeyInvalid,
            "no_db_connection",
            "No connected db.",
        ),
        (
            400,
            {"error": {"message": "Budget has been exceeded!", "type": "budget_exceeded", "code": "400"}},
            QuotaExhausted,
            "budget_exceeded",
            "Budget has been exceeded!",
        ),
        (502, b"<html>Bad gateway</html>", UpstreamBroken, "", "<html>Bad gateway</html>"),
        (401, b"", KeyInvalid, "", "HTTP 401 without a word"),
        (500, {"error": None}, UpstreamBroken, "", '{"error": null}'),
    ],
)
def test_each_shape_of_error(status: int, body: Any, kind: type[UpstreamError], code: str, words: str):
    error = failed(status, body)
    assert (type(error), error.status, error.upstream_code, str(error)) == (kind, status, code, words)


def test_an_error_says_when_to_try_again_and_how_to_name_the_call():
    error = failed(429, nested("slow"), **{"retry-after": "7", "x-request-id": "req_1"})
    assert (error.retry_after, error.request_id) == (7.0, "req_1")


@pytest.mark.parametrize(
    ("limits", "now", "seconds"),
    [
        (
            {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1763683260000"},
            "Fri, 21 Nov 2025 00:00:00 GMT",
            60,
        ),
        (
            {"X-RateLimit-Remaining": "3", "X-RateLimit-Reset": "1763683260000"},
            "Fri, 21 Nov 2025 00:00:00 GMT",
            None,
        ),
        ({"X-RateLimit-Reset": "soon"}, "Fri, 21 Nov 2025 00:00:00 GMT", None),
        ({"X-RateLimit-Reset": "1763683260000"}, "today", None),
    ],
)
def test_a_gateways_own_limit_says_when_it_begins_anew(limits: Any, now: str, seconds: float | None):
    body = {"error": {"code": 429, "message": "Rate limit exceeded", "metadata": {"headers": limits}}}

    error = failed(429, body, date=now, **{"x-generation-id": "gen-1"})

    assert (type(error), error.retry_after, error.request_id) == (UpstreamBusy, seconds, "gen-1")


@pytest.mark.parametrize(
    "body", [b"[" * 9000, b"\xff\xfe\x00", b'{"error": {"error": {"error": {"error": {"error": 1}}}}}']
)
def test_reading_an_error_never_fails(body: bytes):
    assert failed(400, body).status == 400


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (
            InvalidRequest("'n' must be a number", where="n"),
            400,
            {"type": "invalid_request_error", "param": "n", "code": "invalid_request"},
        ),
        (
            UnknownModel("no provider offers 'x'"),
            404,
            {"type": "invalid_request_error", "param": None, "code": "model_not_found"},
        ),
        (
            RateLimited("slow down", retry_after=2.5),
            429,
            {"type": "rate_limit_error", "param": None, "code": "rate_limit_exceeded"},
        ),
        (
            BudgetExceeded("no money"),
            402,
            {"type": "insufficient_quota", "param": None, "code": "insufficient_quota"},
        ),
        (
            TooLong("too much"),
            400,
            {"type": "invalid_request_error", "param": None, "code": "context_length_exceeded"},
        ),
        (NoAnswer("nobody"), 502, {"type": "api_error", "param": None, "code": "no_answer"}),
    ],
)
def test_our_errors_in_the_protocols_words(error: QuorateError, status: int, told: dict[str, Any]):
    assert OPENAI_CHAT.front is not None
    answer = OPENAI_CHAT.front.write_error(error, call())
    assert answer.status == status
    assert json.loads(answer.body) == {"error": {"message": str(error), **told}}


def test_our_errors_say_when_to_try_again():
    assert OPENAI_CHAT.front is not None
    answer = OPENAI_CHAT.front.write_error(RateLimited("slow", retry_after=2.5), call())
    assert answer.headers["retry-after"] == "2.5"
