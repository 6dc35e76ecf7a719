"""A reply as it arrives: five events, and the one function that folds them into a reply."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from .chat import AttemptRecord, ChatReply, Choice, Departure, Finish, Message
from .parts import Part, Vendor, grown
from .usage import MISSING, Usage
from .value import Value


class _Event(Value, tag_field="type"):
    pass


class ReplyStart(_Event, tag="reply.start"):
    """The provider has begun to answer."""

    id: str
    model: str
    created: int = 0
    provider: str = ""
    vendor: Vendor = {}


class PartStart(_Event, tag="part.start"):
    """A part begins. `index` counts the parts of the whole reply from 0, in order of their start."""

    index: int
    part: Part
    """The part while still empty: its kind, and for a tool call its id and name."""
    choice: int = 0
    """Which of the `n` answers it belongs to."""


class PartDelta(_Event, tag="part.delta"):
    """A piece of a part: words, arguments or thoughts in `text`, media bytes in `data`."""

    index: int
    text: str = ""
    data: bytes = b""


class PartEnd(_Event, tag="part.end"):
    """A part is whole."""

    index: int
    part: Part
    """The whole part, signature and logprobs included."""
    choice: int = 0


class ReplyEnd(_Event, tag="reply.end"):
    """The answer is whole. The engine adds provider, cost, fidelity and attempts."""

    finish: Finish
    usage: Usage = MISSING
    finishes: tuple[Finish, ...] = ()
    """Of the second and later answers of a question asked with `n`."""
    cost: Decimal | None = None
    price_rule: str = ""
    provider: str = ""
    fidelity: tuple[Departure, ...] = ()
    attempts: tuple[AttemptRecord, ...] = ()
    vendor: Vendor = {}
    messages: tuple[Vendor, ...] = ()
    """What goes back with the answers' messages, in order of the answers: their `Message.vendor`."""


Event = ReplyStart | PartStart | PartDelta | PartEnd | ReplyEnd


def assemble(events: Iterable[Event]) -> ChatReply:
    """The reply that these events tell of: the same as the answer has unstreamed.

    Parts stand in order of their index. A reply cut short has what came: a part without its end is made of
    its deltas; without a `ReplyEnd` every finish is 'other' with no raw word and the usage is missing.
    """
    start = ReplyStart(id="", model="")
    cut_short = Finish(reason="other")
    end = ReplyEnd(finish=cut_short)
    parts: dict[int, PartStart | PartEnd] = {}
    deltas: dict[int, list[PartDelta]] = {}
    for event in events:
        match event:
            case PartDelta():
                deltas.setdefault(event.index, []).append(event)
            case PartStart() | PartEnd():
                parts[event.index] = event
            case ReplyStart():
                start = event
            case ReplyEnd():
                end = event
    whole = [(parts[index].choice, _part(parts[index], deltas.get(index, ()))) for index in sorted(parts)]
    begun = max((number for number, _ in whole), default=0)
    finishes = (*end.finishes, *[cut_short] * (begun - len(end.finishes)))

    return ChatReply(
        id=start.id,
        model=start.model,
        created=start.created,
        message=_message(whole, end, 0),
        finish=end.finish,
        alternatives=tuple(
            Choice(message=_message(whole, end, number), finish=finish)
            for number, finish in enumerate(finishes, 1)
        ),
        usage=end.usage,
        cost=end.cost,
        price_rule=end.price_rule,
        provider=end.provider or start.provider,
        fidelity=end.fidelity,
        attempts=end.attempts,
        vendor=start.vendor | end.vendor,
    )


def _message(whole: list[tuple[int, Part]], end: ReplyEnd, choice: int) -> Message:
    """One of the answers."""
    return Message(
        role="assistant",
        parts=tuple(part for number, part in whole if number == choice),
        vendor=end.messages[choice] if choice < len(end.messages) else {},
    )


def _part(event: PartStart | PartEnd, deltas: Iterable[PartDelta]) -> Part:
    if isinstance(event, PartEnd):
        return event.part
    text, data = "".join(each.text for each in deltas), b"".join(each.data for each in deltas)
    return grown(event.part, text, data)
