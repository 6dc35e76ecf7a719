"""Errors: dug out of the many shapes that OpenAI-shaped providers send, and written for clients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from quorate.errors import InvalidRequest, QuorateError, UpstreamBroken, UpstreamError
from quorate.types.value import replace
from quorate.wire.failures import failure, seconds_until
from quorate.wire.json_fields import Json, a_text, an_amount, an_object, is_object, objects
from quorate.wire.seam import WireAnswer

_loads = msgspec.json.decode
_DEEPEST = 8
_MOST = 4
_LONG = 10
"""Digits that are no status any more; beyond some thousand Python refuses to read them."""


class _Told:
    """What an error object says, gathered from its layers."""

    def __init__(self) -> None:
        self.codes: list[str] = []
        self.words: list[str] = []
        self.status = 0
        self.retry_after: float | None = None
        self.resets_at: float | None = None
        """Unix seconds at which a limit begins anew."""

    def hear(self, value: Any, depth: int = 0) -> None:
        """Gather from a layer and those below it."""
        if depth > _DEEPEST:
            return
        if isinstance(value, str):
            self._hear_text(value, depth)
        elif is_object(value):
            self._hear_object(value, depth)
        else:
            for item in objects(value)[:_MOST]:
                self.hear(item, depth + 1)

    def _hear_text(self, text: str, depth: int) -> None:
        inner = _parsed(text) if text.lstrip()[:1] in ("{", "[") else None
        if inner is not None:
            self.hear(inner, depth + 1)
        elif text and text not in self.words:
            self.words.append(text)

    def _hear_object(self, layer: Json, depth: int) -> None:
        for name in ("code", "type", "error_type"):
            self._hear_code(layer.get(name))
        for name in ("status", "status_code", "raw_status_code"):
            if isinstance(layer.get(name), int):
                self.status = self.status or layer[name]
        for name in ("retry_after", "retry_after_seconds"):
            if isinstance(layer.get(name), int | float):
                self.retry_after = float(layer[name])
        for name in ("message", "msg", "detail", "details", "error", "errors"):
            self.hear(layer.get(name), depth + 1)
        inner = an_object(layer.get("innererror"))
        self._hear_code(inner.get("code"))
        metadata = an_object(layer.get("metadata"))
        self._hear_headers(an_object(metadata.get("headers")))
        self.hear(metadata.get("raw"), depth + 1)

    def _hear_headers(self, headers: Json) -> None:
        """Headers that a gateway quotes of its own limits: milliseconds."""
        named = {name.lower(): value for name, value in headers.items()}
        reset = an_amount(named.get("x-ratelimit-reset"))
        if reset is not None and str(named.get("x-ratelimit-remaining", "0")) == "0":
            self.resets_at = float(reset) / 1000

    def _hear_code(self, code: object) -> None:
        """A code in words; one in digits is a status."""
        if isinstance(code, int) or (isinstance(code, str) and len(code) < _LONG and code.isdecimal()):
            number = int(code)
            self.status = self.status or (number if 400 <= number <= 599 else 0)
        elif text := a_text(code):
            self.codes.append(text)


def _parsed(data: bytes | str) -> Any:
    try:
        return _loads(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def read_error(answer: WireAnswer) -> UpstreamError:
    """The error that an answer tells of, whatever its shape."""
    return error_of(_parsed(answer.body), answer)


def error_of(told: Any, answer: WireAnswer) -> UpstreamError:
    """The error that a JSON value tells of; its own status counts where the answer's is a success."""
    heard = _Told()
    if told is not None:
        heard.hear(told)
    if answer.status < 400 and heard.status:
        answer = replace(answer, status=heard.status)
    if heard.retry_after is None and heard.resets_at is not None:
        heard.retry_after = seconds_until(heard.resets_at, answer.headers)
    return failure(
        answer,
        codes=tuple(heard.codes),
        words=": ".join(heard.words[:3]),
        retry_after=heard.retry_after,
    )


def broken(what: str, answer: WireAnswer) -> UpstreamBroken:
    """The answer makes no sense."""
    return UpstreamBroken(what, status=answer.status, body=answer.body)


_TYPES: Mapping[int, str] = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "insufficient_quota",
    403: "permission_error",
    404: "invalid_request_error",
    422: "invalid_request_error",
    429: "rate_limit_error",
}


def error_object(error: QuorateError) -> Json:
    """The protocol's `error` object for one of our errors."""
    status = error.http_status
    return {
        "message": str(error),
        "type": _TYPES.get(status, "api_error" if status >= 500 else "invalid_request_error"),
        "param": (error.where or None) if isinstance(error, InvalidRequest) else None,
        "code": _CODES.get(error.code, error.code),
    }


_CODES: Mapping[str, str] = {
    "unknown_model": "model_not_found",
    "model_unavailable": "model_not_found",
    "unknown_previous": "previous_response_not_found",
    "unknown_caller": "invalid_api_key",
    "too_long": "context_length_exceeded",
    "rate_limited": "rate_limit_exceeded",
    "upstream_busy": "rate_limit_exceeded",
    "upstream_refused": "content_filter",
    "budget_exceeded": "insufficient_quota",
}
"""Our code → the protocol's, where clients know a word for it."""


def write_error(error: QuorateError) -> WireAnswer:
    """The whole answer that tells a client of an error."""
    headers = {"content-type": "application/json"}
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        headers["retry-after"] = f"{retry_after:g}"
    body = msgspec.json.encode({"error": error_object(error)})
    return WireAnswer(status=error.http_status, headers=headers, body=body)
