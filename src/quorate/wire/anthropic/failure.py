"""What went wrong, both ways: a provider's error bodies to our errors, ours to a client's."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, cast

import msgspec

from quorate.errors import (
    QuorateError,
    Unsupported,
    UpstreamBroken,
    UpstreamBusy,
    UpstreamError,
)
from quorate.wire.failures import failure
from quorate.wire.seam import WireAnswer

from .fields import Json, a_text, an_object

JSON_HEADERS = {"content-type": "application/json"}

OVERLOADED = 529
"""The provider's own status for "too many callers, not you"."""

THREAD = "thread"
"""The setting by which a client leaves it to the provider to keep the conversation."""

_THREAD_REFUSED = "thread_unsupported_request"
_OF_THREADS = ("thread_not_found", "thread_already_continued", "thread_continue_in_flight", _THREAD_REFUSED)
"""Codes on which clients send the whole conversation again."""

_BY_STATUS: Mapping[int, str] = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    422: "invalid_request_error",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
    OVERLOADED: "overloaded_error",
}


def read_failure(answer: WireAnswer) -> UpstreamError:
    """`{"type": "error", "error": {"type", "message"}}`, and what proxies on the way say instead."""
    try:
        read: Any = msgspec.json.decode(answer.body)
        # Clouds that pass the protocol on put errors of their own into a list.
        body = an_object(next(iter(cast("list[Any]", read)), None) if isinstance(read, list) else read)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return failure(answer)
    told: Any = body.get("error")
    inner = an_object(told)
    details = an_object(inner.get("details"))
    codes = (a_text(details.get("error_code")), a_text(inner.get("code")), a_text(inner.get("type")))
    codes += (a_text(inner.get("status")),)
    words = (
        a_text(inner.get("message"))
        or a_text(told)
        or a_text(body.get("message"))
        or a_text(body.get("detail"))
    )
    error = failure(answer, codes=codes, words=words)
    error.request_id = error.request_id or a_text(body.get("request_id"))
    return error


def broken(answer: WireAnswer, words: str) -> UpstreamBroken:
    """Bytes of a success that make no sense; the first of them are quoted."""
    start = answer.body[:200].decode(errors="replace").strip()
    message = f"{words}: {start}" if start else f"{words}: the body is empty"
    return UpstreamBroken(message, status=answer.status, body=answer.body)


def write_failure(error: QuorateError) -> Json:
    kind = _BY_STATUS.get(status_of(error), "api_error")
    told: Json = {"type": kind, "message": str(error)}
    if isinstance(error, Unsupported) and THREAD in error.settings:
        told["details"] = {"error_code": _THREAD_REFUSED, "unsupported": [THREAD]}
    if isinstance(error, UpstreamError) and error.upstream_code in _OF_THREADS:
        told["details"] = {"error_code": error.upstream_code}
    fields: Json = {"type": "error", "error": told}
    if isinstance(error, UpstreamError) and error.request_id:
        fields["request_id"] = error.request_id
    return fields


def status_of(error: QuorateError) -> int:
    """Our status, but for an overload, which the protocol tells from a rate limit."""
    if isinstance(error, UpstreamBusy) and error.status in (503, OVERLOADED):
        return OVERLOADED
    return error.http_status


def answer_for(error: QuorateError) -> WireAnswer:
    headers = dict(JSON_HEADERS)
    wait: object = getattr(error, "retry_after", None)
    if isinstance(wait, int | float):
        headers["retry-after"] = str(math.ceil(wait))
    return WireAnswer(
        status=status_of(error), headers=headers, body=msgspec.json.encode(write_failure(error))
    )
