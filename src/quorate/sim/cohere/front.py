"""Answers what Cohere's clients ask of /v2/chat."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from quorate.errors import InvalidRequest, QuorateError
from quorate.types.chat import ChatReply, ChatRequest
from quorate.types.target import Target
from quorate.wire.json_fields import a_text
from quorate.wire.seam import Call, Outline, Route, StreamWriter, WireAnswer, WireRequest

from .answer import write_reply
from .paths import JSON, routes
from .question import read_body, read_request
from .writer import EventWriter

_TOO_LONG = "too_long"


class CohereFront:
    """A provider of this protocol, played."""

    routes: Sequence[Route] = routes("POST", "/v2/chat")
    request_id_header = "x-request-id"

    def outline(self, call: Call) -> Outline:
        body = read_body(call).rest
        return Outline(
            model=a_text(body.get("model")), stream=body.get("stream") is True, size=len(call.body)
        )

    def redirect(self, call: Call, target: Target) -> WireRequest:
        """Nobody is redirected: no client of the gateway speaks this protocol."""
        raise InvalidRequest("calls of this protocol are not forwarded")

    def read_request(self, call: Call) -> ChatRequest:
        return read_request(call)

    def write_reply(self, reply: ChatReply, call: Call) -> WireAnswer:
        return WireAnswer(headers=JSON, body=msgspec.json.encode(write_reply(reply)))

    def write_error(self, error: QuorateError, call: Call) -> WireAnswer:
        kind = {"error_type": "TOO_MANY_TOKENS"} if error.code == _TOO_LONG else {}
        retry_after = getattr(error, "retry_after", None)
        wait = {"retry-after": f"{retry_after:g}"} if retry_after is not None else {}
        body = {"id": "sim-error", "message": str(error)} | kind
        return WireAnswer(status=error.http_status, headers=JSON | wait, body=msgspec.json.encode(body))

    def stream_writer(self, call: Call) -> StreamWriter:
        return EventWriter()
