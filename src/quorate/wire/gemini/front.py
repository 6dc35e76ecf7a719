"""Answers Gemini clients: Google's own libraries, AI Studio's door and Vertex AI's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Raw

from quorate.errors import InvalidRequest, QuorateError
from quorate.types.chat import ChatReply, ChatRequest
from quorate.types.target import Target
from quorate.wire.seam import Call, Outline, Route, StreamWriter, WireAnswer, WireRequest

from .address import STREAM, address_of, is_sse, routes
from .answer import ReplyWriter, write_reply
from .ask import read_chat
from .failure import retry_after_of, write_failure
from .fields import Misshapen
from .request import encode, path_to
from .verbatim import refuse_departures

JSON = {"content-type": "application/json; charset=UTF-8"}


class _Limits(msgspec.Struct):
    camel: int | float | str | None = msgspec.field(default=None, name="maxOutputTokens")
    snake: int | float | str | None = msgspec.field(default=None, name="max_output_tokens")


class _Sketch(msgspec.Struct):
    """The little that admission needs, under both spellings."""

    camel: _Limits | None = msgspec.field(default=None, name="generationConfig")
    snake: _Limits | None = msgspec.field(default=None, name="generation_config")


_SKETCH = msgspec.json.Decoder(_Sketch)
_OBJECT = msgspec.json.Decoder(dict[str, Raw])


class GeminiFront:
    """generateContent and streamGenerateContent."""

    routes: Sequence[Route] = routes(("generateContent", STREAM), "chat")
    request_id_header = "x-request-id"

    def outline(self, call: Call) -> Outline:
        address = address_of(call)
        try:
            sketch = _SKETCH.decode(call.body)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise InvalidRequest(f"the body is no generateContent call: {error}") from error
        limits = sketch.camel or sketch.snake
        return Outline(
            model=address.model,
            stream=address.method == STREAM,
            max_output=_whole(limits.camel or limits.snake) if limits else None,
            size=len(call.body),
        )

    def redirect(self, call: Call, target: Target) -> WireRequest:
        refuse_departures(call.body, target.quirks)
        stream = (address := address_of(call)).method == STREAM
        query = {name: value for name, value in call.query.items() if name != "key"} | target.quirks.query
        return WireRequest(
            path=path_to(target, address.method),
            body=_renamed(call.body, target.model),
            query=query,
            headers=target.quirks.headers,
            framing=("sse" if query.get("alt") == "sse" else "json_list") if stream else "json",
        )

    def read_request(self, call: Call) -> ChatRequest:
        address = address_of(call)
        try:
            return read_chat(call.body, address.model)
        except Misshapen as error:
            raise InvalidRequest(str(error), where=error.where) from error

    def write_reply(self, reply: ChatReply, call: Call) -> WireAnswer:
        return WireAnswer(headers=JSON, body=encode(write_reply(reply)))

    def write_error(self, error: QuorateError, call: Call) -> WireAnswer:
        return error_answer(error)

    def stream_writer(self, call: Call) -> StreamWriter:
        return ReplyWriter(sse=is_sse(call))


def error_answer(error: QuorateError) -> WireAnswer:
    """Google's error body with its status; how long to wait stands in the header too."""
    wait = retry_after_of(error)
    headers = JSON if wait is None else JSON | {"retry-after": f"{wait:g}"}
    return WireAnswer(status=error.http_status, headers=headers, body=encode(write_failure(error)))


def _whole(value: float | str | None) -> int | None:
    try:
        return None if value is None else int(value)
    except (ValueError, OverflowError) as error:
        where = "generationConfig.maxOutputTokens"
        raise InvalidRequest(f"'{where}' must be a whole number", where=where) from error


def _renamed(body: bytes, model: str) -> bytes:
    """The body as it came; a model's name inside it, which few clients send, is another."""
    if b'"model"' not in body:
        return body
    try:
        fields: dict[str, Any] = dict(_OBJECT.decode(body))
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise InvalidRequest("the body must be a JSON object") from error
    return encode(fields | {"model": f"models/{model}"}) if "model" in fields else body
