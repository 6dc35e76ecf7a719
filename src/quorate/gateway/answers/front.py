"""The protocol's front for one call: its answer has an id of ours, and it may go on from kept ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from quorate.errors import QuorateError, Unsupported
from quorate.types.chat import ChatReply, ChatRequest
from quorate.types.events import Event, ReplyEnd, ReplyStart
from quorate.types.parts import Vendor
from quorate.types.target import Target
from quorate.types.value import Value, replace
from quorate.wire.openai_responses.fields import NAME, own
from quorate.wire.openai_responses.line import Link, joined
from quorate.wire.openai_responses.wishes import Wishes
from quorate.wire.seam import Call, Front, Outline, Route, StreamWriter, WireAnswer, WireRequest

HONOURED = frozenset(("store", "metadata"))
"""Fields that are done here, whatever a target knows of them."""

_PREVIOUS = "previous_response_id"
_read_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class Asked(Value):
    """One call, and what the gateway makes of it."""

    call: Call
    """As the client sent it, but for the wish that nobody waits for it."""
    wishes: Wishes
    name: str
    """The id of a translated answer."""
    line: tuple[Link, ...] = ()
    """What it goes on from, the oldest first."""
    is_kept: bool = False

    @property
    def is_unknown(self) -> bool:
        """It goes on from an answer that only a provider may know."""
        return bool(self.wishes.previous) and not self.line

    @property
    def is_whole(self) -> bool:
        """All that it asks is known here."""
        return not (self.is_unknown or self.wishes.conversation or self.wishes.reference)


class KeptFront:
    """Of one call. What it is given as the call is that with the whole line in it, where it goes on from one."""

    routes: Sequence[Route] = ()

    def __init__(self, front: Front, asked: Asked) -> None:
        self._front, self.asked = front, asked
        self.request_id_header = front.request_id_header

    def outline(self, call: Call) -> Outline:
        return self._front.outline(call)

    def redirect(self, call: Call, target: Target) -> WireRequest:
        if not self.asked.line:
            return self._front.redirect(call, target)
        body, lost = joined(self.asked.call.body, self.asked.line, target.provider)
        written = self._front.redirect(replace(call, body=body), target)
        return replace(written, fidelity=(*written.fidelity, *lost))

    def read_request(self, call: Call) -> ChatRequest:
        """Raises `Unsupported` where only a provider of this protocol may know what is meant."""
        if self.asked.is_unknown:
            raise Unsupported(f"'{self.asked.wishes.previous}' is not kept here", settings=[_PREVIOUS])
        if self.asked.wishes.conversation:
            raise Unsupported("conversations are kept by their provider alone", settings=["conversation"])
        if self.asked.wishes.prompt:
            raise Unsupported("prompts with an id are kept by their provider alone", settings=["prompt"])
        return self._front.read_request(call)

    def write_reply(self, reply: ChatReply, call: Call) -> WireAnswer:
        told = replace(reply, id=self.asked.name, vendor=_own(reply.vendor, self.asked))
        return self._front.write_reply(told, self.echo)

    def write_error(self, error: QuorateError, call: Call) -> WireAnswer:
        return self._front.write_error(error, call)

    def stream_writer(self, call: Call) -> StreamWriter:
        return _Writer(self._front.stream_writer(self.echo), self.asked)

    @property
    def echo(self) -> Call:
        """The call as its answer repeats it."""
        fields: dict[str, Any] = dict(_read_fields(self.asked.call.body))
        return replace(self.asked.call, body=msgspec.json.encode(fields | settings_of(self.asked)))


class _Writer:
    """Writes a stream under our id."""

    def __init__(self, writer: StreamWriter, asked: Asked) -> None:
        self._writer, self._asked = writer, asked
        self.content_type = writer.content_type

    def write(self, event: Event) -> bytes:
        match event:
            case ReplyStart():
                vendor = _own(event.vendor, self._asked)
                return self._writer.write(replace(event, id=self._asked.name, vendor=vendor))
            case ReplyEnd(vendor=vendor) if vendor:
                return self._writer.write(replace(event, vendor=_own(vendor, self._asked)))
            case _:
                return self._writer.write(event)

    def fail(self, error: QuorateError) -> bytes:
        return self._writer.fail(error)

    def close(self) -> bytes:
        return self._writer.close()


def settings_of(asked: Asked) -> dict[str, Any]:
    """What an answer tells of the keeping, whatever the provider says of its own."""
    return {"store": asked.is_kept, _PREVIOUS: asked.wishes.previous or None}


def _own(vendor: Vendor, asked: Asked) -> Vendor:
    """What a provider of the same protocol said of its answer, as it holds for ours."""
    told = own(vendor)
    return vendor | {NAME: told | settings_of(asked)} if told else vendor
