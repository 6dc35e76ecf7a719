"""Every shape of Google's errors, read and written."""

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
    UnknownCaller,
    UnknownModel,
    UpstreamBroken,
    UpstreamBusy,
    UpstreamError,
    UpstreamRejected,
    UpstreamTimeout,
)
from quorate.wire.gemini import GEMINI
from tests.wire.laws import answer_of

from .making import WHOLE

RPC = "type.googleapis.com/google.rpc."


def google(code: int, status: str, message: str, *details: Any) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "status": status, "details": list(details)}}


INFO = {"@type": RPC + "ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com"}
RETRY = {"@type": RPC + "RetryInfo", "retryDelay": "34.4s"}


def quota(name: str) -> dict[str, Any]:
    return {"@type": RPC + "QuotaFailure", "violations": [{"quotaId": name}]}


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (400, google(400, "INVALID_ARGUMENT", "API key not valid.", INFO), KeyInvalid, "API_KEY_INVALID"),
        (400, google(400, "INVALID_ARGUMENT", "Bad temperature"), UpstreamRejected, "INVALID_ARGUMENT"),
        (
            400,
            google(400, "INVALID_ARGUMENT", "The input token count (9) exceeds the maximum"),
            TooLong,
            "INVALID_ARGUMENT",
        ),
        (
            400,
            google(400, "FAILED_PRECONDITION", "User location is not supported for the API use."),
            ModelUnavailable,
            "FAILED_PRECONDITION",
        ),
        (401, google(401, "UNAUTHENTICATED", "No credentials"), KeyInvalid, "UNAUTHENTICATED"),
        (403, google(403, "PERMISSION_DENIED", "Not yours"), KeyInvalid, "PERMISSION_DENIED"),
        (
            403,
            google(403, "PERMISSION_DENIED", "Billing", INFO | {"reason": "BILLING_DISABLED"}),
            QuotaExhausted,
            "BILLING_DISABLED",
        ),
        (404, google(404, "NOT_FOUND", "models/x is not found"), ModelUnavailable, "NOT_FOUND"),
        (
            429,
            google(429, "RESOURCE_EXHAUSTED", "Quota", quota("PerMinute"), RETRY),
            UpstreamBusy,
            "RESOURCE_EXHAUSTED",
        ),
        (
            429,
            google(429, "RESOURCE_EXHAUSTED", "Quota", quota("RequestsPerDay")),
            QuotaExhausted,
            "RESOURCE_EXHAUSTED",
        ),
        (499, google(499, "CANCELLED", "The operation was cancelled."), UpstreamBroken, "CANCELLED"),
        (500, google(500, "INTERNAL", "An internal error"), UpstreamBroken, "INTERNAL"),
        (503, google(503, "UNAVAILABLE", "The model is overloaded"), UpstreamBusy, "UNAVAILABLE"),
        (504, google(504, "DEADLINE_EXCEEDED", "Too slow"), UpstreamTimeout, "DEADLINE_EXCEEDED"),
        (429, [google(429, "RESOURCE_EXHAUSTED", "Quota")], UpstreamBusy, "RESOURCE_EXHAUSTED"),
    ],
)
def test_an_error_is_known_by_its_codes(status: int, body: Any, kind: type[UpstreamError], code: str):
    error = GEMINI.codec.read_error(answer_of(json.dumps(body).encode(), status))

    inner = body[0]["error"] if isinstance(body, list) else body["error"]
    assert type(error) is kind
    assert (str(error), error.status, error.upstream_code) == (inner["message"], status, code)


@pytest.mark.parametrize(
    ("detail", "seconds"),
    [(RETRY, 34.4), ({"retryDelay": "soon"}, None), ({"retryDelay": 5}, None), ("odd", None)],
)
def test_the_wait_is_read_from_the_details(detail: Any, seconds: float | None):
    body = json.dumps(google(429, "RESOURCE_EXHAUSTED", "Quota", detail)).encode()

    assert GEMINI.codec.read_error(answer_of(body, 429)).retry_after == seconds


def test_the_header_s_wait_goes_before_the_body_s():
    body = json.dumps(google(429, "RESOURCE_EXHAUSTED", "Quota", RETRY)).encode()

    error = GEMINI.codec.read_error(answer_of(body, 429, **{"retry-after": "7"}))

    assert error.retry_after == 7


def test_an_error_that_comes_as_an_event_is_read():
    body = b"data: " + json.dumps(google(404, "NOT_FOUND", "gone")).encode() + b"\r\n\r\n"

    assert str(GEMINI.codec.read_error(answer_of(body, 404))) == "gone"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (502, b"<html>Bad gateway</html>", UpstreamBroken),
        (500, b"", UpstreamBroken),
        (400, b"[]", UpstreamRejected),
        (400, b'{"error": "text"}', UpstreamRejected),
        (400, b'{"error": {"details": 5, "message": 5, "status": 5}}', UpstreamRejected),
        (400, b'{"error": {"details": [{"violations": [5]}]}}', UpstreamRejected),
        (404, b"\xff", ModelUnavailable),
        (400, b"[" * 5000, UpstreamRejected),
    ],
)
def test_an_error_without_google_s_shape_goes_by_its_status(
    status: int, body: bytes, kind: type[UpstreamError]
):
    error = GEMINI.codec.read_error(answer_of(body, status))

    assert (type(error), error.status) == (kind, status)


@pytest.mark.parametrize(
    ("error", "status", "word"),
    [
        (InvalidRequest("no"), 400, "INVALID_ARGUMENT"),
        (UnknownModel("no"), 404, "NOT_FOUND"),
        (UnknownCaller("no"), 401, "UNAUTHENTICATED"),
        (RateLimited("no"), 429, "RESOURCE_EXHAUSTED"),
        (BudgetExceeded("no"), 402, "RESOURCE_EXHAUSTED"),
        (KeyInvalid("no"), 502, "UNAVAILABLE"),
        (UpstreamTimeout("no"), 504, "DEADLINE_EXCEEDED"),
        (NoAnswer("no"), 502, "UNAVAILABLE"),
        (QuorateError("no"), 500, "INTERNAL"),
    ],
)
def test_an_error_is_written_in_google_s_words(error: QuorateError, status: int, word: str):
    assert GEMINI.front is not None

    answer = GEMINI.front.write_error(error, WHOLE)

    inner = json.loads(answer.body)["error"]
    assert (answer.status, inner["code"], inner["status"], inner["message"]) == (status, status, word, "no")
    assert inner["details"][0]["reason"] == error.code.upper()
    assert "retry-after" not in answer.headers


def test_how_long_to_wait_is_written_in_header_and_body():
    assert GEMINI.front is not None

    answer = GEMINI.front.write_error(UpstreamBusy("later", retry_after=2.5), WHOLE)

    assert answer.headers["retry-after"] == "2.5"
    assert GEMINI.codec.read_error(answer_of(answer.body, 429)).retry_after == 2.5
