"""Answers clients that speak OpenAI's responses."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from quorate.errors import InvalidRequest, QuorateError, Unsupported
from quorate.types.chat import ChatReply, ChatRequest
from quorate.types.target import Target
from quorate.wire.json_fields import Fields
from quorate.wire.openai_faults import write_error
from quorate.wire.seam import Call, Outline, Route, StreamWriter, WireAnswer, WireRequest

from .codec import CHAT_PATH, path_of
from .fields import vendor
from .ids import MARK
from .output import read_output
from .paths import query_of, routes
from .reply import write_reply
from .settings import read_plain
from .shapes import Ask, read_ask
from .thinking import read_thinking
from .tools import read_choice, read_tools
from .turns import read_conversation
from .verbatim import refuse_departures
from .writer import ResponseWriter

_loads = msgspec.json.decode
_dumps = msgspec.json.encode
_JSON = {"content-type": "application/json"}
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def _read_body(call: Call) -> Fields:
    """The body of a call, an object."""
    try:
        return Fields(_loads(call.body))
    except _UNREADABLE as error:
        raise InvalidRequest("the body is not JSON", where="") from error


class ResponsesFront:
    """OpenAI's responses, for clients."""

    routes: Sequence[Route] = routes(CHAT_PATH)
    request_id_header = "x-request-id"

    def outline(self, call: Call) -> Outline:
        try:
            ask = read_ask(call.body)
        except _UNREADABLE:
            ask = _checked(call)
        return Outline(
            model=ask.model, stream=bool(ask.stream), max_output=ask.max_output_tokens, size=len(call.body)
        )

    def redirect(self, call: Call, target: Target) -> WireRequest:
        outline = self.outline(call)
        refuse_departures(call.body, target.quirks)
        if MARK in call.body:
            raise Unsupported(
                "the call holds ids of ours, which the target does not know", settings=["input"]
            )
        return WireRequest(
            path=path_of("chat", CHAT_PATH, target),
            body=renamed(call.body, outline.model, target.model),
            query=query_of(call) | target.quirks.query,
            headers=target.quirks.headers,
            framing="sse" if outline.stream else "json",
        )

    def read_request(self, call: Call) -> ChatRequest:
        body = _read_body(call)
        model = body.needed_text("model")
        messages = read_conversation(body)
        body.flag("stream")
        text = body.inner("text")
        output = None if text is None else read_output(text)
        if text is not None and text.rest:
            body.rest["text"] = text.rest
        tools = read_tools(body)
        return ChatRequest(
            model=model,
            messages=messages,
            tools=tools,
            tool_choice=read_choice(body, tools),
            output=output,
            thinking=read_thinking(body),
            **read_plain(body),
            vendor=vendor(body.rest),
        )

    def write_reply(self, reply: ChatReply, call: Call) -> WireAnswer:
        return WireAnswer(headers=_JSON, body=_dumps(write_reply(reply, call)))

    def write_error(self, error: QuorateError, call: Call) -> WireAnswer:
        return write_error(error)

    def stream_writer(self, call: Call) -> StreamWriter:
        return ResponseWriter(call)


def _checked(call: Call) -> Ask:
    """The outline of a body that does not fit its shape at once; raises what is wrong with it."""
    body = _read_body(call)
    return Ask(
        model=body.needed_text("model"),
        stream=body.flag("stream"),
        max_output_tokens=body.integer("max_output_tokens"),
    )


class _Named(msgspec.Struct):
    model: msgspec.Raw


_read_name = msgspec.json.Decoder(_Named).decode
_read_raw = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_NAME = b'"model"'
_MOST_PLACES = 16


def renamed(body: bytes, before: str, after: str) -> bytes:
    """The body with another model's name; every other byte stays."""
    if before == after:
        return body
    name = _dumps(after)
    end = 0
    for _ in range(_MOST_PLACES):
        end = body.find(_NAME, end) + len(_NAME)
        if end < len(_NAME):
            break
        start = body.find(b'"', end)
        if body[end:start].strip() != b":":
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
