"""Every error shape that providers of this protocol send, and our own errors for clients."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quorate.errors import (
    BudgetExceeded,
    InvalidRequest,
    KeyInvalid,
    ModelUnavailable,
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
from quorate.wire.seam import WireAnswer
from tests.wire.openai_responses.given import WIRE, call, reply


def nested(message: str, **more: Any) -> dict[str, Any]:
    return {
        "error": {"message": message, "type": "invalid_request_error", "param": None, "code": None} | more
    }


def failed(status: int, body: Any, **headers: str) -> UpstreamError:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return WIRE.codec.read_error(WireAnswer(status=status, body=data, headers=headers))


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (401, nested("Incorrect API key", code="invalid_api_key"), KeyInvalid, "Incorrect API key"),
        (401, {"detail": "Could not parse your token"}, KeyInvalid, "Could not parse your token"),
        (400, nested("no such model", code="model_not_found"), ModelUnavailable, "no such model"),
        (400, nested("too much", code="context_length_exceeded"), TooLong, "too much"),
        (400, nested("bad temperature", code="decimal_below_min_value"), UpstreamRejected, "bad temperature"),
        (400, nested("Item 'rs_1' of type 'reasoning' lacks"), UpstreamRejected, "Item 'rs_1'"),
        (
            400,
            {"code": "invalid-argument", "error": "Incorrect API key provided."},
            KeyInvalid,
            "Incorrect API key provided.",
        ),
        (429, nested("slow down", code="rate_limit_exceeded"), UpstreamBusy, "slow down"),
        (429, nested("no money", code="insufficient_quota"), QuotaExhausted, "no money"),
        (500, nested("oops", type="server_error"), UpstreamBroken, "oops"),
        (503, b"<html>busy</html>", UpstreamBusy, "busy"),
        (504, b"", UpstreamTimeout, "504"),
        (529, b"\xff", UpstreamBusy, ""),
    ],
)
def test_a_refusal_is_told_in_the_providers_words(
    status: int, body: Any, kind: type[UpstreamError], words: str
):
    error = failed(status, body)

    assert type(error) is kind
    assert words in str(error)
    assert error.status == status


def test_how_long_to_wait_is_told():
    error = failed(429, nested("slow down"), **{"retry-after": "3", "x-request-id": "q"})

    assert (error.retry_after, error.request_id) == (3.0, "q")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("invalid_prompt", UpstreamRefused),
        ("bio_policy", UpstreamRefused),
        ("invalid_image_url", UpstreamRejected),
        ("vector_store_timeout", UpstreamTimeout),
        ("some_future_code", UpstreamBroken),
    ],
)
def test_a_failed_response_is_told_by_its_code(code: str, kind: type[UpstreamError]):
    with pytest.raises(kind) as raised:
        reply(status="failed", error={"code": code, "message": "no"})

    assert (type(raised.value), raised.value.upstream_code) == (kind, code)


@pytest.mark.parametrize(
    ("error", "status", "kind", "code"),
    [
        (InvalidRequest("no", where="input.0"), 400, "invalid_request_error", "invalid_request"),
        (UnknownModel("no"), 404, "invalid_request_error", "model_not_found"),
        (RateLimited("no", retry_after=2.5), 429, "rate_limit_error", "rate_limit_exceeded"),
        (BudgetExceeded("no"), 402, "insufficient_quota", "insufficient_quota"),
        (UpstreamBroken("no"), 502, "api_error", "upstream_broken"),
        (TooLong("no"), 400, "invalid_request_error", "context_length_exceeded"),
    ],
)
def test_our_errors_have_the_protocols_body(error: QuorateError, status: int, kind: str, code: str):
    assert WIRE.front is not None
    answer = WIRE.front.write_error(error, call())

    told = json.loads(answer.body)["error"]
    assert (answer.status, told["message"], told["type"], told["code"]) == (status, "no", kind, code)
    assert told["param"] == getattr(error, "where", None)
    assert answer.headers.get("retry-after") == ("2.5" if status == 429 else None)
