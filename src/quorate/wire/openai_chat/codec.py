"""Calls providers that speak OpenAI's chat completions, each in its dialect."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import msgspec

from quorate.errors import UpstreamError
from quorate.types.chat import ChatReply, ChatRequest, Departure
from quorate.types.target import Quirks, Target
from quorate.wire.json_fields import Json, an_object, is_object
from quorate.wire.openai_faults import read_error
from quorate.wire.seam import StreamReader, WireAnswer, WireRequest

from .fields import own
from .messages import write_messages
from .output import write_output
from .settings import bend, write_plain
from .stream import ChatStream, read_reply
from .thinking import write_thinking
from .tools import write_choice, write_tools

CHAT_PATH = "/chat/completions"

_dumps = msgspec.json.encode


def path_of(operation: str, path: str, target: Target) -> str:
    """The path of an operation: the protocol's own, or the target's with the model filled in."""
    template = target.quirks.paths.get(operation)
    return path if template is None else template.replace("{model}", quote(target.model, safe=""))


def chat_path(target: Target, *, stream: bool) -> str:
    """Some hosts have another address for streams."""
    operation = "stream" if stream and "stream" in target.quirks.paths else "chat"
    return path_of(operation, CHAT_PATH, target)


class ChatCodec:
    """OpenAI chat completions and all that is shaped like it."""

    def write_request(self, request: ChatRequest, target: Target, *, stream: bool) -> WireRequest:
        body, lost = _write_body(request, target, stream=stream)
        body, bent = bend(body, target.quirks)
        return WireRequest(
            path=chat_path(target, stream=stream),
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
        return ChatStream()


def _write_body(request: ChatRequest, target: Target, *, stream: bool) -> tuple[Json, list[Departure]]:
    quirks = target.quirks
    messages, lost = write_messages(request.messages, quirks)
    rest = dict(own(request.vendor))
    options = an_object(rest.pop("stream_options", None))
    body: Json = {**rest, "model": target.model, "messages": messages, **write_plain(request)}
    if request.tools:
        tools, departures = write_tools(request.tools, quirks)
        lost += departures
        if tools:
            body["tools"] = tools
    if request.tool_choice is not None:
        body["tool_choice"] = write_choice(request.tool_choice, request.tools, quirks)
    if request.thinking is not None:
        thinking = write_thinking(request.thinking, quirks)
        for name, value in thinking.fields.items():
            said = body.get(name)
            body[name] = said | value if is_object(said) and is_object(value) else value
        lost += thinking.lost
    if request.output is not None:
        output = write_output(request.output, quirks)
        lost += output.lost
        if output.field is not None:
            body["response_format"] = output.field
        if output.words:
            _instruct(messages, output.words, quirks)
    if stream:
        body["stream"] = True
        if options or quirks.stream_usage:
            body["stream_options"] = options | ({"include_usage": True} if quirks.stream_usage else {})
    return body, lost


def _instruct(messages: list[Json], words: str, quirks: Quirks) -> None:
    """Say something to the model after its instructions, before the conversation."""
    place = next((n for n, each in enumerate(messages) if each["role"] not in _INSTRUCTING), len(messages))
    messages.insert(place, {"role": quirks.system_role, "content": words})


_INSTRUCTING: Sequence[str] = ("system", "developer")
