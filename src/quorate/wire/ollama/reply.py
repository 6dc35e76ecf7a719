"""Reads an answer of an Ollama server: the whole of it, and what whole answers and streams share."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Mapping
from hashlib import blake2s
from typing import Any

import msgspec

from quorate.types.chat import ChatReply, Finish, Message
from quorate.types.parts import Media, Part, Reasoning, Text, TokenLogprob, ToolCall, Vendor
from quorate.types.usage import MISSING, Usage
from quorate.wire.seam import WireAnswer

from .failure import broken, read_failure
from .pictures import media_type_of
from .shapes import (
    FINISHES,
    METRICS,
    PROTOCOL,
    CallShape,
    MessageShape,
    ReplyShape,
    leftovers,
    object_of,
    seconds_of,
    vendor_of,
)

_REPLY = msgspec.json.Decoder(ReplyShape)
_TEXT = msgspec.json.Decoder(str)

KNOWN = frozenset("model message response thinking image tool_calls done done_reason logprobs error".split())
"""Fields of an answer that are read into values; counts and durations go with the usage."""

_LOGPROB_KNOWN = frozenset(("token", "logprob", "top_logprobs"))
_MESSAGE_KNOWN = frozenset("role content thinking images tool_calls".split())


def read_reply(answer: WireAnswer) -> ChatReply:
    try:
        shape = _REPLY.decode(answer.body)
        loose: dict[str, Any] = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise broken(answer, "the answer is not what Ollama's protocol says") from error
    if shape.error:
        raise read_failure(answer)
    if shape.done is False or (shape.message is None and shape.response is None):
        raise broken(answer, "the answer is not whole")
    piece = piece_of(shape)
    logprobs = read_logprobs(loose.get("logprobs") or ())
    parts = _parts(piece, logprobs, calls_of(piece.tool_calls or (), loose, shape.created_at, 0))
    return ChatReply(
        id="",
        model=shape.model,
        created=seconds_of(shape.created_at),
        message=Message(role="assistant", parts=parts, vendor=message_vendor(loose)),
        finish=read_finish(shape, calls=any(isinstance(part, ToolCall) for part in parts)),
        usage=read_usage(shape, loose),
        vendor=reply_vendor(loose, spare=[] if piece.content else loose.get("logprobs")),
    )


def _parts(
    piece: MessageShape, logprobs: tuple[TokenLogprob, ...], calls: list[ToolCall]
) -> tuple[Part, ...]:
    parts: list[Part] = []
    if piece.thinking:
        parts.append(Reasoning(text=piece.thinking))
    if piece.content:
        parts.append(Text(text=piece.content, logprobs=logprobs))
    parts.extend(read_pictures(piece.images or ()))
    parts.extend(calls)
    return tuple(parts)


def piece_of(shape: ReplyShape) -> MessageShape:
    """The message of /api/chat, or the same made of the fields of /api/generate."""
    if shape.message is not None:
        return shape.message
    return MessageShape(
        content=shape.response,
        thinking=shape.thinking,
        images=[shape.image] if shape.image else None,
        tool_calls=shape.tool_calls,
    )


def read_pictures(images: Iterable[str]) -> list[Media]:
    """Pictures of an answer. What is not base64 is passed over: an answer is not lost for it."""
    pictures: list[Media] = []
    for image in images:
        try:
            data = b64decode(image, validate=True)
        except ValueError:
            continue
        pictures.append(Media(kind="image", media_type=media_type_of(data), data=data))
    return pictures


def read_logprobs(told: Iterable[Mapping[str, Any]]) -> tuple[TokenLogprob, ...]:
    """Of objects that were decoded once with their shape: the fields are there."""
    return tuple(
        TokenLogprob(
            token=each["token"],
            logprob=each["logprob"],
            top=read_logprobs(each.get("top_logprobs") or ()),
            vendor=vendor_of(leftovers(each, _LOGPROB_KNOWN)),
        )
        for each in told
    )


def calls_of(
    shapes: Iterable[CallShape], loose: Mapping[str, Any], moment: str | None, first: int
) -> list[ToolCall]:
    """Tool calls with what else was said of them; `first` is the number of calls before these."""
    told: list[Any] = object_of(loose.get("message") or loose).get("tool_calls") or []
    return [
        ToolCall(
            id=shape.id or made_id(moment or "", first + number, shape),
            name=shape.function.name,
            arguments=arguments_of(shape.function.arguments),
            vendor=call_vendor(each),
        )
        for number, (shape, each) in enumerate(zip(shapes, told, strict=True))
    ]


def call_vendor(call: Mapping[str, Any]) -> Vendor:
    """Leftovers of a call: its own, and its function's under 'function'."""
    left = leftovers(call, ("id", "function"))
    function: Any = call.get("function")
    if inner := leftovers(function, ("name", "arguments")):
        left["function"] = inner
    return vendor_of(left)


def arguments_of(raw: msgspec.Raw) -> str:
    """JSON text of an object as it came. Some imitations send the text of the object as a string."""
    text = bytes(raw)
    if text.startswith(b'"'):
        return _TEXT.decode(text)
    return "{}" if text == b"null" else text.decode()


def made_id(moment: str, number: int, shape: CallShape) -> str:
    """An id for a call that came without: the same for the same answer, another for any other."""
    said = f"{moment}\n{number}\n{shape.function.name}\n".encode() + bytes(shape.function.arguments)
    return f"call_{blake2s(said, digest_size=6).hexdigest()}"


def read_finish(shape: ReplyShape, *, calls: bool) -> Finish:
    """Versions before the field say nothing at the end of an answer that stopped by itself."""
    raw = shape.done_reason or ""
    reason = FINISHES.get(raw, "other") if raw else "stop"
    return Finish(reason="tool_calls" if calls and reason == "stop" else reason, raw=raw)


def read_usage(shape: ReplyShape, loose: Mapping[str, Any]) -> Usage:
    """Counts of zero are left out by the server, and so is the prompt's count where its cache held it all.

    So a missing `eval_count` beside the prompt's is 0, but a missing `prompt_eval_count` is a prompt of
    unknown length: the output stands, and the quality says that the counts are not complete.
    """
    asked, written = shape.prompt_eval_count, shape.eval_count
    if asked is None and written is None:
        return MISSING
    if min(asked or 0, written or 0) < 0:
        return Usage(quality="inconsistent", vendor={PROTOCOL: metrics_of(loose)})
    return Usage(
        input=asked or 0,
        output=written or 0,
        quality="exact" if asked is not None else "missing",
        vendor={PROTOCOL: metrics_of(loose)},
    )


def metrics_of(loose: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in loose.items() if key.endswith(METRICS)}


def message_vendor(loose: Mapping[str, Any]) -> Vendor:
    return vendor_of(leftovers(object_of(loose.get("message")), _MESSAGE_KNOWN))


def reply_vendor(loose: Mapping[str, Any], spare: list[Any] | None = None) -> Vendor:
    """What else the answer says. `spare` logprobs have no text to stand on: they stay as they came."""
    left = {key: value for key, value in leftovers(loose, KNOWN).items() if not key.endswith(METRICS)}
    if spare:
        left["logprobs"] = spare
    if "prompt_eval_count" not in loose and "eval_count" not in loose:
        left |= metrics_of(loose)
    return vendor_of(left)
