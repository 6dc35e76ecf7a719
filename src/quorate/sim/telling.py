"""A whole reply as the events of a stream, a token at a time."""

from __future__ import annotations

from collections.abc import Iterator

from quorate.types.chat import ChatReply, Message
from quorate.types.events import Event, PartDelta, PartEnd, PartStart, ReplyEnd, ReplyStart
from quorate.types.parts import Media, Part, Reasoning, Refusal, Text, ToolCall
from quorate.types.value import replace

from .tokens import cut


def events_of(reply: ChatReply) -> Iterator[Event]:
    yield ReplyStart(id=reply.id, model=reply.model, created=reply.created, vendor=reply.vendor)
    index = 0
    messages: list[Message] = [reply.message, *(each.message for each in reply.alternatives)]
    for choice, message in enumerate(messages):
        for part in message.parts:
            yield PartStart(index=index, part=_emptied(part), choice=choice)
            for piece in cut(_words(part)):
                yield PartDelta(index=index, text=piece)
            yield PartEnd(index=index, part=part, choice=choice)
            index += 1
    yield ReplyEnd(
        finish=reply.finish,
        finishes=tuple(each.finish for each in reply.alternatives),
        usage=reply.usage,
        vendor=reply.vendor,
    )


def _emptied(part: Part) -> Part:
    match part:
        case Text():
            return Text(text="")
        case Reasoning():
            return Reasoning()
        case Refusal():
            return Refusal(text="")
        case ToolCall():
            return replace(part, arguments="")
        case _:
            return part


def _words(part: Part) -> str:
    match part:
        case Text(text=text) | Reasoning(text=text) | Refusal(text=text) | ToolCall(arguments=text):
            return text
        case Media(transcript=text):
            return text
        case _:
            return ""
