"""One call as a row: what is known of it when it is over, and what the tables take of that."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec

from quorate.types.chat import AttemptRecord, Departure
from quorate.types.usage import MISSING, Usage
from quorate.types.value import Value

from .columns import LARGEST, counted, lasted, words
from .money import picodollars

TOKEN_CLASSES = (
    "input",
    "cache_read",
    "cache_write",
    "cache_write_1h",
    "input_audio",
    "input_image",
    "output",
    "reasoning",
    "output_audio",
    "output_image",
    "searches",
    "characters",
    "images",
    "seconds",
)
"""Fields of `Usage`, each a column."""
COLUMN_OF = {name: name for name in TOKEN_CLASSES} | {"seconds": "sound_seconds"}
"""The column of a class; a call has seconds of its own."""
_counts = attrgetter(*TOKEN_CLASSES)


_LENGTHS = {
    "id": None,
    "request_id": 200,
    "scope": None,
    "key_id": None,
    "front": None,
    "operation": None,
    "path": 500,
    "model": 300,
    "outcome": None,
    "provider": 300,
    "answered_model": 300,
    "road": None,
    "decision": 2000,
    "price_rule": 300,
    "error": 1000,
}
"""Fields of text, and how much of each is kept."""
_texts = attrgetter(*_LENGTHS)

_LEAST = 300
"""Characters of a target that are kept."""
_SHORT = 300
"""Characters of all texts of a row together, up to which none of them is too long but perhaps the client's id."""


class CallRow(Value):
    """A call, once it is over. Make its `id` with `new_identity(started_at)`: rows are found in time by it."""

    id: str
    request_id: str = ""
    """What the client was told."""
    started_at: int
    """Microseconds since 1970."""
    seconds: float = 0.0
    first_byte_seconds: float | None = None
    scope: str
    """The tenant it belongs to."""
    key_id: str = ""
    front: str = ""
    """The client's protocol."""
    operation: str = ""
    path: str = ""
    model: str = ""
    """As the client asked."""
    stream: bool = False
    status: int = 0
    """The HTTP status that the client got."""
    outcome: str
    """'answered', 'left' (the client went before the end), or the code of the error."""
    provider: str = ""
    answered_model: str = ""
    road: str = ""
    """'relayed', 'translated', or ''."""
    decision: str = ""
    """Why that target."""
    fidelity: tuple[Departure, ...] = ()
    tags: tuple[str, ...] = ()
    usage: Usage = MISSING
    """Without `vendor`, which is not kept."""
    cost: Decimal | None = None
    """Dollars; None where it is not known."""
    price_rule: str = ""
    error: str = ""
    """A short detail, without secrets."""
    attempts: tuple[AttemptRecord, ...] = ()


class Written(NamedTuple):
    """Rows as the tables take them."""

    calls: list[tuple[Any, ...]]
    attempts: list[tuple[Any, ...]]


def written(rows: Iterable[CallRow]) -> Written:
    """A few microseconds for each: of many, a slice at a time, where others wait."""
    calls: list[tuple[Any, ...]] = []
    attempts: list[tuple[Any, ...]] = []
    for row in rows:
        is_told = _tells_its_attempt(row)
        calls.append(_written(row, row.attempts[0].seconds if is_told else None))
        if not is_told:
            attempts += _written_attempts(row)
    return Written(calls, attempts)


def _tells_its_attempt(row: CallRow) -> bool:
    """Does the call say all of its attempt but how long it took? So it is of nearly every call."""
    if len(row.attempts) != 1:
        return False
    attempt = row.attempts[0]
    return (
        attempt.outcome == row.outcome
        and attempt.target == f"{row.provider}/{row.answered_model}"
        and len(attempt.target) <= _LEAST
        and attempt.status == row.status
        and attempt.detail == row.error
        and attempt.cost == row.cost
        and attempt.estimated == (row.usage.quality == "estimated")
    )


def _written(row: CallRow, upstream_seconds: float | None) -> tuple[Any, ...]:
    """In the order of the columns."""
    usage, cost = row.usage, row.cost
    stated, counts, first_byte = usage.stated_cost, _counts(usage), row.first_byte_seconds
    if min(counts) < 0 or max(counts) > LARGEST:
        counts = tuple(map(counted, counts))
    texts = _texts(row)
    if len(row.request_id) > 200 or not _is_plain("".join(texts)):
        texts = tuple(words(each, most) for each, most in zip(texts, _LENGTHS.values(), strict=True))
    name, told, scope, key, front, operation, path, model, outcome, provider, answered, *others = texts
    road, decision, rule, error = others
    return (
        name,
        told,
        row.started_at,
        lasted(row.seconds),
        None if first_byte is None else lasted(first_byte),
        scope,
        key,
        front,
        operation,
        path,
        model,
        row.stream,
        row.status,
        outcome,
        provider,
        answered,
        road,
        decision,
        _text(row.fidelity),
        _text(row.tags),
        *counts,
        usage.quality,
        None if stated is None else picodollars(stated),
        None if cost is None else picodollars(cost),
        rule,
        error,
        len(row.attempts),
        None if upstream_seconds is None else lasted(upstream_seconds),
    )


def _is_plain(joined: str) -> bool:
    """Neither too long, any of it, nor anything that no database can hold."""
    return len(joined) <= _SHORT and joined.isascii() and "\0" not in joined


def _written_attempts(row: CallRow) -> Iterable[tuple[Any, ...]]:
    for number, attempt in enumerate(row.attempts):
        yield (
            row.id,
            number,
            words(attempt.target, 300),
            words(attempt.outcome),
            lasted(attempt.seconds),
            attempt.status,
            words(attempt.detail, 1000),
            None if attempt.cost is None else picodollars(attempt.cost),
            attempt.estimated,
        )


def _text(listed: Sequence[Any]) -> str:
    if not listed:
        return "[]"
    try:
        return msgspec.json.encode(listed).decode()
    except UnicodeEncodeError:  # half of a surrogate pair, which came in a header or a setting
        plain = json.dumps(msgspec.to_builtins(listed), ensure_ascii=False)
        return words(plain)
