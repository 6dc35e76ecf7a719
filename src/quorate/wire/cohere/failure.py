"""Reads what went wrong out of Cohere's error bodies: https://docs.cohere.com/reference/errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from quorate.errors import UpstreamBroken, UpstreamError
from quorate.wire.failures import failure
from quorate.wire.json_fields import Json, a_text, an_object
from quorate.wire.seam import WireAnswer

_CODES: Mapping[int, str] = {498: "invalid_token", 499: "cancelled"}
"""Cohere's name for a status that others use otherwise, or not at all."""


def read_failure(answer: WireAnswer) -> UpstreamError:
    """`{"id", "message"}`, sometimes with an `error_type`; proxies before it speak in `error` objects."""
    try:
        body: Any = msgspec.json.decode(answer.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        body = None
    return failure_of(an_object(body), answer)


def failure_of(told: Json, answer: WireAnswer) -> UpstreamError:
    """The error that an object tells of."""
    inner = an_object(told.get("error")) or told
    codes = (a_text(told.get("error_type")), a_text(inner.get("code")), a_text(inner.get("type")))
    words = a_text(inner.get("message")) or a_text(told.get("error")) or a_text(inner.get("detail"))
    return failure(answer, codes=(*codes, _CODES.get(answer.status, "")), words=words)


def broken(answer: WireAnswer, words: str) -> UpstreamBroken:
    """Bytes of a success that make no sense; the first of them are quoted."""
    start = answer.body[:200].decode(errors="replace").strip()
    message = f"{words}: {start}" if start else f"{words}: the body is empty"
    return UpstreamBroken(message, status=answer.status, body=answer.body)
