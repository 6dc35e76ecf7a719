"""Answers clients that speak OpenAI's chat completions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

import msgspec

from quorate.errors import InvalidRequest, QuorateError, Unsupported
from quorate.types.chat import ChatReply, ChatRequest
from quorate.types.target import Target
from quorate.wire.json_fields import Fields
from quorate.wire.openai_faults import write_error
from quorate.wire.seam import Call, Outline, Route, StreamWriter, WireAnswer, WireRequest

from .asked_usage import asking_usage, without_usage
from .chunks import ChunkWriter
from .codec import CHAT_PATH, chat_path, path_of
from .completion_stream import CompletionWriter
from .completions import COMPLETE_PATH, echoed, is_completion, read_completion, write_completion
from .fields import vendor
from .output import read_output
from .paths import deployment_of, query_of, routes
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
    """OpenAI chat completions, for clients; and the older completions, which have paths and shapes of their own."""

    routes: Sequence[Route] = (
        *routes("POST", CHAT_PATH, deployed=True),
        *routes("POST", COMPLETE_PATH, deployed=True),
    )
    request_id_header = "x-request-id"

    def outline(self, call: Call) -> Outline:
        ask = _asked(call)
        most = ask.max_completion_tokens if ask.max_completion_tokens is not None else ask.max_tokens
        return Outline(
            model=deployment_of(call) or ask.model,
            stream=bool(ask.stream),
            max_output=most,
            size=len(call.body),
        )

    def redirect(self, call: Call, target: Target) -> WireRequest:
        ask, quirks = _asked(call), target.quirks
        if is_completion(call):
            path = _path_to_complete(target)
        else:
            refuse_departures(call.body, quirks)
            path = chat_path(target, stream=bool(ask.stream))
        body = renamed(call.body, ask.model, target.model)
        asks = bool(ask.stream) and quirks.stream_usage and not ask.usage_wanted
        return WireRequest(
            path=path,
            body=asking_usage(body) if asks else body,
            query=query_of(call) | quirks.query,
            headers=quirks.headers,
            framing="sse" if ask.stream else "json",
            hide=without_usage if asks else None,
        )

    def read_request(self, call: Call) -> ChatRequest:
        body = read_body(call)
        model = model_of(body, call)
        if is_completion(call):
            body.flag("stream")
            _drop_usage_wish(body)
            return read_completion(body, model)
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
        if is_completion(call):
            return WireAnswer(headers=JSON, body=_dumps(write_completion(reply, echoed(call))))
        return WireAnswer(headers=JSON, body=_dumps(write_reply(reply, ask_of(call))))

    def write_error(self, error: QuorateError, call: Call) -> WireAnswer:
        return write_error(error)

    def stream_writer(self, call: Call) -> StreamWriter:
        ask = ask_of(call)
        if is_completion(call):
            return CompletionWriter(echoed(call), usage_wanted=ask.usage_wanted)
        return ChunkWriter(ask)


_MOST_KEPT = 64 * 1024
_last: list[tuple[Call | None, Ask]] = [(None, Ask())]
"""The call that was read last, unless it is a long one: it is asked about several times in a row."""


def _asked(call: Call) -> Ask:
    """What shapes the answer. Raises `InvalidRequest`; the model may stand in the path alone."""
    known, ask = _last[0]
    if known is not call:
        ask = _read(call)
        if len(call.body) <= _MOST_KEPT:
            _last[0] = call, ask
    return ask


def _read(call: Call) -> Ask:
    try:
        ask = read_ask(call.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _checked(call)
    return ask if ask.model or deployment_of(call) else _checked(call)


def model_of(body: Fields, call: Call) -> str:
    """The model that a call is for, taken out of its body; one in the path comes first."""
    if deployed := deployment_of(call):
        body.text("model")
        return deployed
    return body.needed_text("model")


def _path_to_complete(target: Target) -> str:
    """Raises `Unsupported` where the target's row does not say that it has the older form."""
    if "complete" not in target.quirks.paths:
        raise Unsupported(f"'{target.name}' has no path for the older completions", settings=("prompt",))
    return path_of("complete", COMPLETE_PATH, target)


def _checked(call: Call) -> Ask:
    """What shapes the answer to a body that does not fit its shape at once; raises what is wrong with it."""
    body = read_body(call)
    deployed = deployment_of(call)
    return Ask(
        model=body.text("model") if deployed else body.needed_text("model"),
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


class _Named(msgspec.Struct, gc=False):
    model: str


_read_name = msgspec.json.Decoder(_Named).decode
_read_raw = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_NAME = re.compile(rb'"model"\s*:\s*("(?:[^"\\]++|\\.)*+")', re.DOTALL)
_MOST_PLACES = 16


def renamed(body: bytes, before: str, after: str) -> bytes:
    """The body with another model's name; every other byte stays."""
    if before == after:
        return body
    name = _dumps(after)
    for found in islice(_NAME.finditer(body), _MOST_PLACES):
        start, end = found.span(1)
        changed = b"".join((body[:start], name, body[end:]))
        try:
            # a `model` deeper inside looks the same: only the outer one changes what is read
            if _read_name(changed).model == after:
                return changed
        except msgspec.MsgspecError:
            continue
    return _dumps(_read_raw(body) | {"model": msgspec.Raw(name)})
