"""Writes a whole reply for a client: the message of each answer with everything it holds."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from quorate.types.chat import ChatReply, Finish, Message
from quorate.types.parts import Citation, Media, Opaque, Part, Reasoning, Refusal, Text, ToolCall
from quorate.wire.json_fields import Json, a_list, an_object

from .calls import is_custom, is_legacy, write_call, write_legacy
from .fields import own
from .finish import write_finish
from .logprobs import write_logprob
from .media import data_url
from .messages import ANNOTATION
from .shapes import Ask
from .sources import is_beside, write_annotation, write_beside
from .thoughts import is_chunk, reply_fields, write_chunk
from .usage import write_usage


def write_reply(reply: ChatReply, ask: Ask) -> Json:
    """The body of a whole reply."""
    rest = dict(own(reply.vendor))
    kept = a_list(rest.pop("choices", None))
    answers = [(reply.message, reply.finish), *((each.message, each.finish) for each in reply.alternatives)]
    choices = [
        _write_choice(number, message, finish, ask, kept_choice(kept, number))
        for number, (message, finish) in enumerate(answers)
    ]
    body: Json = {
        "id": reply.id,
        "object": "chat.completion",
        "created": reply.created,
        "model": reply.model,
        "choices": choices,
    }
    usage = write_usage(reply.usage)
    if usage is not None:
        body["usage"] = usage
    return body | write_beside(reply.message.parts) | rest


def kept_choice(kept: list[Any], number: int) -> Json:
    """What a choice held that has no place in our values."""
    return an_object(kept[number]) if number < len(kept) else {}


def _write_choice(number: int, message: Message, finish: Finish, ask: Ask, rest: Json) -> Json:
    written = write_message(message, ask)
    reason = write_finish(finish, declined=declined(message.parts), legacy="function_call" in written)
    logprobs = write_logprobs(message.parts)
    if logprobs is not None:
        rest = rest | {"logprobs": an_object(rest.get("logprobs")) | logprobs}
    return {"index": number, "message": written, "logprobs": None, "finish_reason": reason} | rest


def declined(parts: Sequence[Part]) -> bool:
    """The answer is a refusal and nothing else that is said."""
    return any(isinstance(part, Refusal) for part in parts) and not any(
        isinstance(part, Text) for part in parts
    )


def write_logprobs(parts: Sequence[Part]) -> Json | None:
    """The `logprobs` of a choice; None where no token has one."""
    tokens = [write_logprob(one) for part in parts if isinstance(part, Text) for one in part.logprobs]
    refused = [
        one for part in parts if isinstance(part, Refusal) for one in own(part.vendor).get("logprobs", [])
    ]
    return {"content": tokens or None, "refusal": refused or None} if tokens or refused else None


def write_message(message: Message, ask: Ask) -> Json:
    """The `message` of a choice."""
    parts = message.parts
    refusals = [part.text for part in parts if isinstance(part, Refusal)]
    out: Json = {"role": "assistant", "content": _content(parts), "refusal": "".join(refusals) or None}
    out |= reply_fields([part for part in parts if isinstance(part, Reasoning) and not is_chunk(part)])
    if annotations := [write_annotation(part) for part in annotations_of(parts)]:
        out["annotations"] = annotations
    for part in parts:
        if isinstance(part, Media) and part.kind == "audio":
            out["audio"] = write_sound(part)
        elif isinstance(part, Media):
            out.setdefault("images", []).append(write_image(part))
    out |= _calls([part for part in parts if isinstance(part, ToolCall)], ask)
    return out | own(message.vendor)


def annotations_of(parts: Sequence[Part]) -> list[Citation | Opaque]:
    """The parts that stand among a message's annotations."""
    found: list[Citation | Opaque] = []
    for part in parts:
        match part:
            case Citation() if not is_beside(part):
                found.append(part)
            case Opaque() if part.kind.startswith(ANNOTATION) and own(part.vendor):
                found.append(part)
            case _:
                pass
    return found


def _content(parts: Sequence[Part]) -> str | list[Json] | None:
    """A string, as clients expect; a list only where a part came in one and holds more than its words."""
    listed = [_item(part) for part in parts]
    if any(_needs_list(part) for part in parts):
        return [item for item in listed if item is not None]
    words = [part.text for part in parts if isinstance(part, Text)]
    return "".join(words) if words else None


def _needs_list(part: Part) -> bool:
    match part:
        case Text():
            return bool(own(part.vendor))
        case Reasoning():
            return is_chunk(part)
        case Opaque():
            return bool(own(part.vendor)) and not part.kind.startswith(ANNOTATION)
        case _:
            return False


def _item(part: Part) -> Json | None:
    """The part in a content list; None where its place is elsewhere."""
    match part:
        case Text():
            return {"type": "text", "text": part.text, **own(part.vendor)}
        case Reasoning() if is_chunk(part):
            return write_chunk(part)
        case Opaque() if _needs_list(part):
            return own(part.vendor)
        case _:
            return None


def write_sound(part: Media) -> Json:
    """A sound that the model made."""
    data = b64encode(part.data).decode()
    told = {"id": part.file_id, "data": data, "transcript": part.transcript, "expires_at": 0}
    return told | an_object(own(part.vendor).get("audio"))


def write_image(part: Media) -> Json:
    """An image that the model made, as gateways tell it."""
    return {"type": "image_url", "image_url": {"url": data_url(part)}} | own(part.vendor)


def _calls(calls: Sequence[ToolCall], ask: Ask) -> Json:
    out: Json = {}
    if executed := [entry for call in calls if (entry := executed_of(call))]:
        out["executed_tools"] = executed
    wanted = [call for call in calls if not call.hosted]
    if wanted and (ask.legacy or is_legacy(wanted[0])):
        out["function_call"] = write_legacy(wanted[0])
    elif wanted:
        out["tool_calls"] = [write_call(call, custom=custom(call, ask)) for call in wanted]
    return out


def executed_of(call: ToolCall) -> Json:
    """The server's own word of a tool it ran; empty where it has none of this protocol."""
    return an_object(own(call.vendor).get("executed_tool")) if call.hosted else {}


def custom(call: ToolCall, ask: Ask) -> bool:
    """The client offered it as a free-text tool."""
    return is_custom(call) or call.name in ask.custom
