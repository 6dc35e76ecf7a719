"""What went wrong: a refused request, or a prediction that failed after it was taken on."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from quorate.errors import UpstreamBroken, UpstreamError
from quorate.wire.failures import failure
from quorate.wire.json_fields import Json, a_text, an_object
from quorate.wire.seam import WireAnswer

_CODE = re.compile(r"\((E\d{3,4})\)")
"""A failed prediction's code stands behind its words, in no field of its own."""

_MEANING: Mapping[str, str] = {
    "E003": "overloaded",
    "E004": "unavailable",
    "E005": "content_filter",
    "E006": "invalid_request_error",
}
"""The provider's code → the one that all protocols share (replicate.com/docs/reference/error-codes)."""


def read_failure(answer: WireAnswer) -> UpstreamError:
    """A problem document: `{"title", "detail", "status"}`."""
    try:
        told = an_object(msgspec.json.decode(answer.body))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return failure(answer)
    words = [a_text(told.get(name)) for name in ("title", "detail", "error")]
    if answer.status < 300 and a_text(told.get("error")):
        return failed(a_text(told.get("status")), a_text(told["error"]), answer)
    return failure(answer, codes=(a_text(told.get("code")),), words=": ".join(each for each in words if each))


def failed(status: str, words: str, answer: WireAnswer) -> UpstreamError:
    """Of a prediction that was taken on."""
    found = _CODE.search(words)
    code = found[1] if found else ""
    error = failure(
        answer, codes=(_MEANING.get(code, ""), code), words=words or f"the prediction was {status}"
    )
    error.upstream_code = code or status
    return error


def told_in_stream(data: bytes) -> UpstreamError:
    """Of an error event: an object with `detail`, or plain words."""
    try:
        told: Json = an_object(msgspec.json.decode(data))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        told = {}
    words = a_text(told.get("detail")) or data[:500].decode(errors="replace")
    return failed("failed", words, WireAnswer(body=data))


def broken(answer: WireAnswer, words: str) -> UpstreamBroken:
    """Bytes of a success that make no sense; the first of them are quoted."""
    start = answer.body[:200].decode(errors="replace").strip()
    told = f"{words}: {start}" if start else f"{words}: the body is empty"
    return UpstreamBroken(told, status=answer.status, body=answer.body)
