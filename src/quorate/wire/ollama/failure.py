"""Reads what went wrong out of every form in which Ollama and those who imitate it say so."""

from __future__ import annotations

from typing import Any

import msgspec

from quorate.errors import UpstreamBroken, UpstreamError
from quorate.types.value import replace
from quorate.wire.failures import failure
from quorate.wire.seam import WireAnswer

from .shapes import object_of


def read_failure(answer: WireAnswer) -> UpstreamError:
    """`{"error": "words"}`; ollama.com also sends OpenAI's `{"error": {"message", "type", "code"}}`.

    Inside a stream an error may name the status that it would have had.
    """
    try:
        body: Any = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return failure(answer)
    fields = object_of(body)
    status = fields.get("status_code")
    if answer.status < 400 and isinstance(status, int):
        answer = replace(answer, status=status)
    match fields.get("error"):
        case str(words):
            return failure(answer, words=words)
        case dict():
            inner = object_of(fields["error"])
            codes = tuple(_word(inner.get(name)) for name in ("code", "type"))
            return failure(answer, codes=codes, words=_word(inner.get("message")))
        case _:
            return failure(answer, words=_word(fields.get("message")))


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""


def broken(answer: WireAnswer, words: str) -> UpstreamBroken:
    """Bytes of a success that make no sense; the first of them are quoted."""
    start = answer.body[:200].decode(errors="replace").strip()
    message = f"{words}: {start}" if start else f"{words}: the body is empty"
    return UpstreamBroken(message, status=answer.status, body=answer.body)
