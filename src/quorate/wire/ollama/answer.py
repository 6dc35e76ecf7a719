"""Writes an answer for a client: whole, or line by line, in the words of the path that was called."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from typing import Any

import msgspec

from quorate.types.chat import ChatReply, Finish
from quorate.types.parts import Media, Part, Reasoning, Refusal, Text, TokenLogprob, ToolCall, Vendor
from quorate.types.usage import Usage

from .conversation import write_call
from .shapes import FINISH_WORDS, FINISHES, kept, moment_of


def write_reply(reply: ChatReply, *, generate: bool) -> dict[str, Any]:
    left = kept(reply.vendor)
    body: dict[str, Any] = {"model": reply.model, "created_at": moment_of(reply.created)}
    body |= fields_of(reply.message.parts, generate=generate, vendor=reply.message.vendor)
    body |= {"done": True, "done_reason": write_finish(reply.finish)}
    return body | write_usage(reply.usage) | left


def fields_of(parts: Iterable[Part], *, generate: bool, vendor: Vendor | None = None) -> dict[str, Any]:
    """The part of an answer that says what the model said."""
    content: list[str] = []
    thoughts: list[str] = []
    images: list[str] = []
    calls: list[dict[str, Any]] = []
    logprobs: list[dict[str, Any]] = []
    for part in parts:
        match part:
            case Text(text=text):
                content.append(text)
                logprobs.extend(write_logprobs(part.logprobs))
            case Refusal(text=text) | Media(data=b"", transcript=text):
                content.append(text)
            case Reasoning(text=text) if text:
                thoughts.append(text)
            case Media(kind="image", data=data):
                images.append(b64encode(data).decode())
            case ToolCall(hosted=False):
                calls.append(write_call(part))
            case _:
                pass  # the protocol has no place for it
    said: dict[str, Any] = {"response" if generate else "content": "".join(content)}
    if thoughts:
        said["thinking"] = "\n\n".join(thoughts)
    if images:
        said |= {"image": images[0]} if generate else {"images": images}
    if calls:
        said["tool_calls"] = calls
    if not generate:
        said = {"message": {"role": "assistant"} | said | kept(vendor or {})}
    return said | ({"logprobs": logprobs} if logprobs else {})


def write_logprobs(logprobs: Iterable[TokenLogprob]) -> list[dict[str, Any]]:
    return [
        {"token": each.token, "logprob": each.logprob}
        | ({"top_logprobs": write_logprobs(each.top)} if each.top else {})
        | kept(each.vendor)
        for each in logprobs
    ]


def write_finish(finish: Finish) -> str:
    """The provider's word where it is one of this protocol and means the same, else ours."""
    if finish.reason == "other" and finish.raw:
        return finish.raw
    word = FINISH_WORDS[finish.reason]
    if FINISHES.get(finish.raw) in (finish.reason, FINISHES[word]):
        return finish.raw
    return word


def write_usage(usage: Usage) -> dict[str, Any]:
    """The counts, and the durations where an Ollama server told them."""
    counts: dict[str, Any] = dict(kept(usage.vendor))
    if usage.quality == "missing":
        return counts | ({"eval_count": usage.output_total} if usage.output_total else {})
    return counts | {"prompt_eval_count": usage.input_total, "eval_count": usage.output_total}


def line(fields: dict[str, Any]) -> bytes:
    """One line. Arguments are written as the model wrote them, and may hold line ends between their tokens."""
    return msgspec.json.encode(fields).replace(b"\r", b" ").replace(b"\n", b" ") + b"\n"
