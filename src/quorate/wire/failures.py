"""From a provider's refusal to one of our errors: the rules all protocols share.

A codec digs the provider's own code and words out of its error shape; the verdict is made here,
from the status, the code and, where a provider has nothing better, its words.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from quorate.errors import (
    KeyInvalid,
    ModelUnavailable,
    QuotaExhausted,
    TooLong,
    UpstreamBroken,
    UpstreamBusy,
    UpstreamError,
    UpstreamRefused,
    UpstreamRejected,
    UpstreamTimeout,
)

from .seam import WireAnswer

BY_CODE: Mapping[str, type[UpstreamError]] = {
    "context_length_exceeded": TooLong,
    "string_above_max_length": TooLong,
    "request_too_large": TooLong,
    "exceed_context_size_error": TooLong,
    "too_many_tokens": TooLong,
    "insufficient_quota": QuotaExhausted,
    "billing_error": QuotaExhausted,
    "billing_hard_limit_reached": QuotaExhausted,
    "insufficient_balance": QuotaExhausted,
    "billing_disabled": QuotaExhausted,
    "enforced_spend_limit_reached": QuotaExhausted,
    "budget_exceeded": QuotaExhausted,
    "invalid_api_key": KeyInvalid,
    "authentication_error": KeyInvalid,
    "permission_error": KeyInvalid,
    "permission_denied": KeyInvalid,
    "unauthenticated": KeyInvalid,
    "api_key_invalid": KeyInvalid,
    "no_db_connection": KeyInvalid,
    "token_not_found_in_db": KeyInvalid,
    "expired_key": KeyInvalid,
    "invalid_token": KeyInvalid,
    "model_not_found": ModelUnavailable,
    "invalid_model": ModelUnavailable,
    "model_not_available": ModelUnavailable,
    "key_model_access_denied": ModelUnavailable,
    "team_model_access_denied": ModelUnavailable,
    "user_model_access_denied": ModelUnavailable,
    "org_model_access_denied": ModelUnavailable,
    "project_model_access_denied": ModelUnavailable,
    "not_found_error": ModelUnavailable,
    "deploymentnotfound": ModelUnavailable,
    "unknown_model": ModelUnavailable,
    "operationnotsupported": ModelUnavailable,
    "content_filter": UpstreamRefused,
    "content_policy_violation": UpstreamRefused,
    "responsibleaipolicyviolation": UpstreamRefused,
    "invalid_prompt": UpstreamRefused,
    "bio_policy": UpstreamRefused,
    "misalignment_policy_violation": UpstreamRefused,
    "image_content_policy_violation": UpstreamRefused,
    "rate_limit_exceeded": UpstreamBusy,
    "rate_limit_error": UpstreamBusy,
    "resource_exhausted": UpstreamBusy,
    "overloaded_error": UpstreamBusy,
    "overloaded": UpstreamBusy,
    "throttling_error": UpstreamBusy,
    "unavailable_error": UpstreamBusy,
    "unavailable": UpstreamBusy,
    "timeout_error": UpstreamTimeout,
    "deadline_exceeded": UpstreamTimeout,
    "vector_store_timeout": UpstreamTimeout,
    "api_error": UpstreamBroken,
    "server_error": UpstreamBroken,
    "internal_server_error": UpstreamBroken,
    "internal": UpstreamBroken,
    "cancelled": UpstreamBroken,
    "invalid_request_error": UpstreamRejected,
    "invalid_argument": UpstreamRejected,
    "failed_precondition": UpstreamRejected,
    "invalid_image": UpstreamRejected,
    "invalid_image_format": UpstreamRejected,
    "invalid_base64_image": UpstreamRejected,
    "invalid_image_url": UpstreamRejected,
    "invalid_image_mode": UpstreamRejected,
    "image_too_large": UpstreamRejected,
    "image_too_small": UpstreamRejected,
    "image_parse_error": UpstreamRejected,
    "image_file_too_large": UpstreamRejected,
    "image_file_not_found": UpstreamRejected,
    "unsupported_image_media_type": UpstreamRejected,
    "empty_image_file": UpstreamRejected,
    "failed_to_download_image": UpstreamRejected,
    "throttlingexception": UpstreamBusy,
    "modelnotreadyexception": UpstreamBusy,
    "serviceunavailableexception": UpstreamBusy,
    "servicequotaexceededexception": QuotaExhausted,
    "modeltimeoutexception": UpstreamTimeout,
    "modelerrorexception": UpstreamBroken,
    "modelstreamerrorexception": UpstreamBroken,
    "internalserverexception": UpstreamBroken,
    "resourcenotfoundexception": ModelUnavailable,
    "expiredtokenexception": KeyInvalid,
    "incompletesignatureexception": KeyInvalid,
    "invalidsignatureexception": KeyInvalid,
    "missingauthenticationtokenexception": KeyInvalid,
    "unrecognizedclientexception": KeyInvalid,
}
"""Codes and types, lower case, whatever protocol they come from."""

BY_STATUS: Mapping[int, type[UpstreamError]] = {
    401: KeyInvalid,
    402: QuotaExhausted,
    403: KeyInvalid,
    404: ModelUnavailable,
    408: UpstreamTimeout,
    409: UpstreamBusy,
    413: TooLong,
    425: UpstreamBusy,
    429: UpstreamBusy,
    498: UpstreamBusy,
    503: UpstreamBusy,
    504: UpstreamTimeout,
    524: UpstreamTimeout,
    529: UpstreamBusy,
}

BY_WORDS: tuple[tuple[str, type[UpstreamError]], ...] = (
    ("context length", TooLong),
    ("context window", TooLong),
    ("maximum context", TooLong),
    ("prompt is too long", TooLong),
    ("input token count", TooLong),
    ("too many tokens", TooLong),
    ("exceeds the available context", TooLong),
    ("exceed context limit", TooLong),
    ("api key not valid", KeyInvalid),
    ("incorrect api key", KeyInvalid),
    ("invalid api key", KeyInvalid),
    ("credit balance is too low", QuotaExhausted),
    ("insufficient balance", QuotaExhausted),
    ("exceeded your current quota", QuotaExhausted),
    ("reached your specified api usage limits", QuotaExhausted),
    ("api calls / month", QuotaExhausted),
    ("content management policy", UpstreamRefused),
    ("content filtering policy", UpstreamRefused),
    ("location is not supported", ModelUnavailable),
    ("not a valid model", ModelUnavailable),
    ("supported api model names", ModelUnavailable),
)
"""Asked last, of plain 4xx answers only: the words by which providers without codes tell these apart."""

_PLAIN = (UpstreamRejected, UpstreamError)


def failure(
    answer: WireAnswer, *, codes: tuple[str, ...] = (), words: str = "", retry_after: float | None = None
) -> UpstreamError:
    """The error for an answer that tells of one.

    `codes` are the provider's own, the most telling first; `words` its message. An answer without words
    is quoted by its body. `retry_after` is what the body says, seconds; the header is read here.
    """
    known = tuple(code for code in codes if code)
    kind = _kind(_status(answer.status, known), known, words)
    return kind(
        words or _quote(answer),
        status=answer.status,
        upstream_code=known[0] if known else "",
        retry_after=_first(retry_after_of(answer.headers), retry_after),
        request_id=request_id_of(answer.headers),
        body=answer.body,
    )


def _status(status: int, codes: tuple[str, ...]) -> int:
    """An error inside a success has its status, if any, as a code in its body."""
    if status >= 400:
        return status
    told = (int(code) for code in codes if len(code) == 3 and code.isascii() and code.isdigit())
    return next((number for number in told if number >= 400), status)


def _kind(status: int, codes: tuple[str, ...], words: str) -> type[UpstreamError]:
    if status == 402:
        return QuotaExhausted  # whatever the code: it is about money
    named = next((BY_CODE[code.lower()] for code in codes if code.lower() in BY_CODE), None)
    if named is not None and named not in _PLAIN:
        return named
    kind = BY_STATUS.get(status) or _by_range(status, named)
    if kind in (UpstreamRejected, ModelUnavailable) or status in (403, 429):
        lower = words.lower()
        kind = next((other for phrase, other in BY_WORDS if phrase in lower), kind)
    return kind


def _by_range(status: int, named: type[UpstreamError] | None) -> type[UpstreamError]:
    if status >= 500:
        return UpstreamBroken
    if status >= 400:
        return UpstreamRejected
    return named or UpstreamBroken


def _quote(answer: WireAnswer) -> str:
    text = answer.body[:500].decode(errors="replace").strip()
    return text or f"HTTP {answer.status} without a word"


def _first(*values: float | None) -> float | None:
    return next((value for value in values if value is not None), None)


def retry_after_of(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from `retry-after-ms` or `retry-after`: seconds, or a date that the Date header
    is taken from; None where neither makes sense.
    """
    if (milliseconds := _number(headers.get("retry-after-ms", ""))) is not None:
        return milliseconds / 1000
    text = headers.get("retry-after", "")
    if (seconds := _number(text)) is not None:
        return seconds
    return _until(text, headers.get("date", ""))


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


def _until(text: str, now: str) -> float | None:
    """Seconds from the answer's own Date header to a retry-after given as a date."""
    try:
        return max(0.0, (parsedate_to_datetime(text) - parsedate_to_datetime(now)).total_seconds())
    except (TypeError, ValueError):
        return None


def seconds_until(moment: float, headers: Mapping[str, str]) -> float | None:
    """From the answer's own Date header to a moment in Unix seconds; None where it has no such header."""
    try:
        return max(0.0, moment - parsedate_to_datetime(headers.get("date", "")).timestamp())
    except (TypeError, ValueError):
        return None


def request_id_of(headers: Mapping[str, str]) -> str:
    """The provider's name for the call, for its support people; '' where it gives none."""
    names = ("x-request-id", "request-id", "x-amzn-requestid", "apim-request-id", "x-generation-id", "cf-ray")
    return next((headers[name] for name in names if name in headers), "")
