"""A whole reply, both ways."""

from __future__ import annotations

from typing import Any

from quorate.errors import UpstreamError
from quorate.types.chat import ChatReply, Finish, Message
from quorate.wire.seam import WireAnswer

from .blocks import read_blocks, write_blocks
from .failure import broken, read_failure
from .fields import NAME, Fields, Json, Misshapen, a_text, an_object, own
from .plain import read_plain
from .shapes import read_finish, write_finish
from .usage import read_usage, write_usage

_STRUCTURE = ("type", "role")


def read_reply(answer: WireAnswer) -> ChatReply:
    if (plain := read_plain(answer.body)) is not None:
        return plain
    return read_whole(answer)


def read_whole(answer: WireAnswer) -> ChatReply:
    """A reply of any form."""
    try:
        fields = Fields(answer.body)
        if fields.peek("type") == "error" or "content" not in fields.rest:
            raise _failed(answer, fields)
        return _reply(fields)
    except Misshapen as error:
        raise broken(answer, f"the answer makes no sense ({error})") from error


def _failed(answer: WireAnswer, fields: Fields) -> UpstreamError:
    """An error inside a success, or something else than a message."""
    if "error" in fields.rest:
        return read_failure(answer)
    return broken(answer, "the answer is not a message")


def _reply(fields: Fields) -> ChatReply:
    for name in _STRUCTURE:
        fields.rest.pop(name, None)
    identity, model = fields.text("id"), fields.text("model")
    parts = read_blocks(fields.text_or_items("content"), "content")
    reason, stop = fields.text("stop_reason"), fields.text("stop_sequence")
    usage = read_usage(fields.value("usage"))
    left = fields.left()
    return ChatReply(
        id=identity,
        model=model,
        message=Message(role="assistant", parts=tuple(parts)),
        finish=finish_of(reason, stop, left),
        usage=usage,
        vendor={NAME: left},
    )


def finish_of(reason: str, stop: str, left: Json) -> Finish:
    details = an_object(left.get("stop_details"))
    return read_finish(reason, stop, a_text(details.get("explanation")))


def write_reply(reply: ChatReply) -> Json:
    return (
        head(reply.id, reply.model)
        | {
            "content": write_blocks(reply.message.parts),
            "stop_reason": write_finish(reply.finish, own=NAME in reply.vendor),
            "stop_sequence": reply.finish.stop or None,
            "usage": write_usage(reply.usage),
        }
        | own(reply.vendor)
    )


def head(identity: str, model: str) -> dict[str, Any]:
    """What a message begins with, whole or streamed."""
    return {"id": identity, "type": "message", "role": "assistant", "model": model}
