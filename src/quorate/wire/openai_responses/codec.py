"""Calls providers that speak OpenAI's responses."""

from __future__ import annotations

from urllib.parse import quote

import msgspec

from quorate.errors import UpstreamError
from quorate.types.chat import ChatReply, ChatRequest, Departure
from quorate.types.target import Target
from quorate.wire.json_fields import Json, an_object
from quorate.wire.openai_faults import read_error
from quorate.wire.seam import StreamReader, WireAnswer, WireRequest

from .conversation import write_conversation
from .fields import own
from .output import write_output
from .settings import bend, write_plain
from .stream import ResponseStream, read_reply
from .thinking import write_thinking
from .tools import write_choice, write_tools

CHAT_PATH = "/responses"

_dumps = msgspec.json.encode


def path_of(operation: str, path: str, target: Target) -> str:
    """The path of an operation: the protocol's own, or the target's with the model filled in."""
    template = target.quirks.paths.get(operation)
    return path if template is None else template.replace("{model}", quote(target.model, safe=""))


class ResponsesCodec:
    """OpenAI's responses and all that is shaped like them."""

    def write_request(self, request: ChatRequest, target: Target, *, stream: bool) -> WireRequest:
        body, lost = _write_body(request, target, stream=stream)
        body, bent = bend(body, target.quirks)
        return WireRequest(
            path=path_of("chat", CHAT_PATH, target),
            body=_dumps(body),
            query=target.quirks.query,
            headers=target.quirks.headers,
            framing="sse" if stream else "json",
            fidelity=(*lost, *bent),
        )

    def read_reply(self, answer: WireAnswer) -> ChatReply:
        return read_reply(answer)

    def read_error(self, answer: WireAnswer) -> UpstreamError:
        return read_error(answer)

    def stream_reader(self) -> StreamReader:
        return ResponseStream()


def _write_body(request: ChatRequest, target: Target, *, stream: bool) -> tuple[Json, list[Departure]]:
    quirks = target.quirks
    words, items, lost = write_conversation(request.messages, quirks)
    rest = dict(own(request.vendor))
    text = dict(an_object(rest.pop("text", None)))
    plain, unspoken = write_plain(request, quirks, rest.pop("include", None))
    lost += unspoken
    body: Json = {**rest, "model": target.model, **plain}
    if request.tools:
        tools, departures = write_tools(request.tools, quirks)
        lost += departures
        if tools:
            body["tools"] = tools
    if request.tool_choice is not None:
        body["tool_choice"] = write_choice(request.tool_choice, request.tools, quirks)
    if request.thinking is not None:
        reasoning, departures = write_thinking(request.thinking, quirks)
        lost += departures
        if reasoning:
            body["reasoning"] = reasoning
    if request.output is not None:
        output = write_output(request.output, quirks)
        lost += output.lost
        if output.field is not None:
            text["format"] = output.field
        if output.words:
            words = f"{words}\n\n{output.words}" if words else output.words
    if text:
        body["text"] = text
    if words is not None:
        body["instructions"] = words
    body["input"] = items
    if stream:
        body["stream"] = True
    return body, lost
