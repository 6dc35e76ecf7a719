"""A whole reply, both ways, and what whole replies and streams share."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Raw

from quorate.types.chat import ChatReply, Message
from quorate.types.parts import Part, Text
from quorate.types.usage import Usage
from quorate.types.value import replace
from quorate.wire.failures import request_id_of
from quorate.wire.json_fields import Json, a_text, an_object
from quorate.wire.seam import WireAnswer

from .blocks import read_content, write_content
from .failure import broken, read_failure
from .fields import NAME, Misshapen, left
from .finish import read_finish, write_finish
from .usage import read_usage, write_usage


class _Message(msgspec.Struct):
    content: list[Raw] = []


class _Output(msgspec.Struct):
    message: _Message | None = None


class _Reply(msgspec.Struct):
    output: _Output | None = None


_REPLY = msgspec.json.Decoder(_Reply)
_ANY = msgspec.json.Decoder(Any)
_KNOWN = ("output", "stopReason", "usage")


def read_reply(answer: WireAnswer) -> ChatReply:
    try:
        shape, loose = _REPLY.decode(answer.body), an_object(_ANY.decode(answer.body))
        if shape.output is None or shape.output.message is None:
            raise _failed(answer, loose)
        parts = read_content(shape.output.message.content, "output.message.content")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, Misshapen) as error:
        raise broken(answer, "the answer is not what the protocol says") from error
    rest = left(loose, _KNOWN)
    message = an_object(an_object(loose.get("output")).get("message"))
    kept = left(message, ("role", "content"))
    return ChatReply(
        id=request_id_of(answer.headers),
        model=invoked(rest),
        message=Message(role="assistant", parts=tuple(_spoken(parts)), vendor={NAME: kept} if kept else {}),
        finish=read_finish(a_text(loose.get("stopReason")), rest),
        usage=read_usage(loose.get("usage")),
        vendor={NAME: rest},
    )


def _failed(answer: WireAnswer, loose: Json) -> Exception:
    """An error inside a success, or something else than a message."""
    if "message" in loose or "__type" in loose or "x-amzn-errortype" in answer.headers:
        return read_failure(replace(answer, status=500))
    return broken(answer, "the answer is not a message")


def _spoken(parts: list[Part]) -> list[Part]:
    """Without the empty texts that stand in answers and that no stream tells of."""
    return [part for part in parts if not is_empty(part)]


def is_empty(part: Part) -> bool:
    return isinstance(part, Text) and not part.text and not part.vendor


def invoked(rest: Json) -> str:
    """The model that a prompt router chose; '' where the provider does not tell."""
    trace = an_object(an_object(rest.get("trace")).get("promptRouter"))
    return a_text(trace.get("invokedModelId")).rpartition("/")[2]


def write_reply(reply: ChatReply) -> Json:
    kept = dict(an_object(reply.vendor.get(NAME)))
    message: Json = {"role": "assistant", "content": write_content(reply.message.parts)}
    said: Json = {
        "output": {"message": message | an_object(reply.message.vendor.get(NAME))},
        "stopReason": write_finish(reply.finish),
    }
    return said | counted(reply.usage, own=NAME in reply.vendor) | kept


def counted(usage: Usage, *, own: bool) -> Json:
    """What comes with every answer of the provider's; one of its `own` may have come without."""
    said: Json = {} if own else {"metrics": {"latencyMs": 0}}
    return said if own and usage.quality == "missing" else said | {"usage": write_usage(usage)}
