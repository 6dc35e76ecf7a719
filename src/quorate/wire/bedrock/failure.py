"""What went wrong: a provider's error answers, and the exceptions inside its streams, to our errors.

The type of an error stands in a header, in the body or in a stream's message; the words alone tell apart what the
provider puts under one type.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from quorate.errors import (
    KeyInvalid,
    ModelUnavailable,
    QuotaExhausted,
    TooLong,
    UpstreamBroken,
    UpstreamError,
)
from quorate.wire.failures import failure
from quorate.wire.json_fields import Json, a_text, an_object
from quorate.wire.seam import Frame, WireAnswer

_STATUSES: Mapping[str, int] = {
    "accessdeniedexception": 403,
    "internalserverexception": 500,
    "modelerrorexception": 424,
    "modelnotreadyexception": 429,
    "modelstreamerrorexception": 424,
    "modeltimeoutexception": 408,
    "resourcenotfoundexception": 404,
    "serviceunavailableexception": 503,
    "throttlingexception": 429,
    "validationexception": 400,
}
"""Of an exception inside a stream, which came with status 200."""

_WORDS: tuple[tuple[str, type[UpstreamError]], ...] = (
    ("tokens exceed", TooLong),
    ("input is too long", TooLong),
    ("too long for requested model", TooLong),
    ("model identifier is invalid", ModelUnavailable),
    ("on-demand throughput", ModelUnavailable),
    ("access to the model", ModelUnavailable),
    ("not authorized to perform", KeyInvalid),
    ("security token", KeyInvalid),
    ("end of its life", ModelUnavailable),
    ("marked by provider as legacy", ModelUnavailable),
    ("not supported in this region", ModelUnavailable),
    ("tokens per day", QuotaExhausted),
)
"""Words that tell more than the type they come with."""


def read_failure(answer: WireAnswer) -> UpstreamError:
    body = _document(answer.body)
    header = answer.headers.get("x-amzn-errortype", "")
    code = _plain(header) or _plain(a_text(body.get("__type"))) or _plain(a_text(body.get("code")))
    return _error(answer, code, _words(body))


def read_exception(frame: Frame) -> UpstreamError:
    """Of a message of a stream that tells of an error."""
    body, code = _document(frame.data), _plain(frame.event)
    words = _words(body) or (frame.data.decode(errors="replace") if not body else "")
    told: object = body.get("originalStatusCode")
    if isinstance(told, int) and told >= 400:
        # Another service behind this one failed: its status says more than the type here.
        error = _error(WireAnswer(status=told, body=frame.data), "", words)
        error.upstream_code = code
        return error
    return _error(WireAnswer(status=_STATUSES.get(code.lower(), 500), body=frame.data), code, words)


def _error(answer: WireAnswer, code: str, words: str) -> UpstreamError:
    error = failure(answer, codes=(code,), words=words)
    lower = str(error).lower()
    kind = next((kind for phrase, kind in _WORDS if phrase in lower), None)
    if kind is None or isinstance(error, kind) or answer.status >= 500:
        return error
    return kind(
        str(error),
        status=error.status,
        upstream_code=error.upstream_code,
        retry_after=error.retry_after,
        request_id=error.request_id,
        body=error.body,
    )


def broken(answer: WireAnswer, words: str) -> UpstreamBroken:
    """Bytes of a success that make no sense; the first of them are quoted."""
    start = answer.body[:200].decode(errors="replace").strip()
    message = f"{words}: {start}" if start else f"{words}: the body is empty"
    return UpstreamBroken(message, status=answer.status, body=answer.body)


def _document(body: bytes) -> Json:
    try:
        return an_object(msgspec.json.decode(body))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}


def _words(body: Json) -> str:
    return a_text(body.get("message")) or a_text(body.get("Message")) or a_text(body.get("originalMessage"))


def _plain(told: str) -> str:
    """A type without its namespace before, and its address behind: `com.amazon.x#ValidationException:http://…`."""
    return told.partition(":")[0].rpartition("#")[2].strip()
