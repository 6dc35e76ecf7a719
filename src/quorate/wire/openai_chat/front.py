"""Answers clients that speak OpenAI's chat completions."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from quorate.errors import InvalidRequest, QuorateError
from quorate.types.chat import ChatReply, ChatRequest
from quorate.types.target import Target
from quorate.wire.json_fields import Fields
from quorate.wire.openai_faults import write_error
from quorate.wire.seam import Call, Outline, Route, StreamWriter, WireAnswer, WireRequest

from .chunks import ChunkWriter
from .codec import CHAT_PATH, path_of
from .fields import vendor
from .output import read_output
from .reply import write_reply
from .settings import read_plain
from .shapes import Ask, read_ask
from .thinking import read_thinking
from .tools import read_choice, read_tools
from .turns import read_messages
from .verbatim import refuse_departures

_loads = msgspec.json.decode
_dumps = msgspec.json.encode
JSON = {"content-type": "application/json"}


def read_body(call: Call) -> Fields:
    """The body of a call, an object."""
    try:
        return Fields(_loads(call.body))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidRequest("the body is not JSON", where="") from error


def ask_of(call: Call) -> Ask:
    """What shapes the answer to a call; of a body that makes no sense, nothing."""
    try:
        return read_ask(call.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Ask(model="")


class ChatFront:
    """OpenAI chat completions, for clients."""

    routes: Sequence[Route] = (Route(method="POST", path="/v1/chat/completions"),)

    def outline(self, call: Call) -> Outline:
        try:
            ask = read_ask(call.body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            ask = _checked(call)
        most = ask.max_completion_tokens if ask.max_completion_tokens is not None else ask.max_tokens
        return Outline(model=ask.model, stream=bool(ask.stream), max_output=most, size=len(call.body))

    def redirect(self, call: Call, target: Target) -> WireRequest:
        outline = self.outline(call)
        refuse_departures(call.body, target.quirks)
        return WireRequest(
            path=path_of("chat", CHAT_PATH, target),
            body=renamed(call.body, outline.model, target.model),
            query=call.query | target.quirks.query,
            headers=target.quirks.headers,
            framing="sse" if outline.stream else "json",
        )

    def read_request(self, call: Call) -> ChatRequest:
        body = read_body(call)
        model = body.needed_text("model")
        raw = body.items("messages")
        if not raw:
            raise body.wrong("messages", "a list with at least one message")
        messages = read_messages(raw)
        body.flag("stream")
        _drop_usage_wish(body)
        plain = read_plain(body)
        return ChatRequest(
            model=model,
            messages=messages,
            tools=read_tools(body),
            tool_choice=read_choice(body),
            output=read_output(body),
            thinking=read_thinking(body),
            vendor=vendor(body.rest),
            **plain,
        )

    def write_reply(self, reply: ChatReply, call: Call) -> WireAnswer:
        return WireAnswer(headers=JSON, body=_dumps(write_reply(reply, ask_of(call))))

    def write_error(self, error: QuorateError, call: Call) -> WireAnswer:
        return write_error(error)

    def stream_writer(self, call: Call) -> StreamWriter:
        return ChunkWriter(ask_of(call))


def _checked(call: Call) -> Ask:
    """The outline of a body that does not fit its shape at once; raises what is wrong with it."""
    body = read_body(call)
    return Ask(
        model=body.needed_text("model"),
        stream=body.flag("stream"),
        max_tokens=body.integer("max_tokens"),
        max_completion_tokens=body.integer("max_completion_tokens"),
    )


def _drop_usage_wish(body: Fields) -> None:
    """The wish for usage is the stream writer's affair; other options of the stream go on."""
    if (options := body.inner("stream_options")) is not None:
        options.flag("include_usage")
        if options.rest:
            body.rest["stream_options"] = options.rest


class _Named(msgspec.Struct):
    model: msgspec.Raw


_read_name = msgspec.json.Decoder(_Named).decode
_read_raw = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_MOST_PLACES = 16


def renamed(body: bytes, before: str, after: str) -> bytes:
    """The body with another model's name; every other byte stays."""
    if before == after:
        return body
    name = _dumps(after)
    place = -1
    for _ in range(_MOST_PLACES):
        place = body.find(b'"model"', place + 1)
        if place < 0:
            break
        end = place + len(b'"model"')
        rest = body[end : end + 16].lstrip()
        start = body.find(b'"', end)
        if not rest.startswith(b":") or body[end:start].strip() != b":":
            continue
        changed = body[:start] + name + body[_string_end(body, start) :]
        try:
            # a `model` deeper inside looks the same: only the outer one changes what is read
            if _loads(_read_name(changed).model) == after:
                return changed
        except msgspec.MsgspecError:
            continue
    return _dumps(_read_raw(body) | {"model": msgspec.Raw(name)})


def _string_end(body: bytes, start: int) -> int:
    """The place after the JSON string that starts there."""
    place = start + 1
    while body[place : place + 1] not in (b'"', b""):
        place += 2 if body[place : place + 1] == b"\\" else 1
    return place + 1
