"""Google's error body, read into one of our errors and written from one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import msgspec

from quorate.errors import QuorateError, QuotaExhausted, UpstreamError
from quorate.types.value import replace
from quorate.wire.failures import failure
from quorate.wire.seam import WireAnswer

from .fields import Json, an_object

_TYPE = "type.googleapis.com/google.rpc."


def read_failure(answer: WireAnswer) -> UpstreamError:
    """The error an answer tells of; of a 200 the status that its body states."""
    error = error_of(answer.body)
    details = [an_object(each) for each in _list(error.get("details"))]
    code = error.get("code")
    if answer.status < 400 and isinstance(code, int):
        answer = replace(answer, status=code)
    reasons = [str(each["reason"]) for each in details if isinstance(each.get("reason"), str)]
    status = error.get("status")
    message = error.get("message")
    found = failure(
        answer,
        codes=(*reasons, status if isinstance(status, str) else ""),
        words=message if isinstance(message, str) else "",
        retry_after=next((wait for each in details if (wait := _seconds(each)) is not None), None),
    )
    return _exhausted(found) if _for_a_day(details) else found


def error_of(body: bytes) -> Json:
    """The error's object: alone, as the first of a list, or as the data of an event."""
    try:
        value: Any = msgspec.json.decode(body.strip().removeprefix(b"data:"))
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return {}
    if isinstance(value, list):
        value = next(iter(cast("list[Any]", value)), None)
    return an_object(an_object(value).get("error"))


def _list(value: object) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _seconds(detail: Json) -> float | None:
    """Google writes a duration as seconds with an 's': '34.4s'."""
    delay = detail.get("retryDelay")
    try:
        return float(delay.removesuffix("s")) if isinstance(delay, str) else None
    except ValueError:
        return None


def _for_a_day(details: list[Json]) -> bool:
    """A limit by the day: waiting for as long as a retry may wait does not help."""
    quotas = [an_object(each) for detail in details for each in _list(detail.get("violations"))]
    return any("PerDay" in str(quota.get("quotaId", "")) for quota in quotas)


def _exhausted(error: UpstreamError) -> UpstreamError:
    return QuotaExhausted(
        str(error),
        status=error.status,
        upstream_code=error.upstream_code,
        retry_after=error.retry_after,
        request_id=error.request_id,
        body=error.body,
    )


_STATUS: Mapping[int, str] = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    402: "RESOURCE_EXHAUSTED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    422: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


def write_failure(error: QuorateError) -> Json:
    """The body that Google's clients read an error from."""
    details: list[Json] = [
        {"@type": _TYPE + "ErrorInfo", "reason": error.code.upper(), "domain": "quorate"},
    ]
    if (wait := retry_after_of(error)) is not None:
        details.append({"@type": _TYPE + "RetryInfo", "retryDelay": f"{wait:g}s"})
    return {
        "error": {
            "code": error.http_status,
            "message": str(error),
            "status": _STATUS.get(error.http_status, "UNKNOWN"),
            "details": details,
        }
    }


def retry_after_of(error: QuorateError) -> float | None:
    wait: object = getattr(error, "retry_after", None)
    return float(wait) if isinstance(wait, int | float) else None
