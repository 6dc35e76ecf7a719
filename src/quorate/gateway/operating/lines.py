"""Lines of the log: for machines as JSON, for people as words. No word of a client's can look like a line or a field.

Neither form holds what was asked or answered, nor a key.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec

from quorate.gateway.record import AccessRecord
from quorate.types.value import Value

from .spent import spent

Facts = Mapping[str, object]
"""In the order in which they are told."""

LONGEST = 300
"""Letters of a word that a client chose."""

_PLAIN = re.compile(r"[^\s\"'=\\\x00-\x20\x7f]+")
_LONGEST_MESSAGE = 4000
_encoder = msgspec.json.Encoder(decimal_format="number")
_FINE = frozenset({"answered", "left", "upstream_rejected", "upstream_refused", "too_long"})
"""Outcomes that say nothing ill of us or of a provider."""


def facts_of(
    record: AccessRecord, word: Callable[[str], str], *, is_detailed: bool = False
) -> dict[str, object]:
    """Only what is known; `word` makes what others chose harmless for the line.

    The detail of an error may hold a provider's words, and so a client's.
    """
    usage, cost = spent(record.trace)
    facts: dict[str, object] = {
        "status": record.status,
        "outcome": record.outcome,
        "method": word(record.method),
    }
    facts["path"] = word(record.path)
    if record.operation:
        facts["front"], facts["operation"] = record.protocol, record.operation
    if record.model:
        facts["model"] = word(record.model)
    if record.provider:
        facts["provider"], facts["answered_model"] = word(record.provider), word(record.answered_model)
    if record.road:
        facts["road"] = record.road
    if record.stream:
        facts["stream"] = True
    facts["seconds"] = round(record.ended - record.began, 6)
    if record.first_byte:
        facts["first_byte_seconds"] = round(record.first_byte - record.began, 6)
    if usage.quality != "missing":
        facts["input_tokens"], facts["output_tokens"] = usage.input_total, usage.output_total
    if cost is not None:
        facts["cost"] = cost
    if record.trace:
        facts["attempts"] = len(record.trace)
    if record.key:
        facts["key"] = word(record.key)
    if is_detailed and record.detail:
        facts["detail"] = word(record.detail)
    facts["request_id"], facts["decision_id"] = record.identity, record.id
    return facts


def level_of(record: AccessRecord) -> int:
    """A fault of ours is an error, one of a provider's a warning; what is wrong with a call is its client's affair."""
    if record.outcome in _FINE or (400 <= record.status < 500 and not record.trace):
        return logging.INFO
    return logging.ERROR if record.outcome == "internal" else logging.WARNING


def seen(word: str, longest: int = LONGEST) -> str:
    """The word with everything that is no visible letter written out, and not too long."""
    if len(word) > longest:
        word = word[:longest] + "…"
    if word.isprintable():
        return word
    return "".join(letter if letter.isprintable() else _escaped(ord(letter)) for letter in word)


def _quoted(word: str) -> str:
    """In quotes where it could be taken for several words, or for a field."""
    return _quoted_before(word) if len(word) <= _SHORT else _in_quotes(word)


def _in_quotes(word: str) -> str:
    word = seen(word)
    return word if _PLAIN.fullmatch(word) else msgspec.json.encode(word).decode()


_SHORT = 100
_quoted_before = lru_cache(maxsize=1024)(_in_quotes)  # paths, models and keys come again and again


def _escaped(letter: int) -> str:
    return f"\\x{letter:02x}" if letter < 256 else f"\\u{letter:04x}"


class Form(Value):
    """One way to write the log. Every line brings its end along."""

    word: Callable[[str], str]
    """Makes a word harmless."""
    call: Callable[[float, int, Facts], str]
    """Of: seconds since 1970, the level, what is known of the call."""
    message: Callable[[logging.LogRecord, str], str]
    """Of: a message of the program's, and the trace of the error that goes with it, or ''."""


def _json_call(at: float, level: int, facts: Facts) -> str:
    return _json({"time": moment(at), "level": _name(level), "event": "call", **facts})


def _json_message(record: logging.LogRecord, trace: str) -> str:
    told = {"time": moment(record.created), "level": _name(record.levelno), "event": "message"}
    told |= {"logger": record.name, "message": seen(record.getMessage(), _LONGEST_MESSAGE)}
    return _json(told | ({"trace": trace} if trace else {}))


def _json(told: Facts) -> str:
    return _encoder.encode(told).decode() + "\n"


def _text_call(at: float, level: int, facts: Facts) -> str:
    words = " ".join(
        [
            f"{name}={value if (kind := type(value)) is str or kind is int else _WRITTEN[kind](value)}"
            for name, value in facts.items()
        ]
    )
    return f"{moment(at)} {_name(level):7} call {words}\n"


def _text_message(record: logging.LogRecord, trace: str) -> str:
    told = seen(record.getMessage(), _LONGEST_MESSAGE)
    below = "".join(f"    | {seen(line, _LONGEST_MESSAGE)}\n" for line in trace.splitlines())
    return f"{moment(record.created)} {_name(record.levelno):7} {record.name}: {told}\n{below}"


FORMS: Mapping[str, Form] = {
    "text": Form(word=_quoted, call=_text_call, message=_text_message),
    "json": Form(word=seen, call=_json_call, message=_json_message),
}


_WRITTEN: Mapping[type, Callable[[Any], str]] = {  # texts and whole numbers stand as they are
    bool: lambda value: "true" if value else "false",
    float: lambda value: f"{value:.6f}",
    Decimal: lambda value: f"{value:f}",
}


def _name(level: int) -> str:
    return logging.getLevelName(level).lower()


def moment(at: float) -> str:
    """In UTC, as `2026-01-31T12:00:00.000Z`."""
    whole = int(at)
    return f"{_second(whole)}.{int((at - whole) * 1000):03d}Z"


@lru_cache(maxsize=16)
def _second(whole: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole))
