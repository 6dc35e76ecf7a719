"""The fault lab's catalogue: each fault by its name, what it does, and how one is asked for.

A fault is named in the header `x-sim-fault`, after a `+` in the model's name, or for a share of all
calls by the server's own settings. Some take an argument: `flaky:2`, `stall-midway:0.5`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Literal

from quorate.errors import (
    BudgetExceeded,
    InvalidRequest,
    QuorateError,
    RateLimited,
    TooLong,
    UnknownCaller,
    UnknownModel,
    UpstreamBroken,
    UpstreamBusy,
    UpstreamRefused,
)
from quorate.types.value import Value

HEADER = "x-sim-fault"

Argument = Literal["none", "seconds", "count", "megabytes", "place"]

RETRY_AFTER = 1.0
"""Seconds that a rate limit asks to wait."""


class Unavailable(UpstreamBusy):
    """503."""

    http_status = 503


class Overloaded(UpstreamBusy):
    """529, as Anthropic says it."""

    http_status = 529


class FaultKind(Value):
    """What a fault does, and what its argument is."""

    name: str
    about: str
    argument: Argument = "none"
    usual: float = 0
    """The argument where none is given."""


class Fault(Value):
    """A fault as it was asked for."""

    name: str
    amount: float = 0
    """Seconds, calls or megabytes."""
    place: str = ""


FAULTS: Mapping[str, FaultKind] = {
    kind.name: kind
    for kind in (
        FaultKind(name="rate-limited", about="429 with Retry-After", argument="seconds", usual=RETRY_AFTER),
        FaultKind(name="rate-limited-bare", about="429 without Retry-After"),
        FaultKind(name="error-500", about="500"),
        FaultKind(name="error-502", about="502"),
        FaultKind(name="error-503", about="503"),
        FaultKind(name="overloaded", about="529"),
        FaultKind(name="unauthorized", about="401"),
        FaultKind(name="model-missing", about="404: there is no such model"),
        FaultKind(name="content-filter", about="400: a filter refused the question"),
        FaultKind(name="context-too-long", about="400: it does not fit the model's context"),
        FaultKind(
            name="quota", about="402, or 429 where the protocol says it so: the account has no credit left"
        ),
        FaultKind(
            name="flaky", about="the first calls fail with 503, then all is well", argument="count", usual=2
        ),
        FaultKind(name="reset", about="connection reset: before the head, or :midway", argument="place"),
        FaultKind(name="slow-head", about="nothing at all for a while", argument="seconds", usual=2),
        FaultKind(
            name="stall-first",
            about="the head at once, then nothing for a while",
            argument="seconds",
            usual=60,
        ),
        FaultKind(
            name="stall-midway",
            about="half an answer, then nothing for a while",
            argument="seconds",
            usual=60,
        ),
        FaultKind(
            name="truncated",
            about="half an answer: a stream without its end mark, a body shorter than it said; or :hard",
            argument="place",
        ),
        FaultKind(name="garbled", about="bytes that are neither JSON nor UTF-8 in the middle"),
        FaultKind(name="error-in-stream", about="the protocol's own error inside a 200"),
        FaultKind(name="drip", about="one byte at a time", argument="seconds", usual=0.01),
        FaultKind(name="wrong-type", about="a web page with status 200"),
        FaultKind(name="huge", about="a body without an end in sight", argument="megabytes", usual=64),
        FaultKind(name="empty", about="status 200 and no body"),
    )
}

SHORT: Mapping[str, str] = {
    "401": "unauthorized",
    "404": "model-missing",
    "429": "rate-limited",
    "500": "error-500",
    "502": "error-502",
    "503": "error-503",
    "529": "overloaded",
}
"""Other names: the status a fault answers with."""

_PLACES: Mapping[str, tuple[str, ...]] = {"reset": ("before", "midway"), "truncated": ("soft", "hard")}
_MOST: Mapping[Argument, float] = {"seconds": 3_600, "count": 1_000_000, "megabytes": 4_096}

_REFUSALS: Mapping[str, Callable[[Fault], QuorateError]] = {
    "rate-limited": lambda fault: RateLimited("Simulated: too many requests", retry_after=fault.amount),
    "rate-limited-bare": lambda _: RateLimited("Simulated: too many requests"),
    "error-500": lambda _: QuorateError("Simulated: the server had an error"),
    "error-502": lambda _: UpstreamBroken("Simulated: bad gateway", status=502),
    "error-503": lambda _: Unavailable("Simulated: the service is unavailable", status=503),
    "flaky": lambda _: Unavailable("Simulated: the service is unavailable, for the first calls", status=503),
    "overloaded": lambda _: Overloaded("Simulated: overloaded", status=529),
    "unauthorized": lambda _: UnknownCaller("Simulated: invalid API key"),
    "model-missing": lambda _: UnknownModel("Simulated: there is no model of that name"),
    "content-filter": lambda _: UpstreamRefused(
        "Simulated: the prompt was refused by the content management policy", status=400
    ),
    "context-too-long": lambda _: TooLong(
        "Simulated: the prompt is longer than the model's maximum context length", status=400
    ),
    "quota": lambda _: BudgetExceeded("Simulated: you exceeded your current quota"),
}


STATUSES: Mapping[tuple[type[QuorateError], str], int] = {
    (BudgetExceeded, "openai_chat"): 429,
    (BudgetExceeded, "openai_responses"): 429,
}
"""Where a protocol has another status than ours for an error."""


def status_of(error: QuorateError, protocol: str) -> int:
    return STATUSES.get((type(error), protocol), error.http_status)


def refusal(fault: Fault) -> QuorateError | None:
    """The error that a call is refused with; None where the fault is of another kind."""
    make = _REFUSALS.get(fault.name)
    return make(fault) if make else None


def read_fault(text: str) -> Fault:
    """`NAME` or `NAME:ARGUMENT`. Raises `InvalidRequest`."""
    told, colon, argument = text.strip().partition(":")
    kind = FAULTS.get(SHORT.get(told, told))
    if kind is None:
        raise InvalidRequest(f"there is no fault '{told}'; there are {', '.join(FAULTS)}", where=HEADER)
    if kind.argument == "place":
        places = _PLACES[kind.name]
        if colon and argument not in places:
            raise InvalidRequest(f"'{kind.name}' takes {' or '.join(places)}", where=HEADER)
        return Fault(name=kind.name, place=argument or places[0])
    amount = kind.usual
    if colon:
        amount = _amount(kind, argument)
    return Fault(name=kind.name, amount=amount)


def _amount(kind: FaultKind, argument: str) -> float:
    most = _MOST.get(kind.argument)
    if most is None:
        raise InvalidRequest(f"'{kind.name}' takes no argument", where=HEADER)
    try:
        amount = float(argument)
    except ValueError:
        amount = math.nan
    if not 0 <= amount <= most:
        raise InvalidRequest(f"'{kind.name}' takes {kind.argument} from 0 to {most:g}", where=HEADER)
    return amount


def split_model(asked: str) -> tuple[str, Fault | None]:
    """A model's name and the fault behind its `+`; a `+` before anything else belongs to the name."""
    name, plus, told = asked.rpartition("+")
    if not plus:
        return asked, None
    try:
        return name, read_fault(told.removesuffix(":latest"))
    except InvalidRequest:
        return asked, None
