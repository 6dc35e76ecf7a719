"""What no answer may be, whatever was asked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import quorate
from quorate.errors import QuorateError, RequestError, UpstreamError
from quorate.gateway.record import AccessRecord
from quorate.wire.seam import WireAnswer
from quorate.wire.wires import WIRES
from tests.gateway.house import Answered

from .shot import Shot

REFUSALS = frozenset({400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 431})
_PACKAGE = str(quorate.__path__[0])
_INNARDS = re.compile(
    r"Traceback|File \"|line \d+, in |\.py\b|0x[0-9a-f]{8,}|object at |msgspec|sqlalchemy|site-packages"
)
_MADE_NOTHING = {(each, "upstream_broken") for each in ("images", "speech", "transcribe")}
_BAD_HEADER = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def _classes(kind: type[QuorateError]) -> Iterator[type[QuorateError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from _classes(each)


STATUS_OF: Mapping[str, int] = {each.code: each.http_status for each in _classes(QuorateError)}
_OURS = frozenset(
    each.code
    for each in _classes(QuorateError)
    if issubclass(each, RequestError) or each.http_status in (401, 403)
) - frozenset(each.code for each in _classes(UpstreamError))
"""Refusals that need no provider."""


@dataclass
class Came:
    """All that came of one request."""

    answered: Answered
    record: AccessRecord | None
    upstream: list[int]
    """Statuses of what providers answered."""
    upstream_faults: list[str]
    told: list[str]
    """What the log said of it, an entry each."""
    broke: list[str] = field(default_factory=list)
    """Faults of the gateway's own that its log tells of, and what kept it from answering."""


def objections(shot: Shot, came: Came, secrets: Mapping[str, str]) -> list[str]:
    """All that is wrong with an answer; `secrets` by what they are."""
    answered = came.answered
    found = [*came.broke, *came.upstream_faults]
    if not answered.is_whole:
        found.append("no whole answer")
    if answered.status >= 500 and not _made_nothing(came):
        found.append(f"status {answered.status}")
    elif 400 <= answered.status < 500 and answered.status not in REFUSALS:
        found.append(f"an unusual status: {answered.status}")
    if shot.expected and answered.status not in shot.expected:
        found.append(f"status {answered.status} instead of {sorted(shot.expected)}")
    record = came.record
    if record is not None and answered.status < 400 and record.outcome not in ("answered", ""):
        found.append(f"status {answered.status} for '{record.outcome}': {record.detail}")
    found += _of_head(shot, answered)
    found += _leaks(shot, came, secrets)
    if answered.status >= 400:
        found += _of_refusal(shot, came)
    return found


def _made_nothing(came: Came) -> bool:
    """A picture or a sound was asked of a simulated model that makes none: no fault of the gateway's."""
    record = came.record
    return record is not None and (record.operation, record.outcome) in _MADE_NOTHING


def _of_head(shot: Shot, answered: Answered) -> list[str]:
    found: list[str] = []
    if any(_BAD_HEADER.search(value) for value in answered.headers.values()):
        found.append(f"control characters in a header: {answered.headers!r}")
    if any(name.startswith("x-injected") for name in answered.headers):
        found.append("a header that the client wrote")
    length = answered.headers.get("content-length")
    if length is not None and int(length) != len(answered.body) and shot.method != "HEAD":
        found.append(f"{len(answered.body)} bytes after a length of {length}")
    return found


def _leaks(shot: Shot, came: Came, secrets: Mapping[str, str]) -> list[str]:
    places = {
        "body": came.answered.body.decode("utf-8", "replace"),
        "headers": repr(came.answered.headers),
        "log": "\n".join(came.told),
    }
    found = [
        f"{name} in {place}"
        for place, text in places.items()
        for name, secret in secrets.items()
        if secret in text
    ]
    if came.answered.status >= 400:
        sent = shot.body.decode("utf-8", "replace") + shot.url.decode("latin-1") + repr(shot.headers)
        found += [
            f"innards in the refusal: {hit.group()!r}"
            for hit in _INNARDS.finditer(places["body"])
            if hit.group() not in sent
        ]
    if any(_PACKAGE in text for text in places.values()):
        found.append("a path of ours is told")
    found += [f"more than one line in the log: {line!r}" for line in came.told if "\n" in line.rstrip("\n")]
    return found


def _of_refusal(shot: Shot, came: Came) -> list[str]:
    """Its shape, its status, and that nothing was spent."""
    found: list[str] = []
    status, record = came.answered.status, came.record
    if any(each < 400 for each in came.upstream) and not _made_nothing(came):
        found.append("refused, but a provider was asked and answered")
    if record is None:
        return [*found, "no record of the call"]
    if record.outcome in _OURS and came.upstream:
        found.append(f"a refusal of our own ({record.outcome}) after a provider was asked")
    if STATUS_OF.get(record.outcome, status) != status:
        found.append(f"status {status} for '{record.outcome}'")
    if status == 405 and not came.answered.headers.get("allow"):
        found.append("405 without 'allow'")
    if shot.front and not record.is_mounted and shot.method != "HEAD":
        fronts = [shot.front] if shot.is_placed else list(_SHAPES)
        if not any(_is_error_of(front, came.answered) for front in fronts):
            found.append(f"no error of {shot.front}'s form: {came.answered.body[:300]!r}")
    return found


def _openai(told: Any, status: int) -> bool:
    error = told["error"]
    return set(error) == {"message", "type", "param", "code"} and all(
        error[name] for name in ("message", "type")
    )


def _anthropic(told: Any, status: int) -> bool:
    return told["type"] == "error" and bool(told["error"]["type"] and told["error"]["message"])


def _gemini(told: Any, status: int) -> bool:
    error = told["error"]
    return error["code"] == status and error["status"].isupper() and bool(error["message"])


def _ollama(told: Any, status: int) -> bool:
    return isinstance(told["error"], str) and bool(told["error"])


_SHAPES: Mapping[str, Callable[[Any, int], bool]] = {
    "openai_chat": _openai,
    "openai_responses": _openai,
    "anthropic": _anthropic,
    "gemini": _gemini,
    "ollama": _ollama,
}


def _is_error_of(front: str, answered: Answered) -> bool:
    """Does a client of that protocol understand it, by the protocol's own description and by our codec?"""
    try:
        told = json.loads(answered.body)
        has_shape = _SHAPES[front](told, answered.status)
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
    error = WIRES[front].codec.read_error(
        WireAnswer(status=answered.status, headers=answered.headers, body=answered.body)
    )
    return has_shape and error.status == answered.status and bool(str(error))
