"""What is written where: the answer on stdout, notes on stderr, colour and movement on a terminal alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

import msgspec

from quorate.types.chat import ChatReply
from quorate.types.usage import Usage
from quorate.types.work import WorkReply


def is_terminal() -> bool:
    """Does a person watch stdout? A pipe or a dumb terminal says no."""
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def has_colour() -> bool:
    """May stdout carry colour? `NO_COLOR` says no, whatever stands in it."""
    return is_terminal() and not os.environ.get("NO_COLOR")


def note(text: str) -> None:
    """A line for whoever watches, not for the pipe."""
    print(text, file=sys.stderr, flush=True)


def dollars(amount: Decimal | None) -> str:
    """Money as people read it; what is not known is said so."""
    if amount is None:
        return "cost unknown"
    return f"${amount.normalize():f}" if amount else "$0"


def account(reply: ChatReply[Any] | WorkReply, seconds: float) -> str:
    """One line: who answered, with how many tokens, for how much, how fast, after which attempts."""
    words = [
        f"{reply.provider}/{reply.model}"
        if reply.provider and reply.model
        else reply.model or reply.provider,
        _amount(reply.usage),
        dollars(reply.cost),
        f"{seconds:.1f} s",
    ]
    if isinstance(reply, ChatReply) and reply.finish.reason not in ("stop", "tool_calls"):
        words.append(f"ended by '{reply.finish.reason}'")
    failed = [attempt for attempt in reply.attempts if attempt.outcome != "answered"]
    if failed:
        words.append("after " + ", ".join(f"{attempt.target} ({attempt.outcome})" for attempt in failed))
    return " · ".join(words)


def _amount(usage: Usage) -> str:
    """Tokens, or what is counted in their place."""
    counted = [f"{count} {unit}" for unit in _UNITS if (count := getattr(usage, unit))]
    if usage.total or not counted:
        return _tokens(usage)
    return ", ".join(counted)


_UNITS = ("characters", "seconds", "images", "searches")


def _tokens(usage: Usage) -> str:
    if usage.quality == "missing":
        return "usage unknown"
    cached = f" ({usage.cache_read} cached)" if usage.cache_read else ""
    about = "about " if usage.quality == "estimated" else ""
    return f"{about}{usage.input_total} in{cached}, {usage.output_total} out"


def departures(reply: ChatReply[Any] | WorkReply) -> list[str]:
    """A line for each setting that the target did not take as it was."""
    return [f"{each.setting} {each.kind}: {each.detail}" for each in reply.fidelity]


def tell(reply: ChatReply[Any] | WorkReply, seconds: float) -> None:
    """The notes that go with an answer."""
    for line in (account(reply, seconds), *departures(reply)):
        note(line)


def as_json(value: Any) -> str:
    """Two-space JSON in which every key is always there; money stays exact, as text."""
    return msgspec.json.format(msgspec.json.encode(_whole(value)), indent=2).decode()


def _whole(value: Any) -> Any:
    """The value with the fields that are at their defaults, which its own encoding leaves out."""
    match value:
        case msgspec.Struct():
            return {name: _whole(getattr(value, name)) for name in value.__struct_fields__}
        case Mapping():
            return {str(key): _whole(each) for key, each in cast("Mapping[Any, Any]", value).items()}
        case list() | tuple():
            return [_whole(each) for each in cast("Sequence[Any]", value)]
        case Decimal():
            return f"{value.normalize():f}"
        case _:
            return value
