"""Answers clients that take us for an Ollama server."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import msgspec

from quorate.errors import InvalidRequest, QuorateError, Unsupported
from quorate.types.chat import ChatReply, ChatRequest
from quorate.types.target import Target
from quorate.wire.seam import Call, Outline, Route, StreamWriter, WireAnswer, WireRequest

from .answer import line, write_reply
from .lines import LineWriter
from .question import decoded, is_generate, named, read_request
from .shapes import Shape


class _OutlineOptions(Shape):
    num_predict: int | None = None


class _OutlineShape(Shape):
    model: str = ""
    stream: bool | None = None
    options: _OutlineOptions | None = None


_OUTLINE = msgspec.json.Decoder(_OutlineShape)
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_JSON = {"content-type": "application/json; charset=utf-8"}


class OllamaFront:
    """Streams unless told not to, as the protocol has it."""

    routes: Sequence[Route] = (
        Route(method="POST", path="/api/chat"),
        Route(method="POST", path="/api/generate"),
    )
    request_id_header = "x-request-id"

    def outline(self, call: Call) -> Outline:
        shape = decoded(_OUTLINE, call.body)
        limit = shape.options.num_predict if shape.options else None
        return Outline(
            model=named(shape.model),
            stream=shape.stream is not False,
            max_output=limit if limit and limit > 0 else None,
            size=len(call.body),
        )

    def redirect(self, call: Call, target: Target) -> WireRequest:
        outline = self.outline(call)
        operation = "generate" if is_generate(call) else "chat"
        quirks = target.quirks
        if b'"format"' in call.body and (quirks.schema != "native" or not quirks.json_mode):
            raise Unsupported("the target takes the answer's form in another way", settings=("format",))
        return WireRequest(
            path=quirks.paths.get(operation, f"/api/{operation}").replace(
                "{model}", quote(target.model, safe=":@")
            ),
            body=renamed(call.body, target.model) if outline.model != target.model else call.body,
            query=call.query | quirks.query,
            headers=quirks.headers,
            framing="ndjson" if outline.stream else "json",
        )

    def read_request(self, call: Call) -> ChatRequest:
        return read_request(call)

    def write_reply(self, reply: ChatReply, call: Call) -> WireAnswer:
        fields = write_reply(reply, generate=is_generate(call))
        return WireAnswer(headers=_JSON, body=msgspec.json.encode(fields))

    def write_error(self, error: QuorateError, call: Call) -> WireAnswer:
        headers = dict(_JSON)
        wait: Any = getattr(error, "retry_after", None)
        if isinstance(wait, (int, float)):
            headers["retry-after"] = str(math.ceil(wait))
        return WireAnswer(
            status=error.http_status, headers=headers, body=line({"error": str(error)}).rstrip()
        )

    def stream_writer(self, call: Call) -> StreamWriter:
        return LineWriter(self._asked(call), generate=is_generate(call))

    def _asked(self, call: Call) -> str:
        """The model's name for a stream that begins without one; '' where the body has none."""
        try:
            return self.outline(call).model
        except InvalidRequest:
            return ""


def renamed(body: bytes, model: str) -> bytes:
    """The same object with another model: each value keeps its bytes."""
    fields = decoded(_FIELDS, body)
    fields["model"] = msgspec.Raw(msgspec.json.encode(model))
    return msgspec.json.encode(fields)
