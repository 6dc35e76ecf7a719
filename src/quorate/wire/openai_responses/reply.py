"""Writes a whole response for a client; the states of a streamed one are made of the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from quorate.types.chat import ChatReply, Finish
from quorate.types.parts import Part, Refusal, Text, Vendor
from quorate.types.usage import Usage
from quorate.wire.json_fields import Json
from quorate.wire.seam import Call

from .fields import NAME, own
from .finish import write_finish
from .ids import made_id
from .items import WHOLE, grouped, item_of
from .namespaces import brought_home
from .shapes import Ask, Echo, read_ask, read_echo
from .usage import write_searches, write_usage

_DEFAULTS: Mapping[str, object] = {
    "instructions": None,
    "max_output_tokens": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "reasoning": {"effort": None, "summary": None},
    "store": False,
    "temperature": 1.0,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [],
    "top_p": 1.0,
    "truncation": "disabled",
    "user": None,
}
"""Settings that every response repeats, where the call does not make them."""

_UNSAID = (b"", b"null")
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def ask_of(call: Call) -> Ask:
    """What shapes the answer to a call; of a body that makes no sense, nothing."""
    try:
        return read_ask(call.body)
    except _UNREADABLE:
        return Ask(model="")


class Envelope:
    """A response but for its output: who answered, how it stands, the settings of the call."""

    def __init__(self, call: Call, reply_id: str, model: str, created: int, vendor: Vendor) -> None:
        head: Json = {"id": reply_id, "object": "response", "created_at": created, "model": model}
        self._head = head
        self._settings = {} if NAME in vendor else _settings(call)
        """Of a reply that came in this protocol, the provider has repeated them itself."""

    def running(self, vendor: Vendor) -> Json:
        """The response while it is made."""
        told: Json = {"status": "in_progress", "error": None, "incomplete_details": None}
        return {**self._settings, **own(vendor), **self._head, **told, "output": [], "usage": None}

    def failed(self, vendor: Vendor, output: list[Json], error: Json) -> Json:
        """The response after a failure."""
        return self.running(vendor) | {"status": "failed", "error": error, "output": output}

    def done(
        self, vendor: Vendor, output: list[Json], finish: Finish, usage: Usage, *, declined: bool
    ) -> Json:
        """The response at its end; what the provider itself said of it comes from `vendor`."""
        searches: Json = {} if NAME in vendor else write_searches(usage)
        return {
            **self._settings,
            **searches,
            **own(vendor),
            **self._head,
            **write_finish(finish, declined=declined),
            "output": output,
            "usage": write_usage(usage),
        }


def _settings(call: Call) -> Json:
    """The settings of a call, as it made them."""
    try:
        echo = read_echo(call.body)
    except _UNREADABLE:
        echo = Echo()
    made = {name: getattr(echo, name) for name in echo.__struct_fields__}
    return {**_DEFAULTS, **{name: value for name, value in made.items() if bytes(value) not in _UNSAID}}


def declines(parts: Iterable[Part]) -> bool:
    """Whether an answer is a refusal and nothing else."""
    kinds = {type(part) for part in parts}
    return Refusal in kinds and Text not in kinds


def write_output(parts: Iterable[Part], reply_id: str, ask: Ask) -> list[Json]:
    """The output items of an answer."""
    out: list[Json] = []
    homes = ask.homes
    told = [brought_home(part, homes) for part in parts] if homes else parts
    for number, (kind, group) in enumerate(grouped(told, ask.custom)):
        name = "image_generation_call" if kind == WHOLE else kind
        if item := item_of(kind, group, made_id(name, reply_id, number)):
            out.append(item)
    return out


def write_reply(reply: ChatReply, call: Call) -> Json:
    """The whole response."""
    parts = reply.message.parts
    envelope = Envelope(call, reply.id, reply.model, reply.created, reply.vendor)
    output = write_output(parts, reply.id, ask_of(call))
    return envelope.done(reply.vendor, output, reply.finish, reply.usage, declined=declines(parts))
