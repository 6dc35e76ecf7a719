"""What went wrong, both ways: every error body a provider or a proxy sends, and what our clients see."""

from __future__ import annotations

import json

import pytest

from quorate.errors import (
    BudgetExceeded,
    ForbiddenCaller,
    InvalidRequest,
    KeyInvalid,
    ModelUnavailable,
    NoAnswer,
    OperatorError,
    QuorateError,
    QuotaExhausted,
    RateLimited,
    TooLong,
    UnknownCaller,
    UnknownModel,
    UpstreamBroken,
    UpstreamBusy,
    UpstreamRefused,
    UpstreamRejected,
    UpstreamTimeout,
)
from quorate.wire.seam import WireAnswer

from .making import CODEC, FRONT, call

CALL = call({})


def told(kind: str, words: str, **fields) -> bytes:
    return json.dumps(
        {"type": "error", "error": {"type": kind, "message": words} | fields, "request_id": "req_1"}
    ).encode()


@pytest.mark.parametrize(
    ("status", "kind", "words", "error"),
    [
        (400, "invalid_request_error", "tools.0.custom.input_schema.type: Field required", UpstreamRejected),
        (400, "invalid_request_error", "prompt is too long: 205000 tokens > 200000 maximum", TooLong),
        (
            400,
            "invalid_request_error",
            "input length and `max_tokens` exceed context limit: 9 + 2 > 10",
            TooLong,
        ),
        (400, "invalid_request_error", "Your credit balance is too low to access the API", QuotaExhausted),
        (400, "invalid_request_error", "You have reached your specified API usage limits.", QuotaExhausted),
        (400, "invalid_request_error", "Output blocked by content filtering policy", UpstreamRefused),
        (401, "authentication_error", "invalid x-api-key", KeyInvalid),
        (402, "billing_error", "Payment required", QuotaExhausted),
        (403, "permission_error", "Your key may not use this", KeyInvalid),
        (404, "not_found_error", "model: claude-none", ModelUnavailable),
        (413, "request_too_large", "Request exceeds the maximum size", TooLong),
        (429, "rate_limit_error", "Too many requests", UpstreamBusy),
        (500, "api_error", "Internal server error", UpstreamBroken),
        (504, "timeout_error", "Timed out", UpstreamTimeout),
        (529, "overloaded_error", "Overloaded", UpstreamBusy),
    ],
)
def test_an_error_of_the_provider_is_ours_with_its_words(status, kind, words, error):
    caught = CODEC.read_error(WireAnswer(status=status, body=told(kind, words)))

    assert type(caught) is error
    assert (str(caught), caught.status, caught.upstream_code, caught.request_id) == (
        words,
        status,
        kind,
        "req_1",
    )


def test_a_busy_provider_says_how_long():
    headers = {"retry-after": "17", "request-id": "req_2"}
    caught = CODEC.read_error(
        WireAnswer(status=429, headers=headers, body=told("rate_limit_error", "Slow down"))
    )

    assert (caught.retry_after, caught.request_id) == (17.0, "req_2")


def test_a_spending_limit_is_no_rate_limit():
    body = told("rate_limit_error", "Limit", details={"error_code": "enforced_spend_limit_reached"})

    assert isinstance(CODEC.read_error(WireAnswer(status=429, body=body)), QuotaExhausted)


@pytest.mark.parametrize(
    ("status", "body", "error", "words"),
    [
        (502, b"<html>Bad gateway</html>", UpstreamBroken, "<html>Bad gateway</html>"),
        (503, b"", UpstreamBusy, "HTTP 503 without a word"),
        (400, b'{"error": "no such thing"}', UpstreamRejected, "no such thing"),
        (401, b'{"message": "No key"}', KeyInvalid, "No key"),
        (422, b'{"detail": "Wrong"}', UpstreamRejected, "Wrong"),
        (404, b'{"error": {"code": "model_not_found", "message": "None"}}', ModelUnavailable, "None"),
        (400, b"[1]", UpstreamRejected, "[1]"),
        (400, b'{"error": {"type": 5, "message": []}, "request_id": null}', UpstreamRejected, None),
        (500, b"\xff\xfe", UpstreamBroken, None),
        (400, b"[" * 100_000, UpstreamRejected, None),
    ],
)
def test_whatever_a_proxy_says_instead_is_an_error_of_ours(status, body, error, words):
    caught = CODEC.read_error(WireAnswer(status=status, body=body))

    assert type(caught) is error
    assert words in (None, str(caught))


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (InvalidRequest("Wrong"), 400, "invalid_request_error"),
        (UnknownCaller("Who?"), 401, "authentication_error"),
        (BudgetExceeded("Spent"), 402, "billing_error"),
        (ForbiddenCaller("No"), 403, "permission_error"),
        (UnknownModel("None"), 404, "not_found_error"),
        (ModelUnavailable("None"), 404, "not_found_error"),
        (TooLong("prompt is too long"), 400, "invalid_request_error"),
        (RateLimited("Slow"), 429, "rate_limit_error"),
        (UpstreamBusy("Slow", status=429), 429, "rate_limit_error"),
        (UpstreamBusy("Overloaded", status=529), 529, "overloaded_error"),
        (UpstreamTimeout("Late"), 504, "timeout_error"),
        (UpstreamBroken("Odd"), 502, "api_error"),
        (KeyInvalid("Ours"), 502, "api_error"),
        (NoAnswer("All failed"), 502, "api_error"),
        (OperatorError("Settings"), 500, "api_error"),
        (QuorateError("Oh"), 500, "api_error"),
    ],
)
def test_a_client_sees_our_errors_in_the_protocols_words(error: QuorateError, status, kind):
    answer = FRONT.write_error(error, CALL)

    assert answer.status == status
    assert json.loads(answer.body) == {"type": "error", "error": {"type": kind, "message": str(error)}}


def test_a_client_is_told_how_long_to_wait_in_whole_seconds():
    answer = FRONT.write_error(RateLimited("Slow", retry_after=1.2), CALL)

    assert answer.headers["retry-after"] == "2"


def test_the_providers_name_for_the_call_is_passed_on():
    answer = FRONT.write_error(UpstreamBroken("Odd", request_id="req_9"), CALL)

    assert json.loads(answer.body)["request_id"] == "req_9"


@pytest.mark.parametrize(
    "error", [UpstreamBusy("Slow", status=529), UpstreamTimeout("Late"), ModelUnavailable("None")]
)
def test_an_error_we_pass_on_is_read_as_the_same_error(error):
    answer = FRONT.write_error(error, CALL)

    assert type(CODEC.read_error(answer)) is type(error)
